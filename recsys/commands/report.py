"""python -m recsys report."""

import argparse
import json
from pathlib import Path
from typing import Any

from recsys.errors import DataError
from recsys.evaluation.atomic_writes import write_atomically
from recsys.faults import Fault
from recsys.report.document import document


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Declare the arguments."""
    parser = commands.add_parser("report", help="make one HTML page of the JSON of evaluations")
    parser.add_argument("results", type=Path, nargs="+", help="what `evaluate --json` and the benchmarks wrote")
    parser.add_argument("--html", type=Path, required=True, help="write the page here")
    parser.add_argument("--title", default="How well the recommender recommends", help="heading of the page (default: %(default)s)")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> None:
    """Read, draw, write."""
    write_atomically(options.html, document([(path.stem, _read(path)) for path in options.results], options.title))


def _read(path: Path) -> dict[str, Any]:
    try:
        values = json.loads(path.read_text("utf-8"))
    except OSError as error:
        raise DataError(Fault.FILE_NOT_READ, file=path, error=error.strerror) from error
    except (ValueError, RecursionError) as error:
        raise DataError(Fault.FILE_NOT_JSON, file=path) from error
    if not isinstance(values, dict):
        raise DataError(Fault.RESULT_NOT_AN_OBJECT, file=path)
    return values
