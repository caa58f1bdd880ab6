"""Accounts: made, given a role, given a password, signed out everywhere."""

import uuid

import email_validator
from sqlalchemy.exc import IntegrityError

from webapp.extensions import db
from webapp.models import Profile, Role, User
from webapp.policies import Actor, Forbidden, Permission, require
from webapp.queries.accounts import account_by_email, count_active
from webapp.services.audit import record_decision
from webapp.services.errors import Conflict, Invalid, NotFound
from webapp.services.mail import post_mail
from webapp.services.passwords import hash_password, password_matches, password_problems
from webapp.support.clock import now

MAX_NAME = 120


def normalize_email(email: str) -> str:
    """An address as accounts keep it: well-formed and in lower case. Raises Invalid."""
    try:
        return email_validator.validate_email(email.strip(), check_deliverability=False).normalized.lower()
    except email_validator.EmailNotValidError:
        raise Invalid("This is not an e-mail address. It looks like name@example.com.", "email") from None


def normalize_name(name: str) -> str:
    """A name on one line, without what cannot be seen. Raises Invalid."""
    clean = " ".join("".join(letter if letter.isprintable() else " " for letter in name).split())
    if not clean:
        raise Invalid("Tell us what to call you.", "name")
    if len(clean) > MAX_NAME:
        raise Invalid(f"Use at most {MAX_NAME} characters.", "name")
    return clean


def register(email: str, name: str, password_hash: str) -> User:
    """A learner's own new account; the address waits to be confirmed. Raises Invalid and Conflict."""
    return _add(User(email=normalize_email(email), name=normalize_name(name), password=password_hash))


def create_account(actor: Actor, email: str, name: str, password: str, role: Role = Role.LEARNER) -> User:
    """An account made by an administrator or at the command line; its address counts as confirmed.

    Raises Forbidden, Invalid and Conflict.
    """
    require(actor, Permission.MANAGE_ACCOUNTS)
    email, name = normalize_email(email), normalize_name(name)
    if problems := password_problems(password, email, name):
        raise Invalid(problems[0], "password")
    user = _add(User(email=email, name=name, password=hash_password(password), role=role, confirmed_at=now()))
    record_decision(actor, "account.create", f"user:{user.id}", role=role.value)
    return user


def grant_role(actor: Actor, email: str, role: Role) -> User:
    """Give an account a role; it has one at a time. Open sessions act with the new one at once.

    Raises Forbidden, NotFound, and Conflict for the last administrator.
    """
    require(actor, Permission.MANAGE_ACCOUNTS)
    user = account_by_email(email)
    if user is None:
        raise NotFound(f"There is no account with the address {email}.")
    if role != Role.ADMIN:
        keep_an_administrator(user)
    before, user.role = user.role, role
    db.session.flush()
    record_decision(actor, "account.grant", f"user:{user.id}", role=role.value, before=before.value)
    return user


def keep_an_administrator(user: User) -> None:
    """Raises Conflict when nobody could administrate without this account."""
    if user.role == Role.ADMIN and user.active and count_active(Role.ADMIN) == 1:
        raise Conflict("This is the only administrator. Make somebody else one first.")


def sign_out_everywhere(actor: Actor) -> User:
    """End every session and remembered sign-in of the actor's account; links in mails sent before stop working too."""
    user = own_account(actor)
    user.fs_uniquifier = uuid.uuid4().hex
    db.session.flush()
    return user


def note_sign_in(user: User) -> None:
    """Remember when the account was used last."""
    user.last_sign_in_at = now()
    db.session.flush()


def note_address_proven(user: User) -> None:
    """Whoever opened a link sent to the address owns it, so a reset password confirms it too."""
    if user.confirmed_at is None:
        user.confirmed_at = now()
        db.session.flush()


def check_own_password(actor: Actor, password: str) -> User:
    """The actor's account when the password is its own. Raises Invalid, and Forbidden for those without an account."""
    user = own_account(actor)
    if not password_matches(password, user.password):
        raise Invalid("This is not your password.", "password")
    return user


def own_account(actor: Actor) -> User:
    """The account that acts. Raises Forbidden for the system and for accounts that may do nothing."""
    require(actor, Permission.EDIT_PROFILE)
    user = db.session.get(User, actor.user_id) if actor.user_id is not None else None
    if user is None:
        raise Forbidden(Permission.EDIT_PROFILE)
    return user


def mail_to(user: User, subject: str, body: str) -> None:
    """Write to the account's owner, if it has an address."""
    if user.email:
        post_mail(user.email, subject, body)


def _add(user: User) -> User:
    """Store the account with its empty profile. Raises Conflict where the address is taken."""
    user.profile = Profile()
    try:
        with db.session.begin_nested():
            db.session.add(user)
    except IntegrityError:
        raise Conflict("There is an account with this address already.") from None
    return user
