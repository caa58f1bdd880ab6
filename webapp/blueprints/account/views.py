"""Blueprint of account pages; here the theme switch, which visitors have too."""

from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from webapp.services.errors import Invalid
from webapp.services.profiles import THEMES, save_theme
from webapp.support.messages import gettext
from webapp.web.guards import current_actor
from webapp.web.redirects import next_address_or, redirect_to
from webapp.web.theme import remember_theme

bp = Blueprint("account", __name__)


@bp.post("/theme")
def theme() -> ResponseReturnValue:
    """Light, dark or auto: kept in a cookie, and with the account of whoever is signed in."""
    chosen = request.form.get("theme", "")
    if chosen not in THEMES:
        raise Invalid(gettext("Themes are light, dark and auto."), "theme")
    if actor := current_actor():
        save_theme(actor, chosen)
    return remember_theme(redirect_to(next_address_or("/")), chosen)
