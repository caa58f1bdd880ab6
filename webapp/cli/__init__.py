"""`flask` commands, one file per noun."""

from flask import Flask

from webapp.cli.catalogs import catalogs
from webapp.cli.data import data
from webapp.cli.jobs import jobs
from webapp.cli.prepare import prepare
from webapp.cli.recsys import recsys
from webapp.cli.users import users


def register_commands(app: Flask) -> None:
    """Add the groups to `flask`."""
    for command in (catalogs, data, jobs, prepare, recsys, users):
        app.cli.add_command(command)
