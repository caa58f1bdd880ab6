"""`flask prepare`: migrations, catalogs, the sample world and a first model; harmless to repeat."""

import os

import click
import flask_migrate
from flask import current_app
from flask.cli import with_appcontext
from sqlalchemy import select

from webapp.cli.catalogs import compile_and_report
from webapp.cli.jobs import run_here, run_words
from webapp.config import Settings
from webapp.extensions import db
from webapp.models.course import Course
from webapp.policies import System
from webapp.recommender.serving.serving_model import ModelState, live_model
from webapp.registries.jobs import RETRAIN
from webapp.sample.load import load_sample
from webapp.services.errors import Conflict
from webapp.transactions import unit_of_work


@click.command("prepare")
@click.option("--sample/--no-sample", default=True, help="Fill an empty database with the sample world.")
@with_appcontext
def prepare(sample: bool) -> None:
    """Migrate, compile catalogs; on an empty database load the sample world and train a first model; print the address."""
    settings: Settings = current_app.extensions["settings"]
    settings.instance_dir.mkdir(parents=True, exist_ok=True)
    flask_migrate.upgrade()
    compile_and_report()
    if sample and _is_empty():
        _load_sample_world(settings)
    if live_model().status().state is ModelState.NONE and not _is_empty():
        _train()
    port = os.environ.get("PORT", "8000")
    click.echo(f"Waymark is at http://127.0.0.1:{port} in a moment; stop it with Ctrl-C.")


def _is_empty() -> bool:
    with unit_of_work(writes=False):
        return db.session.scalar(select(Course.id).limit(1)) is None


def _load_sample_world(settings: Settings) -> None:
    click.echo("The database is empty: loading the sample world.")
    with unit_of_work():
        world = load_sample(System(), settings.sample_learners, password=settings.sample_password)
    click.echo(f"{world.courses:,} courses, {world.learners:,} accounts, {world.enrollments:,} enrollments, {world.events:,} events.")
    click.echo("Sample accounts: learner@example.com, creator@example.com, admin@example.com")
    click.echo(
        f"Their password, printed only now: {world.password}" if not settings.sample_password else "Their password is the one you set."
    )


def _train() -> None:
    click.echo("There is no model yet: training a first one.")
    try:
        click.echo(run_words(run_here(RETRAIN)))
    except Conflict as error:  # another process is at it: pages serve from popularity until it is done
        click.echo(str(error))
