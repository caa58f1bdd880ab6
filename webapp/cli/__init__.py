"""`flask` commands, one file per noun, and those of Flask-Migrate."""

from flask import Flask
from flask_migrate import Migrate

from webapp.cli.catalogs import catalogs
from webapp.cli.data import data
from webapp.cli.jobs import jobs
from webapp.cli.prepare import prepare
from webapp.cli.recsys import recsys
from webapp.cli.users import users
from webapp.extensions import db
from webapp.readiness import MIGRATIONS


def register_commands(app: Flask) -> None:
    """Add the groups to `flask`, and tell `flask db` where the migrations are."""
    Migrate(app, db, directory=str(MIGRATIONS), render_as_batch=True, compare_type=True)
    for command in (catalogs, data, jobs, prepare, recsys, users):
        app.cli.add_command(command)
