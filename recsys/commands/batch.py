"""python -m recsys batch."""

import argparse
from pathlib import Path

from recsys.commands.arguments import add_k, positive, tell
from recsys.data.layouts import read_interactions
from recsys.pipelines.batch import recommend_all
from recsys.pipelines.recommend import artifact_in


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Declare the arguments."""
    parser = commands.add_parser("batch", help="recommend for everybody in a file of interactions")
    parser.add_argument("--model", type=Path, required=True, help="an artifact, or a directory of artifacts")
    parser.add_argument("--interactions", type=Path, required=True, help="what the learners did so far")
    parser.add_argument("--out", type=Path, required=True, help="CSV to write: user_id, rank, item_id, score")
    parser.add_argument("--workers", type=positive, help="processes (default: one per processor)")
    add_k(parser)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> None:
    """Write the file."""
    interactions = read_interactions(options.interactions)
    count = recommend_all(artifact_in(options.model), interactions, options.out, k=options.k, workers=options.workers, progress=tell)
    print(f"{count:,} learners: {options.out}")
