"""python -m recsys compare."""

import argparse
from pathlib import Path

from recsys.commands.arguments import add_k, add_seed
from recsys.data.layouts import read_interactions
from recsys.pipelines.compare import compare


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Declare the arguments."""
    parser = commands.add_parser("compare", help="two stored models side by side")
    parser.add_argument("first", type=Path, metavar="A", help="an artifact, or a directory of artifacts (its serving one)")
    parser.add_argument("second", type=Path, metavar="B", help="the other")
    parser.add_argument("--interactions", type=Path, help="learners to compare recommendations for")
    add_k(parser)
    add_seed(parser)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> None:
    """Print the comparison."""
    interactions = read_interactions(options.interactions) if options.interactions else None
    print(compare(options.first, options.second, interactions, k=options.k, seed=options.seed).to_text())
