"""What all groups of commands share: they need a database that is there and up to date, and say so in a sentence."""

from collections.abc import Callable
from functools import wraps
from typing import Any

import click
from flask.cli import AppGroup
from sqlalchemy.exc import DatabaseError

from webapp.readiness import database_fault, fault_sentence
from webapp.transactions import database_url


class DatabaseGroup(AppGroup):
    """Commands about one noun; a database that cannot be used ends them with exit status 1 and no traceback."""

    def command(self, *args: Any, **kwargs: Any) -> Callable[[Callable[..., Any]], click.Command]:  # type: ignore[override]
        """A command as of any group, for a function that is called with a database only."""
        declare = super().command(*args, **kwargs)
        return lambda function: declare(_require_database(function))


def _require_database(function: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(function)
    def run(*args: Any, **kwargs: Any) -> Any:
        url = database_url()
        fault = database_fault(url)
        if fault is not None:
            raise click.ClickException(fault_sentence(fault, url))
        try:
            return function(*args, **kwargs)
        except DatabaseError as error:
            raise click.ClickException(f"The database failed in the middle of it: {error.orig}.") from error

    return run
