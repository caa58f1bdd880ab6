"""The recommender's models: what a training made is written down here, and which one serves is decided here."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from sqlalchemy import select, update

from webapp.extensions import db
from webapp.models.operations import JobRun, ModelStatus, ModelVersion
from webapp.policies import Actor, Permission, System, require
from webapp.queries.job_runs import active_run, latest_run, model_version
from webapp.recommender.report_sentences import fault_sentence
from webapp.recommender.serving.promotion import (
    AnotherModelServes,
    ModelUnusable,
    NoEarlierModel,
    NotDecided,
    promote_version,
    promotion_in_force,
    roll_back_version,
)
from webapp.recommender.serving.serving_model import live_model
from webapp.registries.jobs import RETRAIN
from webapp.services.audit import record_decision
from webapp.services.errors import Conflict
from webapp.services.notifications import tell_of_worse_model
from webapp.support.messages import gettext

if TYPE_CHECKING:
    from webapp.recommender.training.train import Trained


def current_training() -> JobRun | None:
    """The retraining that is queued or under way."""
    return active_run(RETRAIN)


def latest_retraining_run() -> JobRun | None:
    """The newest retraining, whatever became of it."""
    return latest_run(RETRAIN)


def register_model(trained: "Trained", run_id: int | None, seconds: float) -> ModelVersion:
    """Write down a freshly stored model: the live one now, or held back. Of one that is worse than the last the administrators are
    told. It is to be durable before the model serves."""
    version = ModelVersion(
        version=trained.version,
        status=ModelStatus.HELD,
        trained_at=trained.trained_at,
        seconds=round(seconds, 3),
        data_fingerprint=trained.fingerprint,
        n_users=trained.n_users,
        n_items=trained.n_items,
        n_interactions=trained.n_interactions,
        metrics=trained.metrics,
        params=trained.params,
        job_run_id=run_id,
    )
    db.session.add(version)
    db.session.flush()
    if trained.promoted:
        _retire_live()
        _mark_live(trained.version)
    if not (trained.promoted and trained.passed):
        tell_of_worse_model(trained.version, trained.promoted, trained.reasons)
    return version


def promote_model(actor: Actor, version: str, why: str = "") -> None:
    """Let a model serve, whatever the gate said of it; every worker takes it up within a second.

    Raises Forbidden, and Conflict when the model is gone or damaged.
    """
    require(actor, Permission.PROMOTE_MODEL)
    try:
        promote_version(version, why, _actor_label(actor), _decision_writer(actor, "model.promote", why))
    except ModelUnusable as error:
        raise Conflict(gettext("This model cannot serve: %(reason)s.", reason=fault_sentence(error.reason, gettext))) from error


def roll_back_model(actor: Actor, why: str = "", only_from: str | None = None) -> str:
    """Let the model serve again that did so before the present one; its version. `only_from` names the present one where the actor has
    seen it: pressed twice, or in an old tab, nothing else is taken back.

    Raises Forbidden, and Conflict when there is no earlier one, another one serves by now, or it cannot be stored.
    """
    require(actor, Permission.PROMOTE_MODEL)
    try:
        return roll_back_version(why, _actor_label(actor), _decision_writer(actor, "model.roll_back", why), only_from)
    except AnotherModelServes as error:
        raise Conflict(gettext("Another model serves by now, so nothing was changed. Look at it first.")) from error
    except NoEarlierModel as error:
        raise Conflict(gettext("There is no earlier model left to go back to.")) from error
    except NotDecided as error:
        reason = fault_sentence(error.reason, gettext)
        raise Conflict(gettext("Nothing was changed, as it cannot be stored which model serves: %(reason)s.", reason=reason)) from error


def record_serving_model() -> None:
    """Write down which model serves where nobody did: whoever decided it was killed before their entry was durable, or works beside this
    application (`python -m recsys models`). What the rows say follows, as after a training that was killed before its model served.
    """
    # On PostgreSQL whoever decides at this moment ends first.
    db.session.scalars(select(ModelVersion.id).where(ModelVersion.status == ModelStatus.LIVE).with_for_update()).all()
    noted = db.session.scalars(select(ModelVersion.version).where(ModelVersion.status == ModelStatus.LIVE)).all()
    promotion = promotion_in_force()
    if promotion is None or list(noted) == [promotion.name]:
        return
    if not noted and model_version(promotion.name) is None:
        return  # trained elsewhere: there is no row that could say it
    _retire_live()
    _mark_live(promotion.name)
    detail = {"before": next(iter(noted), None), "at": promotion.at, "by": promotion.by, "why": promotion.why}
    record_decision(System(), "model.found_serving", f"model:{promotion.name}", **detail)


def _decision_writer(actor: Actor, action: str, why: str) -> Callable[[str], None]:
    """Writes down which model is to serve, and who decided that. It is called before the file that says who serves is written: where the
    database takes no write, the file stays as it is."""
    before = live_model().status().version

    def write_down(version: str) -> None:
        _retire_live()
        _mark_live(version)
        record_decision(actor, action, f"model:{version}", before=before, why=why)

    return write_down


def _retire_live() -> None:
    db.session.execute(update(ModelVersion).where(ModelVersion.status == ModelStatus.LIVE).values(status=ModelStatus.RETIRED))


def _mark_live(version: str) -> None:
    """The rows follow the file that says who serves; models trained elsewhere have none."""
    db.session.execute(update(ModelVersion).where(ModelVersion.version == version).values(status=ModelStatus.LIVE))


def _actor_label(actor: Actor) -> str:
    """Who acted, for the file beside the models, which outlives accounts and names nobody; the audit log says who it was."""
    return "command_line" if isinstance(actor, System) else "administrator"
