"""`flask prepare`: everything between an unpacked copy and a served site, harmless to repeat."""

import os

import click
import flask_migrate
from flask import current_app
from flask.cli import with_appcontext
from sqlalchemy import select

from webapp.cli.data import load_sample_world
from webapp.cli.recsys import train_now
from webapp.extensions import db
from webapp.models import Course


@click.command("prepare")
@click.option("--sample/--no-sample", default=True, help="Fill an empty database with the sample world.")
@with_appcontext
def prepare(sample: bool) -> None:
    """Migrate; on an empty database load the sample world and train a first model; print the addresses."""
    settings = current_app.extensions["settings"]
    settings.instance_dir.mkdir(parents=True, exist_ok=True)
    flask_migrate.upgrade()
    empty = db.session.scalar(select(Course.id).limit(1)) is None
    db.session.remove()
    if empty and sample:
        click.echo("The database is empty: loading the sample world.")
        load_sample_world()
    if not any(settings.models_dir.glob("*/manifest.json")):
        click.echo("There is no model yet: training a first one.")
        train_now()
    click.echo(f"Waymark is at http://127.0.0.1:{os.environ.get('PORT', '8000')} (stop it with Ctrl-C).")
