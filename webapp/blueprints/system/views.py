"""Pages for machines and makers: health, readiness, robots, the style page."""

from typing import Any

from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import Blueprint, abort, current_app, jsonify, render_template, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import SQLAlchemyError

from webapp.config import Settings
from webapp.extensions import db
from webapp.recommender.live import LiveStatus, ModelState, live_model
from webapp.web.styleguide import styleguide_context

bp = Blueprint("system", __name__)

_MODEL_WORDS = {
    ModelState.OK: "ok",
    ModelState.FALLBACK: "an older model serves, the newest was refused",
    ModelState.NONE: "missing, serving popularity",
}


@bp.get("/healthz")
def health() -> ResponseReturnValue:
    """The process answers; nothing else is touched."""
    return jsonify(status="ok")


@bp.get("/readyz")
def ready() -> ResponseReturnValue:
    """Whether pages can be served. Without a model they can; without a database they cannot."""
    try:
        database = _database()
    except SQLAlchemyError:
        return jsonify(status="unavailable", database="unreachable", model=_model(live_model().status())), 503
    return jsonify(status="ok", database=database, model=_model(live_model().status()))


def _database() -> str:
    """The state of the tables against the newest migration."""
    applied = MigrationContext.configure(db.session.connection()).get_current_revision()
    newest = ScriptDirectory(current_app.extensions["migrate"].directory).get_current_head()
    return "ok" if applied == newest else f"at migration {applied}, {newest} is the newest: run flask db upgrade"


def _model(status: LiveStatus) -> dict[str, Any]:
    return {
        "state": status.state.value,
        "detail": _MODEL_WORDS[status.state],
        "version": status.version,
        "refused": {refused.version: refused.reason for refused in status.refused},
    }


@bp.get("/styleguide")
def styleguide() -> ResponseReturnValue:
    """Every component in both themes; for those who build the pages."""
    settings: Settings = current_app.extensions["settings"]
    if settings.environment == "production":
        abort(404)
    return render_template("styleguide.html", page_url=lambda n: url_for("system.styleguide", page=n), **styleguide_context())


@bp.get("/robots.txt")
def robots() -> ResponseReturnValue:
    """Crawlers may read the catalog and the courses."""
    text = "User-agent: *\nDisallow: /my\nDisallow: /admin\nDisallow: /studio\nDisallow: /login\nDisallow: /register\n"
    return text, 200, {"Content-Type": "text/plain; charset=utf-8"}
