"""Command line: python -m recsys train|evaluate|recommend."""

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from recsys.data.dataset import Dataset
from recsys.data.layouts import read_interactions, read_items
from recsys.errors import RecsysError
from recsys.pipelines.evaluate import SPLITS, evaluate, given_split, known_models, make_split, parse_models, write_report
from recsys.pipelines.recommend import describe, open_model, recommend
from recsys.pipelines.train import train

_BAD_INPUT = 2


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; 0 on success, 2 when input cannot be used (with one readable line on standard error)."""
    options = _parser().parse_args(arguments)
    try:
        command = {"train": _train, "evaluate": _evaluate, "recommend": _recommend}[options.command]
        command(options)
    except RecsysError as error:
        print(f"recsys {options.command}: {error}", file=sys.stderr)
        return _BAD_INPUT
    return 0


def _train(options: argparse.Namespace) -> None:
    items = read_items(options.items) if options.items else None
    interactions = read_interactions(options.interactions)
    directory = train(interactions, items, options.out, seed=options.seed, progress=_tell, evaluate=not options.no_evaluation)
    print(directory)


def _evaluate(options: argparse.Namespace) -> None:
    names = parse_models(options.models)
    items = read_items(options.items) if options.items else None
    dataset = Dataset.from_frames(read_interactions(options.train), items)
    split = given_split(dataset, read_interactions(options.test)) if options.test else make_split(dataset, options.split, options.seed)
    report = evaluate(split, names, k=options.k, seed=options.seed, progress=_tell)
    print(report.table())
    if options.json:
        write_report(report, options.json)


def _recommend(options: argparse.Namespace) -> None:
    recommender = open_model(options.model)
    history = [item_id.strip() for item_id in options.history.split(",") if item_id.strip()]
    slate = recommend(recommender, history, options.k, options.seed)
    if options.json:
        print(json.dumps([{"item_id": r.item_id, "score": round(r.score, 6)} for r in slate]))
    else:
        print(describe(recommender, slate))


def _tell(share: float, message: str) -> None:
    print(f"{share:>4.0%} {message}", file=sys.stderr)


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("must be at least 1")
    return number


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m recsys", description="Train, measure and ask a course recommender.")
    commands = parser.add_subparsers(dest="command", required=True)
    learning = commands.add_parser("train", help="fit the blend and store it")
    learning.add_argument("--interactions", type=Path, required=True, help="CSV: user_id,item_id[,timestamp][,weight], or a known layout")
    learning.add_argument("--items", type=Path, help="CSV: item_id[,title,description,tags,level,duration_minutes,…]")
    learning.add_argument("--out", type=Path, required=True, help="directory of artifacts; a new one is added")
    learning.add_argument("--no-evaluation", action="store_true", help="skip measuring on held-out courses")
    measuring = commands.add_parser("evaluate", help="compare models by full ranking")
    measuring.add_argument("--train", type=Path, required=True, help="interactions to train on")
    held_out = measuring.add_mutually_exclusive_group()
    held_out.add_argument("--test", type=Path, help="interactions to find")
    held_out.add_argument(
        "--split", choices=SPLITS, default="leave-last", help="how to hold out of the training file (default: %(default)s)"
    )
    measuring.add_argument("--items", type=Path, help="catalog: its items are ranked too")
    measuring.add_argument("--models", default="all", help=f"all, or some of {', '.join(known_models())}")
    measuring.add_argument("--json", type=Path, help="write the figures here")
    asking = commands.add_parser("recommend", help="recommend for a history")
    asking.add_argument("--model", type=Path, required=True, help="an artifact, or a directory of artifacts")
    asking.add_argument("--history", default="", help="item ids, oldest first, separated by commas")
    asking.add_argument("--json", action="store_true", help="print JSON")
    for command in (measuring, asking):
        command.add_argument("-k", "--k", type=_positive, default=10, help="length of lists (default: %(default)s)")
    for command in (learning, measuring, asking):
        command.add_argument("--seed", type=int, default=0, help="seed of all randomness (default: %(default)s)")
    return parser


if __name__ == "__main__":
    sys.exit(main())
