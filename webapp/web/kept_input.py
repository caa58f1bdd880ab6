"""What was typed survives an expired session and a second tab's sign-in: it comes back on a page with one button to send it once more.

A form's token belongs to a sign-in, so a page opened before the sign-in holds a stale one. The request is not carried out then, but
when the browser says that it came from a page of this site, its fields are handed back. Visitors are asked to sign in first; until
then the fields travel in the sign-in form, signed, and whoever is not the one who typed them gets nothing of them. Nothing is
stored, and passwords are never handed back.
"""

from dataclasses import dataclass

from flask import Flask, Response, current_app, flash, make_response, render_template, request, session, url_for
from flask_login import current_user
from flask_wtf.csrf import CSRFError
from itsdangerous import BadSignature

from webapp.services.accounts import canonical_email
from webapp.support.messages import N_, gettext
from webapp.web.errors import error_response, wants_json
from webapp.web.foreign_text import interpolate_foreign_names
from webapp.web.redirects import next_address_or, own_path, redirect_to, redirect_to_sign_in, split_address
from webapp.web.sessions import last_signed_in_user_id
from webapp.web.signed_values import signed, signed_value

FIELD = "kept"
_LONGEST_WORD = 60
_KEPT_FOR = 24 * 3600
_PURPOSE = "kept-input"
_MACHINERY = frozenset({"csrf_token", "next", "submit", FIELD})
_STALE = N_("The page had been open for too long or came from elsewhere. Go back, reload it and try once more.")
_FOR_VISITORS = frozenset({"security.login", "security.register"})
_FOR_MEMBERS = frozenset({"security.change_password", "security.verify"})


@dataclass(frozen=True, slots=True)
class KeptInput:
    """A form as it was sent: where to, its fields in order, and the names of passwords that have to be typed anew."""

    path: str
    fields: tuple[tuple[str, str], ...]
    passwords: tuple[str, ...] = ()

    @property
    def typed(self) -> dict[str, str]:
        """What a person would miss, by field; several choices of one field are one line."""
        typed: dict[str, str] = {}
        for name, value in self.fields:
            if name not in _MACHINERY and value.strip():
                typed[name] = f"{typed[name]}, {value}" if name in typed else value
        return typed

    @property
    def long_texts(self) -> list[tuple[str, str]]:
        """Fields that hold a text rather than a word or a choice: it can be read, and changed, before it is sent."""
        return [(name, value) for name, value in self.fields if len(value) > _LONGEST_WORD or "\n" in value]


def init_kept_input(app: Flask) -> None:
    """Answer forms with a stale token."""

    @app.errorhandler(CSRFError)
    def stale(error: CSRFError) -> Response:
        return _answer_stale()


def ask_to_sign_in(was_signed_in: bool | None = None) -> Response:
    """Visitors are asked to sign in and come back; what somebody has sent whose session has ended meanwhile is kept."""
    had_session = "_user_id" in session if was_signed_in is None else was_signed_in
    kept = sent_input() if had_session and request.method == "POST" and _is_same_origin() and not wants_json() else None
    if kept is None or not kept.typed:
        return redirect_to_sign_in()
    return _whole_page_response(_sign_in_page(kept), 401)


def carried_input() -> str:
    """The signed fields that a sign-in form carries, empty where there are none."""
    return request.form.get(FIELD, "")


def show_kept_input_after_sign_in() -> Response | None:
    """The page with what had been typed before the sign-in that this request was; None where somebody else had typed it."""
    try:
        path, fields, passwords, owner = signed_value(carried_input(), _PURPOSE, _KEPT_FOR)
    except (BadSignature, ValueError):
        return None
    if owner not in (None, last_signed_in_user_id()):
        return None
    kept = KeptInput(path, tuple((name, value) for name, value in fields), tuple(passwords))
    return make_response(_once_more_page(kept))


def sent_input() -> KeptInput | None:
    """The form of this request."""
    path = own_path(request.full_path.rstrip("?"))
    if path is None:
        return None
    sent = [(name, value) for name, value in request.form.items(multi=True) if name not in ("csrf_token", FIELD)]
    passwords = dict.fromkeys(name for name, _value in sent if "password" in name)
    return KeptInput(path, tuple(pair for pair in sent if pair[0] not in passwords), tuple(passwords))


def _answer_stale() -> Response:
    kept = sent_input() if _is_same_origin() and not wants_json() else None
    if kept is None:
        return error_response(400, gettext(_STALE))
    signed_in = current_user.is_authenticated
    if request.endpoint == "security.logout":
        return redirect_to(url_for("home.index")) if not signed_in else _whole_page_response(_once_more_page(kept), 400)
    if signed_in and request.endpoint in _FOR_VISITORS:
        return _lead_on_as_who_is_signed_in()
    if not signed_in and _needs_account():
        return ask_to_sign_in(was_signed_in=True)
    return _whole_page_response(_once_more_page(kept), 400)


def _lead_on_as_who_is_signed_in() -> Response:
    """The redirect for whoever signs in or registers in a second tab after the first one did. With another address they are told whose
    account is open, which they would else take for the one they asked for."""
    address = canonical_email(request.form.get("email", ""))
    if address != current_user.email:
        message = gettext("You are signed in as %(name)s in this browser already. Sign out first to use another account.")
        flash(interpolate_foreign_names(message, name=current_user.name), "info")
    return redirect_to(next_address_or(url_for("home.index")))


def _needs_account() -> bool:
    view = current_app.view_functions.get(request.endpoint or "")
    return hasattr(view, "required_permission") or request.endpoint in _FOR_MEMBERS


def _sign_in_page(kept: KeptInput) -> str:
    from webapp.web.account_forms import SignInForm  # noqa: PLC0415 - forms stand above the guards, which stand above this

    carried = signed([kept.path, kept.fields, kept.passwords, last_signed_in_user_id()], _PURPOSE)
    return render_template("security/login_user.html", login_user_form=SignInForm(formdata=None), kept=carried)


def _once_more_page(kept: KeptInput) -> str:
    return render_template("security/once_more.html", kept=kept)


def _whole_page_response(page: str, status: int) -> Response:
    """A page; htmx, which leaves errors out and fills a part, is asked to show all of it."""
    answer = make_response(page, status)
    if request.headers.get("HX-Request"):
        answer.status_code = 200
        answer.headers["HX-Retarget"], answer.headers["HX-Reswap"] = "body", "innerHTML"
    return answer


def _is_same_origin() -> bool:
    """Whether the browser says that the form stood on a page of this site; other sites cannot make it say so."""
    if site := request.headers.get("Sec-Fetch-Site"):
        return site == "same-origin"
    origin = request.headers.get("Origin") or request.referrer or ""
    return split_address(origin).netloc == request.host
