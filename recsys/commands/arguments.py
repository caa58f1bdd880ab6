"""What several commands take or say."""

import argparse
import math
import sys
from collections.abc import Sequence
from pathlib import Path

from recsys.data.dataset import Dataset
from recsys.data.layouts import read_interactions, read_items
from recsys.data.validation import RowProblem, list_problems
from recsys.errors import RecsysError
from recsys.faults import fault_sentence
from recsys.report.sentences import current_run_step_sentence
from recsys.types import Statement


def print_progress(share: float, step: Statement) -> None:
    """Progress on standard error."""
    print(f"{share:>4.0%} {current_run_step_sentence(step.code, step.params)}", file=sys.stderr)


def print_refused_model(path: Path, error: RecsysError) -> None:
    """Print on standard error a model that should have served and cannot."""
    print(f"refused: {path.name}: {error}", file=sys.stderr)


def print_problems(path: Path, problems: Sequence[RowProblem]) -> None:
    """Print on standard error the rows of a file that were left out; nothing where there are none."""
    if problems:
        reasons = "; ".join(map(fault_sentence, list_problems(problems)))
        print(f"{path.name}: {reasons}", file=sys.stderr)


def positive(text: str) -> int:
    """A whole number from 1 on, not so large that a list of that length could not be held."""
    return _number_between(text, 1, 1_000_000)


def finite_number(text: str) -> float:
    """A number, neither NaN nor infinite."""
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise argparse.ArgumentTypeError(f"{text[:40]!r} is no number")
    return number


def number_above_zero(text: str) -> float:
    """A finite number above 0."""
    number = finite_number(text)
    if number <= 0:
        raise argparse.ArgumentTypeError("must be above 0")
    return number


def _number_between(text: str, low: int, high: int) -> int:
    try:
        number = int(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text[:40]!r} is no whole number") from None
    if not low <= number <= high:
        raise argparse.ArgumentTypeError(f"must be at least {low}" if number < low else f"must be at most {high:,}")
    return number


def _seed(text: str) -> int:
    return _number_between(text, 0, 2**32 - 1)


def add_seed(parser: argparse.ArgumentParser) -> None:
    """Declare --seed."""
    parser.add_argument("--seed", type=_seed, default=0, help="seed of all randomness (default: %(default)s)")


def add_k(parser: argparse.ArgumentParser) -> None:
    """Declare --k."""
    parser.add_argument("-k", "--k", type=positive, default=10, help="length of lists (default: %(default)s)")


def read_dataset(interactions: Path, items: Path | None) -> Dataset:
    """The dataset in an interactions file and, where given, a catalog. Raises DataError."""
    return Dataset.from_frames(read_interactions(interactions), read_items(items) if items else None)
