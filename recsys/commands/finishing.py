"""python -m recsys finishing."""

import argparse
import json
from pathlib import Path

from recsys.commands.arguments import add_seed, print_problems
from recsys.completion.attempt_readers import accepted_csv_columns, read_source
from recsys.errors import DataError
from recsys.faults import Fault
from recsys.pipelines.completion import describe_completion, evaluate_completion, fit_completion


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Declare the arguments."""
    parser = commands.add_parser("finishing", help="the chance that a learner finishes a course: measure it, and store the model")
    parser.add_argument(
        "attempts", type=Path, help=f"folder of mars-en or OULAD, or a CSV with some of {', '.join(accepted_csv_columns())}"
    )
    parser.add_argument("--items", type=Path, help="catalog of a CSV")
    parser.add_argument("--activity", type=Path, help="CSV with user_id,timestamp: when learners were active")
    parser.add_argument("--out", type=Path, help="fit on everything and store the model here")
    parser.add_argument("--json", type=Path, help="write the figures here")
    add_seed(parser)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> None:
    """Measure on later attempts, print, and store where asked to."""
    source = read_source(options.attempts, options.items, options.activity)
    print_problems(options.attempts, source.problems)
    report = evaluate_completion(source, options.seed)
    print(describe_completion(report))
    try:
        if options.json:
            options.json.write_text(json.dumps(report, indent=1, allow_nan=False) + "\n", "utf-8")
        if options.out:
            fit_completion(source, options.out)
    except OSError as error:
        raise DataError(Fault.FILE_NOT_WRITTEN, file=error.filename, error=error.strerror) from error
