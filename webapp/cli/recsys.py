"""`flask recsys`: train, evaluate, promote and roll back models."""

import sys
from pathlib import Path

import click

from webapp.cli.group import DatabaseGroup
from webapp.cli.jobs import run_here, run_words
from webapp.models.operations import RunStatus
from webapp.policies import System
from webapp.queries.job_runs import model_version
from webapp.recommender.report_sentences import promotion_note
from webapp.recommender.serving.serving_model import live_model
from webapp.registries.jobs import RETRAIN
from webapp.services.errors import Conflict
from webapp.services.model_lifecycle import promote_model, roll_back_model
from webapp.transactions import unit_of_work
from webapp.wording.faults import fault_words
from webapp.wording.jobs import run_sentence
from webapp.wording.model_card import promoted_by

recsys = DatabaseGroup("recsys", help="The recommender's models.")


@recsys.command("train")
def train() -> None:
    """Train on the data as they are; the new model serves within a second if it is no worse than the present one."""
    try:
        run = run_here(RETRAIN)
    except Conflict as error:
        raise click.ClickException(str(error)) from error
    click.echo(run_words(run))
    sys.exit(int(run.status is not RunStatus.SUCCEEDED))


@recsys.command("promote")
@click.argument("version")
@click.option("--why", default="", help="The reason, kept with the decision.")
def promote(version: str, why: str) -> None:
    """Let a model serve, whatever the gate said of it."""
    try:
        with unit_of_work():
            promote_model(System(), version, why)
    except Conflict as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"{version} serves.")


@recsys.command("rollback")
@click.option("--why", default="", help="The reason, kept with the decision.")
def rollback(why: str) -> None:
    """Let the model serve again that did so before the present one."""
    try:
        with unit_of_work():
            version = roll_back_model(System(), why)
    except Conflict as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"{version} serves again.")


@recsys.command("evaluate")
@click.option("--models", default="popularity,ease,hybrid,hybrid_policy", show_default=True, help="all, or names separated by commas.")
@click.option("-k", default=10, show_default=True, type=click.IntRange(1, 1_000_000), help="Length of lists.")
@click.option("--json", "path", type=click.Path(dir_okay=False, writable=True, path_type=Path), help="Write the figures here.")
def evaluate(models: str, k: int, path: Path | None) -> None:
    """Measure models on courses held out of the data as they are; nothing is stored."""
    # Loaded late: pandas and scikit-learn are for commands that train.
    from webapp.recommender.training.train import NothingToTrain, evaluate_models  # noqa: PLC0415

    try:
        report = evaluate_models(models, k, lambda share, message: click.echo(f"{share:>4.0%} {run_sentence(message)}", err=True))
    except NothingToTrain as failure:
        raise click.ClickException(fault_words(failure.reason)) from failure
    click.echo(report.table())
    if path is not None:
        path.write_text(report.to_json_text(), "utf-8")


@recsys.command("status")
def status() -> None:
    """Which model serves, from when and what, and which ones were refused."""
    standing = live_model().status()
    click.echo(f"state: {standing.state.value}")
    if standing.version is not None:
        _echo_model_details(standing.version)
    if standing.promotion is not None:
        click.echo(f"since: {standing.promotion.at[:16]} UTC by {promoted_by(standing)}: {promotion_note(standing.promotion)}")
    for refused in standing.refused:
        click.echo(f"refused: {refused.version}: {fault_words(refused.reason)}")


def _echo_model_details(version: str) -> None:
    click.echo(f"version: {version}")
    with unit_of_work(writes=False):
        row = model_version(version)
    if row is None:
        click.echo("This model was not trained by this installation.")
        return
    click.echo(f"trained: {row.trained_at:%Y-%m-%d %H:%M} UTC in {row.seconds:.0f} s")
    click.echo(f"data: {row.n_interactions:,} courses taken by {row.n_users:,} learners, {row.n_items:,} courses in all")
