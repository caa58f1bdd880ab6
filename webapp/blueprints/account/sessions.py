"""Own sessions: listed, and ended one by one or all but this one."""

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_security.utils import logout_user

from webapp.blueprints.account.views import bp
from webapp.policies import Permission
from webapp.queries.sessions import active_sessions
from webapp.services.sessions import end_session as end_own_session
from webapp.services.sessions import sign_out_elsewhere
from webapp.support.clock import now
from webapp.support.messages import gettext
from webapp.web.guards import requires, signed_in_actor
from webapp.web.sessions import session_limits, signed_in_session


@bp.get("/my/sessions")
@requires(Permission.EDIT_PROFILE)
def sessions() -> ResponseReturnValue:
    """My sessions, this one marked."""
    rows = active_sessions(signed_in_actor().user_id, now())
    return render_template("account/sessions.html", sessions=rows, here=_current_session_id(), limits=session_limits())


@bp.post("/my/sessions/<int:session_id>/end")
@requires(Permission.EDIT_PROFILE)
def end_session(session_id: int) -> ResponseReturnValue:
    """End one of my sessions; ending this one is signing out."""
    end_own_session(signed_in_actor(), session_id)
    if session_id == _current_session_id():
        logout_user()
        return redirect(url_for("home.index"))
    flash(gettext("That session is ended."), "success")
    return redirect(url_for("account.sessions"))


@bp.post("/my/profile/sign-out-everywhere")
@requires(Permission.EDIT_PROFILE)
def sign_out_others() -> ResponseReturnValue:
    """End every session but this one."""
    sign_out_elsewhere(signed_in_actor(), _current_session_id())
    flash(gettext("Every other device is signed out."), "success")
    return redirect(url_for("account.sessions"))


def _current_session_id() -> int | None:
    session = signed_in_session()
    return session.id if session else None
