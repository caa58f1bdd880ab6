"""`/admin`: the serving model, training a new one, promotion and rollback."""

from flask import Blueprint, current_app, flash, render_template, request, url_for
from flask.typing import ResponseReturnValue

from webapp.blueprints.admin.model_card_contents import build_model_card
from webapp.blueprints.admin.run_messages import plain_run_sentence
from webapp.blueprints.admin.strip_paths import strip_paths
from webapp.config import Settings
from webapp.policies import Permission
from webapp.queries.admin import totals
from webapp.queries.job_runs import model_versions
from webapp.recommender.serving.promotion import stored_versions
from webapp.registries.jobs import RETRAIN
from webapp.services.jobs import request_run
from webapp.services.model_lifecycle import current_training, latest_retraining_run, promote_model, roll_back_model
from webapp.support.messages import gettext
from webapp.web.fragments import fragment, wants_fragment
from webapp.web.guards import requires, signed_in_actor
from webapp.web.redirects import redirect_to
from webapp.web.service_refusals import accepts
from webapp.wording.model_card import gate_verdict

bp = Blueprint("admin", __name__, url_prefix="/admin")
bp.add_app_template_filter(strip_paths)

_VERSIONS = 8


def settings_of_current_app() -> Settings:
    """The settings of this installation."""
    own: Settings = current_app.extensions["settings"]
    return own


@bp.get("")
@requires(Permission.SEE_ADMIN)
def index() -> ResponseReturnValue:
    """The model that serves and those before it."""
    run = current_training() or latest_retraining_run()
    return render_template(
        "admin/index.html",
        card=build_model_card(settings_of_current_app()),
        versions=model_versions(_VERSIONS),
        stored=stored_versions(),
        gate_verdict=gate_verdict,
        totals=totals(),
        run=run,
        says=plain_run_sentence(run),
    )


@bp.post("/retrain")
@requires(Permission.TRAIN_MODEL)
def retrain() -> ResponseReturnValue:
    """Ask for a new model; a second click while one is made says so."""
    with accepts(message=gettext("A new model is being trained already. Its progress is at the top.")) as accepted:
        request_run(signed_in_actor(), RETRAIN)
    if accepted:
        flash(gettext("A new model is being trained. Pages go on as they are meanwhile."), "success")
    return redirect_to(url_for("admin.index"))


@bp.get("/training")
@requires(Permission.SEE_ADMIN)
def training_progress() -> ResponseReturnValue:
    """How far the training is: asked for by the page every two seconds while one is under way."""
    run = current_training()
    if not wants_fragment():
        return redirect_to(url_for("admin.index"))
    shown = run or latest_retraining_run()
    response = fragment("admin/_training.html", run=shown, says=plain_run_sentence(shown))
    if run is None:
        response.headers["HX-Refresh"] = "true"  # it has just ended: the whole card is new
    return response


@bp.post("/models/<version>/promote")
@requires(Permission.PROMOTE_MODEL)
def promote(version: str) -> ResponseReturnValue:
    """Let a model serve that was held back or replaced."""
    with accepts(message=strip_paths, category="error") as accepted:
        promote_model(signed_in_actor(), version)
    if accepted:
        flash(gettext("This model serves now. Pages follow within a second."), "success")
    return redirect_to(url_for("admin.index"))


@bp.post("/models/rollback")
@requires(Permission.PROMOTE_MODEL)
def roll_back() -> ResponseReturnValue:
    """Let the model serve again that did so before."""
    with accepts(category="error") as accepted:
        version = roll_back_model(signed_in_actor(), only_from=request.form.get("serving", ""))
    if accepted:
        flash(gettext("Model %(version)s serves again. Pages follow within a second.", version=version), "success")
    return redirect_to(url_for("admin.index"))
