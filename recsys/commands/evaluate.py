"""python -m recsys evaluate."""

import argparse
from pathlib import Path

from recsys.commands.arguments import add_k, add_seed, read_dataset, tell
from recsys.data.layouts import read_interactions
from recsys.pipelines.evaluate import SPLITS, evaluate, given_split, known_models, make_split, parse_models, write_report


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Declare the arguments."""
    parser = commands.add_parser("evaluate", help="compare models by full ranking")
    parser.add_argument("--train", type=Path, required=True, help="interactions to train on")
    held_out = parser.add_mutually_exclusive_group()
    held_out.add_argument("--test", type=Path, help="interactions to find")
    held_out.add_argument(
        "--split", choices=SPLITS, default="leave-last", help="how to hold out of the training file (default: %(default)s)"
    )
    parser.add_argument("--items", type=Path, help="catalog: its items are ranked too")
    parser.add_argument("--models", default="all", help=f"all, or some of {', '.join(known_models())}")
    parser.add_argument("--json", type=Path, help="write the figures here")
    add_k(parser)
    add_seed(parser)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> None:
    """Measure, print the table, write the report."""
    names = parse_models(options.models)
    dataset = read_dataset(options.train, options.items)
    split = given_split(dataset, read_interactions(options.test)) if options.test else make_split(dataset, options.split, options.seed)
    report = evaluate(split, names, k=options.k, seed=options.seed, progress=tell)
    print(report.table())
    if options.json:
        write_report(report, options.json)
