"""`flask data`: bring data in."""

import click
from flask import current_app
from flask.cli import AppGroup, with_appcontext

from webapp.policies import Actor
from webapp.sample.accounts import ADMIN, CREATOR, LEARNER
from webapp.sample.catalog import CatalogError
from webapp.sample.load import LEARNERS, SEED, load_sample
from webapp.services.errors import ServiceError
from webapp.transactions import unit_of_work

data = AppGroup("data", help="Bring data in.")


def load_sample_world(learners: int = LEARNERS, seed: int = SEED) -> None:
    """Load the sample world and say how to sign in."""
    settings = current_app.extensions["settings"]
    try:
        with unit_of_work():
            world = load_sample(Actor.system(), learners, seed, settings.sample_password)
    except (ServiceError, CatalogError) as error:
        raise click.ClickException(str(error)) from error
    if not world.loaded:
        click.echo(f"The sample world is there already ({world.courses} courses): nothing changed.")
        return
    click.echo(
        f"Loaded {world.courses} courses with {world.lessons:,} lessons, {world.learners:,} people, "
        f"{world.enrollments:,} enrollments and {world.events:,} events. All of it is sample data."
    )
    click.echo(f"Sign in as {LEARNER}, {CREATOR} or {ADMIN}.")
    if not settings.sample_password:
        click.echo(f"Their password, shown only this once: {world.password}")


@data.command("sample")
@click.option("--learners", default=LEARNERS, show_default=True, type=click.IntRange(1, 100_000), help="How many learners to simulate.")
@click.option("--seed", default=SEED, show_default=True, help="Same seed, same behavior.")
@with_appcontext
def sample_command(learners: int, seed: int) -> None:
    """Fill a database without courses with the sample world."""
    load_sample_world(learners, seed)
