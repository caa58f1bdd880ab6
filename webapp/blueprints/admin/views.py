"""`/admin`: the model, the jobs, learners and imports."""

from pathlib import Path

from flask import Blueprint, abort, current_app, flash, make_response, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue

from webapp.blueprints.admin.model_card import model_card
from webapp.config import Settings
from webapp.policies import Permission
from webapp.queries.admin import count_learners, import_run, import_runs, learner_history, learner_rows, totals
from webapp.queries.job_runs import model_versions, recent_runs
from webapp.recommender.slates import home_shelves
from webapp.services.errors import Conflict
from webapp.services.learners import look_at_home
from webapp.services.training import current_run, last_run, request_retraining
from webapp.web.guards import requires, signed_in_actor
from webapp.web.paging import page_of, page_urls
from webapp.web.redirects import go
from webapp.web.shelves import card_shelves

bp = Blueprint("admin", __name__, url_prefix="/admin")


@bp.get("")
@requires(Permission.SEE_ADMIN)
def index() -> ResponseReturnValue:
    """The model that serves, what was trained before, and the last jobs."""
    return render_template(
        "admin/index.html",
        card=model_card(),
        versions=model_versions(8),
        runs=recent_runs(10),
        totals=totals(),
        run=current_run() or last_run(),
    )


@bp.post("/retrain")
@requires(Permission.TRAIN_MODEL)
def retrain() -> ResponseReturnValue:
    """Ask for a new model; a second click while one is made says so."""
    try:
        request_retraining(signed_in_actor())
    except Conflict as error:
        flash(str(error), "warning")
    else:
        flash("A new model is being trained. Pages are served from the present one meanwhile.", "success")
    return go(url_for("admin.index"))


@bp.get("/training")
@requires(Permission.SEE_ADMIN)
def training() -> ResponseReturnValue:
    """How far the training is: asked for by the page every two seconds while one is under way."""
    run = current_run()
    response = make_response(render_template("admin/_training.html", run=run or last_run()))
    if run is None and request.headers.get("HX-Request"):
        response.headers["HX-Refresh"] = "true"  # it has just ended: the whole card is new
    return response


@bp.get("/learners")
@requires(Permission.SEE_LEARNER_HOME)
def learners() -> ResponseReturnValue:
    """Learners by name, address or imported id."""
    q = " ".join(request.args.get("q", "").replace("\x00", " ").split())[:100]
    page = page_of(count_learners(q), 25)
    return render_template("admin/learners.html", q=q, rows=learner_rows(q, page.size, page.offset), page=page, page_url=page_urls())


@bp.get("/learners/<int:user_id>/home")
@requires(Permission.SEE_LEARNER_HOME)
def learner_home(user_id: int) -> ResponseReturnValue:
    """A learner's shelves, read-only, beside what they were made from; not stored as shown to the learner."""
    user = look_at_home(signed_in_actor(), user_id)
    shelves = card_shelves(home_shelves(user.id, record=False), None)
    return render_template("admin/learner_home.html", learner=user, shelves=shelves, history=learner_history(user.id))


@bp.get("/imports")
@requires(Permission.IMPORT_DATA)
def imports() -> ResponseReturnValue:
    """What was imported, and what was wrong with it."""
    return render_template("admin/imports.html", runs=import_runs())


@bp.get("/imports/<int:run_id>/errors.csv")
@requires(Permission.IMPORT_DATA)
def import_errors(run_id: int) -> ResponseReturnValue:
    """The bad rows of an import, with line and reason."""
    run = import_run(run_id)
    settings: Settings = current_app.extensions["settings"]
    folder = settings.instance_dir / "imports"
    if run is None or not run.errors_path:
        abort(404)
    path = folder / Path(run.errors_path).name
    if not path.is_file():
        abort(404)
    return send_file(path, mimetype="text/csv", as_attachment=True, download_name=path.name)
