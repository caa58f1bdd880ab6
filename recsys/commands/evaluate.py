"""python -m recsys evaluate."""

import argparse
import sys
from pathlib import Path
from typing import Any

import pandas as pd

from recsys.commands.arguments import add_k, add_seed, print_progress, read_dataset
from recsys.data.dataset import Dataset
from recsys.data.layouts import read_interactions
from recsys.data.splits import Split
from recsys.errors import DataError
from recsys.evaluation.atomic_writes import write_atomically
from recsys.evaluation.full_ranking import Outcome
from recsys.evaluation.results import Report, build_report
from recsys.evaluation.slices import Segments
from recsys.faults import Fault
from recsys.pipelines.ablate import ablate, ablate_features
from recsys.pipelines.ageing import BY, measure_ageing
from recsys.pipelines.evaluate import (
    COLLABORATIVE,
    HYBRID,
    PROTOCOLS,
    SPLITS,
    given_split,
    known_models,
    make_split,
    measure_models,
    parse_models,
    protocol_of,
    slice_outcomes,
)
from recsys.progress_steps import Progress, sub_progress
from recsys.report.document import document


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Declare the arguments."""
    parser = commands.add_parser("evaluate", help="compare models by full ranking")
    parser.add_argument("--train", type=Path, required=True, help="interactions to train on")
    held_out = parser.add_mutually_exclusive_group()
    held_out.add_argument("--test", type=Path, help="interactions to find")
    held_out.add_argument(
        "--split", choices=SPLITS, default="leave-last", help="how to hold out of the training file (default: %(default)s)"
    )
    parser.add_argument(
        "--protocol",
        choices=PROTOCOLS,
        help="what --test holds: courses learners took after the training part, or a random part of all they took, for which models"
        " train as on data without order, as they do for --split random (default: what the times of its rows say, else future)",
    )
    parser.add_argument("--items", type=Path, help="catalog: its items are ranked too")
    parser.add_argument("--models", default="all", help=f"all, or some of {', '.join(known_models())}")
    parser.add_argument("--slices", action="store_true", help="measure by history length, popularity of the course and segment too")
    parser.add_argument("--segments", type=Path, help="CSV: user_id and a column per way to divide learners; implies --slices")
    parser.add_argument(
        "--ablation", action="store_true", help="measure the blend without each source, of each alone, and without single features"
    )
    parser.add_argument(
        "--ageing",
        nargs="?",
        const="auto",
        choices=("auto", *BY),
        help="measure the blend as it grows old, by clock or by place in the history (default: as the data allow)",
    )
    parser.add_argument("--json", type=Path, help="write the figures here")
    parser.add_argument("--html", type=Path, help="write a report with plots here")
    add_k(parser)
    add_seed(parser)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> None:
    """Measure, print the table, write the report. Raises DataError when files do not fit what is asked for."""
    if options.protocol and not options.test:
        raise DataError(Fault.PROTOCOL_WITHOUT_TEST)
    names = parse_models(options.models)
    segments = _read_segments(options.segments) if options.segments else None
    dataset = read_dataset(options.train, options.items)
    split = _split(options, dataset)
    report = _measure(options, names, dataset, split, segments)
    report.data["name"] = _dataset_name(options.train)
    report.data["split"] = "given" if options.test else options.split
    report.data["protocol"] = protocol_of(split)
    print(report.table())
    if options.json:
        write_atomically(options.json, report.to_json_text())
    if options.html:
        write_atomically(options.html, document([(report.data["name"], report.to_json())]))


def _split(options: argparse.Namespace, dataset: Dataset) -> Split:
    """What is to be found; says so when the order of the training data is left aside for it."""
    if not options.test:
        split = make_split(dataset, options.split, options.seed)
    else:
        split = given_split(dataset, read_interactions(options.test), options.protocol)
    if dataset.ordered and not split.train.ordered:
        hint = " (tell otherwise by --protocol future)" if options.test and not options.protocol else ""
        print(f"To be found is a random part of what learners took: models train as on data without order{hint}", file=sys.stderr)
    return split


def _measure(options: argparse.Namespace, names: tuple[str, ...], dataset: Dataset, split: Split, segments: Segments | None) -> Report:
    """The models, then what was asked for besides, each phase with its share of the progress."""
    sliced = options.slices or segments is not None
    if (sliced and HYBRID in names) and COLLABORATIVE not in names:
        names = (*names, COLLABORATIVE)
    if options.ablation and HYBRID not in names:
        raise DataError(Fault.ABLATION_WITHOUT_HYBRID)
    extra = [0.3 if wanted else 0.0 for wanted in (options.ablation, options.ageing is not None)]
    first, second = 1 - sum(extra), 1 - extra[1]
    outcomes = measure_models(split, names, k=options.k, seed=options.seed, progress=sub_progress(print_progress, 0, first))
    report = build_report(outcomes, split, options.k, options.seed)
    if sliced:
        report.sections["slices"] = slice_outcomes(outcomes, split, k=options.k, seed=options.seed, segments=segments)
    if options.ablation:
        report.sections["ablation"] = _ablation(split, _outcome_of(outcomes, HYBRID), options, sub_progress(print_progress, first, second))
    if options.ageing:
        by = None if options.ageing == "auto" else options.ageing
        report.sections["ageing"] = measure_ageing(
            dataset, by=by, k=options.k, seed=options.seed, progress=sub_progress(print_progress, second, 1)
        )
    return report


def _ablation(split: Split, full: Outcome, options: argparse.Namespace, progress: Progress) -> list[dict[str, Any]]:
    sources = ablate(split, full, k=options.k, seed=options.seed, progress=sub_progress(progress, 0, 0.8))
    return sources + ablate_features(split, full, k=options.k, seed=options.seed, progress=sub_progress(progress, 0.8, 1))


def _outcome_of(outcomes: list[Outcome], name: str) -> Outcome:
    return next(outcome for outcome in outcomes if outcome.name == name)


def _dataset_name(path: Path) -> str:
    """What people call the data: the folder where the file's own name says nothing."""
    stem = path.name.split(".")[0]
    return path.resolve().parent.name if stem in {"interactions", "enrollments", "train"} else stem


def _read_segments(path: Path) -> Segments:
    try:
        frame = pd.read_csv(path, dtype=str, encoding="utf-8-sig", skipinitialspace=True)
    except (OSError, ValueError) as error:
        raise DataError(Fault.CSV_UNREADABLE, file=path.name, error=error) from error
    if "user_id" not in frame.columns or len(frame.columns) < 2:
        raise DataError(Fault.SEGMENT_COLUMNS_ABSENT, file=path.name)
    frame = frame.drop_duplicates("user_id").set_index("user_id").fillna("")
    return {str(column): {str(user): str(label) for user, label in frame[column].items()} for column in frame.columns}
