"""python -m recsys ratings."""

import argparse
from pathlib import Path

from recsys.commands.arguments import add_seed, finite_number, print_progress
from recsys.data.layouts import read_interactions, read_items
from recsys.pipelines.ratings import measure_ratings, write_ratings


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Declare the arguments."""
    parser = commands.add_parser("ratings", help="predict ratings and audit-or-complete, and measure it")
    parser.add_argument("--train", type=Path, required=True, help="interactions with a rating each (column weight, or a known layout)")
    parser.add_argument("--items", type=Path, help="catalog: topics, level and duration become features")
    parser.add_argument(
        "--threshold",
        type=finite_number,
        help="a rating from here on means completed (default: the larger of two values, else 90 %% of the largest); "
        "ibm-capstone ratings read as 2 completed and 1 audited, mars-en watch percentages as shares",
    )
    parser.add_argument("--json", type=Path, help="write the figures here")
    add_seed(parser)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> None:
    """Measure, print both tables and what they amount to, write the report."""
    items = read_items(options.items) if options.items else ()
    interactions = read_interactions(options.train)
    report = measure_ratings(interactions, items, threshold=options.threshold, seed=options.seed, progress=print_progress)
    print(report.table())
    if options.json:
        write_ratings(report, options.json)
