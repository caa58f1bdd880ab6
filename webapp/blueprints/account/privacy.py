"""`/my/privacy`: export and erasure of one's own data."""

import json

from flask import Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_security.utils import logout_user

from webapp.blueprints.account.views import bp
from webapp.policies import Permission
from webapp.services.privacy import erase_account, export_account, kept_kinds
from webapp.support.clock import now
from webapp.support.messages import gettext
from webapp.web.account_forms import OwnPasswordForm
from webapp.web.guards import requires, signed_in_actor
from webapp.web.guess_limits import limit_guesses
from webapp.web.service_refusals import accepts


@bp.get("/my/privacy")
@requires(Permission.EDIT_PROFILE)
def privacy() -> ResponseReturnValue:
    """What is stored, and what can be done about it."""
    return _privacy_page(OwnPasswordForm())


@bp.get("/my/privacy/data.json")
@requires(Permission.EDIT_PROFILE)
def export() -> ResponseReturnValue:
    """Everything stored about me, as a file."""
    text = json.dumps(export_account(signed_in_actor()), ensure_ascii=False, indent=2)
    response = Response(text, mimetype="application/json")
    response.headers["Content-Disposition"] = f'attachment; filename="waymark-{now():%Y-%m-%d}.json"'
    return response


@bp.route("/my/privacy/delete", methods=["GET", "POST"])
@limit_guesses
@requires(Permission.EDIT_PROFILE)
def erase() -> ResponseReturnValue:
    """Delete the account, once the password has been given. Its answer to a wrong one can be opened again, as a browser does that
    brings back its tabs."""
    if request.method == "GET":
        return redirect(url_for("account.privacy"))
    form = OwnPasswordForm()
    if form.validate_on_submit():
        with accepts(form) as accepted:
            erase_account(signed_in_actor(), form.password.data)
        if accepted:
            logout_user()
            flash(gettext("Your account and everything about you is deleted."), "success")
            return redirect(url_for("home.index"))
    return _privacy_page(form)


def _privacy_page(form: OwnPasswordForm) -> str:
    return render_template("account/privacy.html", form=form, kept=[kind.spec for kind in kept_kinds(signed_in_actor())])
