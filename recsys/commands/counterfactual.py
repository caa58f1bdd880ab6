"""python -m recsys counterfactual."""

import argparse
import json
from pathlib import Path

from recsys.commands.arguments import add_seed, number_above_zero, positive
from recsys.errors import DataError
from recsys.evaluation.counterfactual import Settings
from recsys.faults import Fault
from recsys.pipelines.counterfactual import evaluate_targets, read_log, read_target

_DESCRIPTION = """\
Estimate what other policies would have brought, from the slates one served.

--log: a row per place, slate_id,user_id,position,item_id,propensity,reward[,context][,served_at][,score], as CSV or JSONL.
--target NAME=FILE: a row per slate, position and item, slate_id,position,item_id[,probability].
Without a target the log itself is described: what it brought and how much it was left to chance.
"""


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Declare the arguments."""
    parser = commands.add_parser(
        "counterfactual",
        help="what another policy would have brought, from logged slates",
        description=_DESCRIPTION,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--log", type=Path, required=True, help="the log of places")
    parser.add_argument("--target", action="append", default=[], metavar="NAME=FILE", help="a policy to evaluate; may be repeated")
    parser.add_argument(
        "--clip", type=number_above_zero, default=Settings().clip, help="largest weight of the clipped estimator (default: %(default)s)"
    )
    parser.add_argument("--folds", type=positive, default=Settings().folds, help="folds of the reward model (default: %(default)s)")
    parser.add_argument("--samples", type=positive, default=Settings().samples, help="resamples of learners (default: %(default)s)")
    parser.add_argument("--json", type=Path, help="write the figures here")
    add_seed(parser)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> None:
    """Read, estimate, print table and verdict, write the figures."""
    log = read_log(options.log)
    targets = [read_target(name, path, log) for name, path in map(_parse_target, options.target)]
    if len({target.name for target in targets}) < len(targets):
        raise DataError(Fault.TARGET_NAME_REPEATED)
    settings = Settings(clip=options.clip, folds=options.folds, samples=options.samples, seed=options.seed)
    report = evaluate_targets(log, targets, settings)
    print(report.table())
    if options.json:
        _write(options.json, json.dumps(report.to_json(), indent=1, allow_nan=False) + "\n")


def _parse_target(text: str) -> tuple[str, Path]:
    name, mark, path = text.partition("=")
    if not (name and mark and path):
        raise DataError(Fault.TARGET_UNREADABLE, target=text)
    return name, Path(path)


def _write(path: Path, text: str) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    except OSError as error:
        raise DataError(Fault.FILE_NOT_WRITTEN, file=path, error=error.strerror) from error
