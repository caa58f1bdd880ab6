"""The start: what keeps this installation from serving is said in one sentence, and the exit status is 1.

`python -m webapp.start` asks without serving.
"""

import sys
from typing import NoReturn

import click
from flask import Flask
from flask.cli import ScriptInfo
from sqlalchemy import URL, make_url

from webapp.config import ConfigError, load_settings
from webapp.factory import create_app
from webapp.readiness import database_fault, fault_sentence
from webapp.support.disk_reserve import give_up_reserve, is_full


def application() -> Flask:
    """The application for a server or for `flask`, or the end of the process with a sentence.

    Commands may find a database that is still to be made or migrated; those that need one ask for it themselves.
    """
    try:
        settings = load_settings()
    except ConfigError as error:
        exit_with_message(str(error))
    url = make_url(settings.database_url)
    serves = _started_by_server()
    _make_room(url)
    fault = database_fault(url, may_be_new=not serves)
    if fault is not None:
        exit_with_message(fault_sentence(fault, url))
    return create_app(settings, serves)


def _make_room(url: URL) -> None:
    """Give up the reserve of a full disk. Opening the database makes a file beside it, and a command has nobody who sends again what
    found no room."""
    if is_full(url) and give_up_reserve(url):
        print("The disk of the database is full: its reserve has been given up. Make room soon.", file=sys.stderr)


def exit_with_message(sentence: str) -> NoReturn:
    """Print the message on standard error and exit."""
    print(sentence, file=sys.stderr)
    raise SystemExit(1)


def _started_by_server() -> bool:
    """Whether a server asks for the application: `flask run` or one that is no command of Flask."""
    context = click.get_current_context(silent=True)
    return context is None or context.info_name == "run" or context.find_object(ScriptInfo) is None


if __name__ == "__main__":
    application()
