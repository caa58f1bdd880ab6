"""Pages for machines and developers: health, readiness, robots, the style page."""

from collections.abc import Callable
from typing import Any, TypeVar

from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import Blueprint, current_app, jsonify, redirect, render_template, url_for
from flask.sansio.blueprints import BlueprintSetupState
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import SQLAlchemyError

from webapp.config import Settings
from webapp.extensions import db
from webapp.recommender.serving.serving_model import LiveStatus, ModelState, live_model
from webapp.web.styleguide import styleguide_context

bp = Blueprint("system", __name__)
View = TypeVar("View", bound=Callable[..., ResponseReturnValue])

_MODEL_WORDS = {
    ModelState.OK: "ok",
    ModelState.FALLBACK: "another model serves, the one that should was refused",
    ModelState.NONE: "missing, serving popularity",
}


def answered_by_http(view: View) -> View:
    """Who asks from beside the process asks without HTTPS, and a redirect would count as a yes."""
    view.talisman_view_options = {"force_https": False}  # type: ignore[attr-defined]
    return view


@bp.get("/healthz")
@answered_by_http
def health() -> ResponseReturnValue:
    """The process answers; nothing else is touched."""
    return jsonify(status="ok")


@bp.get("/readyz")
@answered_by_http
def ready() -> ResponseReturnValue:
    """Whether pages can be served. Without a model they can; without a database they cannot."""
    try:
        database = _database()
    except SQLAlchemyError:
        return jsonify(status="unavailable", database="unreachable", model=_model(live_model().status())), 503
    standing = live_model().status()
    well = database == "ok" and standing.state is ModelState.OK
    return jsonify(status="ok" if well else "degraded", database=database, model=_model(standing))


def _database() -> str:
    """The state of the tables against the newest migration."""
    applied = MigrationContext.configure(db.session.connection()).get_current_revision()
    newest = ScriptDirectory(current_app.extensions["migrate"].directory).get_current_head()
    return "ok" if applied == newest else f"at migration {applied}, {newest} is the newest: run flask db upgrade"


def _model(status: LiveStatus) -> dict[str, Any]:
    """Why a model was refused names files of this machine: administrators read it on their page."""
    return {
        "state": status.state.value,
        "detail": _MODEL_WORDS[status.state],
        "version": status.version,
        "refused": [refused.version for refused in status.refused],
    }


def styleguide() -> ResponseReturnValue:
    """Every component in both themes; for those who build the pages."""
    return render_template("styleguide.html", page_url=lambda n: url_for("system.styleguide", page=n), **styleguide_context())


def _add_styleguide(state: BlueprintSetupState) -> None:
    settings: Settings = state.app.extensions["settings"]
    if settings.environment != "production":
        state.add_url_rule("/styleguide", "styleguide", styleguide)


# In production there is no such address, so nothing links to it either.
bp.record(_add_styleguide)


@bp.get("/robots.txt")
def robots() -> ResponseReturnValue:
    """Crawlers may read the catalog and the courses."""
    closed = ("/my", "/admin", "/studio", "/welcome", "/login", "/register", "/reset")
    text = "User-agent: *\n" + "".join(f"Disallow: {path}\n" for path in closed)
    return text, 200, {"Content-Type": "text/plain; charset=utf-8"}


@bp.get("/favicon.ico")
def favicon() -> ResponseReturnValue:
    """For those who ask without having read the page, which names the picture."""
    return redirect(url_for("static", filename="img/mark.svg"))
