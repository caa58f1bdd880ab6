"""python -m recsys batch."""

import argparse
import sys
from pathlib import Path

from recsys.commands.arguments import add_k, positive, print_progress, print_refused_model
from recsys.data.layouts import read_interactions
from recsys.pipelines.batch import HistoryCounts, write_recommendations
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
    """Write the file, and say on standard error what the model does not know."""
    interactions = read_interactions(options.interactions)
    artifact = artifact_in(options.model, print_refused_model)
    asked = write_recommendations(artifact, interactions, options.out, k=options.k, workers=options.workers, progress=print_progress)
    if asked.unknown_rows:
        print(_describe_unknown_course_counts(asked), file=sys.stderr)
    print(f"{asked.learners:,} learners: {options.out}")


def _describe_unknown_course_counts(asked: HistoryCounts) -> str:
    rows = f"{asked.unknown_rows:,} of {asked.rows:,} rows ({asked.unknown_rows / asked.rows:.1%}) name courses the model does not know"
    learners = "1 learner is" if asked.unknown_learners == 1 else f"{asked.unknown_learners:,} learners are"
    return f"{rows}; {learners} left with what is popular"
