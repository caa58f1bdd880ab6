"""Pages for machines and developers: health, readiness, robots, the style page."""

from collections.abc import Callable
from typing import Any, TypeVar

import structlog
from flask import Blueprint, jsonify, redirect, render_template, url_for
from flask.sansio.blueprints import BlueprintSetupState
from flask.typing import ResponseReturnValue

from webapp.config import Settings
from webapp.readiness import database_fault
from webapp.recommender.serving.serving_model import LiveStatus, ModelState, live_model
from webapp.transactions import database_url
from webapp.web.styleguide import styleguide_context

log = structlog.get_logger(__name__)

bp = Blueprint("system", __name__)
View = TypeVar("View", bound=Callable[..., ResponseReturnValue])

_MODEL_WORDS = {
    ModelState.OK: "ok",
    ModelState.FALLBACK: "another model serves, the one that should was refused",
    ModelState.NONE: "missing, serving popularity",
}


def exempt_from_https(view: View) -> View:
    """Marks a view that answers without HTTPS too: a health check from beside the process has none, and takes a redirect for a yes."""
    view.talisman_view_options = {"force_https": False}  # type: ignore[attr-defined]
    return view


@bp.get("/healthz")
@exempt_from_https
def health() -> ResponseReturnValue:
    """The process answers; nothing else is touched."""
    return jsonify(status="ok")


@bp.get("/readyz")
@exempt_from_https
def ready() -> ResponseReturnValue:
    """Whether pages can be served. Without a model they can; without a database that is whole, up to date and writable they cannot."""
    fault = database_fault(database_url())
    standing = live_model().status()
    if fault is not None:
        log.error("not_ready", database=fault.fault.value, detail=fault.detail)
        return jsonify(status="unavailable", database=fault.fault.value, model=_model_status(standing)), 503
    status = "ok" if standing.state is ModelState.OK else "degraded"
    return jsonify(status=status, database="ok", model=_model_status(standing))


def _model_status(status: LiveStatus) -> dict[str, Any]:
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
    """The favicon, for those who ask without having read the page, which names the picture."""
    return redirect(url_for("static", filename="img/mark.svg"))
