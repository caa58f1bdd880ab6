"""Command line: python -m recsys train|evaluate|recommend."""

import argparse
import sys
from collections.abc import Sequence

from recsys.commands import batch, compare, counterfactual, evaluate, finishing, models, ratings, recommend, report, train
from recsys.errors import RecsysError

_BAD_INPUT = 2
_COMMANDS = (train, evaluate, report, recommend, batch, models, compare, ratings, counterfactual, finishing)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; 0 on success, 2 when input cannot be used (with one readable line on standard error)."""
    parser = argparse.ArgumentParser(prog="python -m recsys", description="Train, measure and ask a course recommender.")
    commands = parser.add_subparsers(dest="command", required=True)
    for command in _COMMANDS:
        command.add(commands)
    options = parser.parse_args(arguments)
    try:
        options.run(options)
    except (RecsysError, OSError) as error:  # an OSError that nobody put into words names its file
        print(f"recsys {options.command}: {error}", file=sys.stderr)
        return _BAD_INPUT
    return 0


if __name__ == "__main__":
    sys.exit(main())
