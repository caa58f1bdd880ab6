"""Accounts: made, given a role, given a password, signed out everywhere."""

import unicodedata
from datetime import timedelta

import email_validator
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from webapp.extensions import db
from webapp.models.user import Profile, Role, User
from webapp.policies import Actor, Forbidden, Permission, Person, require
from webapp.queries.accounts import accounts_of_email
from webapp.services.audit import record_decision
from webapp.services.errors import Conflict, Invalid, NotFound
from webapp.services.passwords import hash_password, password_matches, password_problems
from webapp.support.clock import now
from webapp.support.messages import gettext
from webapp.support.text import clean_line, is_blank, normalized_email

MAX_NAME = 120
_SENT_TWICE_WITHIN = timedelta(minutes=10)


def validated_email(email: str) -> str:
    """An address as accounts keep it: well-formed, compatible characters made one (NFKC), in lower case. Raises Invalid.

    Dots and plus signs stay: whether they matter is for the mailbox's provider to say.
    """
    try:
        plain = unicodedata.normalize("NFKC", email).strip()
        return normalized_email(email_validator.validate_email(plain, check_deliverability=False).normalized)
    except email_validator.EmailNotValidError:
        raise Invalid(gettext("This is not an e-mail address. It looks like name@example.com."), "email") from None


def deliverable_email(email: str) -> str:
    """An address for a new account: normalized, and one that mail reaches. Raises Invalid.

    Letters outside ASCII before the @ need a mail server that knows SMTPUTF8, and few relays do; a link that never arrives would leave
    the account without a way back in. The domain has an ASCII form (IDNA), so it may be written in any letters.
    """
    address = validated_email(email)
    if not address.rpartition("@")[0].isascii():
        raise Invalid(gettext("Mail does not reach this address: before the @ use the letters a to z, digits and signs."), "email")
    return address


def canonical_email(email: str) -> str:
    """An address in the form it is looked up and counted by: what is none is brought to one form as far as it goes."""
    try:
        return validated_email(email)
    except Invalid:
        return normalized_email(email)


def normalize_name(name: str) -> str:
    """A name on one line, without what hides or turns round other characters. Raises Invalid."""
    clean = clean_line(name)
    if is_blank(clean):
        raise Invalid(gettext("Tell us what to call you."), "name")
    if len(clean) > MAX_NAME:
        raise Invalid(gettext("Use at most %(num)s characters.", num=MAX_NAME), "name")
    return clean


def register(email: str, name: str, password_hash: str) -> User:
    """A learner's own new account; the address waits to be confirmed. Raises Invalid.

    Whether an account with that address exists makes no difference: until the address is confirmed, several may wait for it.
    """
    return _add(User(email=deliverable_email(email), name=normalize_name(name), password=password_hash))


def account_of_repeated_registration(email: str, name: str, password: str) -> User | None:
    """The account that the same form has made a moment ago, by a second press on its button: it waits for this address, with this name
    and password. Costs one hash, found or not, so that time does not tell who waits."""
    address = canonical_email(email)
    if db.session.connection().dialect.name == "postgresql":  # the second of two at once waits for the first; on SQLite it does already
        db.session.execute(select(func.pg_advisory_xact_lock(func.hashtext(f"register:{address}"))))
    moment = now()  # after the wait: the first has stamped its account meanwhile
    lately = (User.email == address, User.confirmed_at.is_(None), User.created_at.between(moment - _SENT_TWICE_WITHIN, moment))
    user: User | None = db.session.scalar(select(User).where(*lately).order_by(User.id.desc()).limit(1))
    if user is None or not user.password:
        hash_password(password)
        return None
    return user if password_matches(password, user.password) and user.name == normalize_name(name) else None


def create_account(actor: Actor, email: str, name: str, password: str, role: Role = Role.LEARNER) -> User:
    """An account made by an administrator or at the command line; its address counts as confirmed.

    Raises Forbidden, Invalid and Conflict.
    """
    require(actor, Permission.MANAGE_ACCOUNTS)
    email, name = deliverable_email(email), normalize_name(name)
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
    candidates = accounts_of_email(canonical_email(email))
    if not candidates:
        raise NotFound(gettext("There is no account with the address %(email)s.", email=email))
    user = candidates[0]
    if user.confirmed_at is None and len(candidates) > 1:
        raise Conflict(gettext("Several accounts wait to confirm the address %(email)s: its owner has to confirm one first.", email=email))
    if role != Role.ADMIN:
        require_another_admin(user)
    before, user.role = user.role, role
    db.session.flush()
    record_decision(actor, "account.grant", f"user:{user.id}", role=role.value, before=before.value)
    return user


def require_another_admin(user: User) -> None:
    """Raises Conflict when nobody could administrate without this account. Of two administrators who leave at once the second waits here,
    and is the only one then."""
    if user.role != Role.ADMIN or not user.active:
        return
    admins = select(User.id).where(User.role == Role.ADMIN, User.active.is_(True)).order_by(User.id)
    if len(db.session.scalars(admins.with_for_update(key_share=True)).all()) == 1:
        raise Conflict(gettext("This is the only administrator. Make somebody else one first."))


def note_sign_in(user: User) -> None:
    """Remember when the account was used last."""
    user.last_sign_in_at = now()
    db.session.flush()


def mark_address_confirmed(user: User) -> None:
    """Mark the address as confirmed: whoever opened a link sent to it owns it, so a reset password confirms it too."""
    if user.confirmed_at is None and not address_is_claimed(user):
        user.confirmed_at = now()
        db.session.flush()


def address_is_claimed(user: User) -> bool:
    """Whether another account has confirmed the address of this one, so that this one never can."""
    candidates = accounts_of_email(user.email) if user.email and user.confirmed_at is None else ()
    return bool(candidates) and candidates[0].confirmed_at is not None


def check_own_password(actor: Person, password: str) -> User:
    """The actor's account when the password is its own. Raises Invalid, and Forbidden for those without an account."""
    user = own_account(actor)
    if not password_matches(password, user.password):
        raise Invalid(gettext("This is not your password."), "password")
    return user


def own_account(actor: Person) -> User:
    """The account that acts. Raises Forbidden for an account that may do nothing."""
    require(actor, Permission.EDIT_PROFILE)
    user = db.session.get(User, actor.user_id)
    if user is None:
        raise Forbidden(Permission.EDIT_PROFILE)
    return user


def lock_account(user_id: int) -> str | None:
    """Keep the account from others until the unit of work ends, and its `fs_uniquifier` as it stands now; None for one that is gone.

    Before any row that belongs to it: two units that take the same rows in different orders wait for each other for ever.
    """
    query = select(User.fs_uniquifier).where(User.id == user_id)
    return db.session.scalar(query.with_for_update(key_share=True))  # what only names the account need not wait


def confirmed_address(user: User) -> str | None:
    """The address of the account, if it is known to be its owner's."""
    return user.email if user.confirmed_at is not None else None


def _add(user: User) -> User:
    """Store the account with its empty profile. Raises Conflict where its address is confirmed for another one."""
    user.profile = Profile()
    try:
        with db.session.begin_nested():
            db.session.add(user)
    except IntegrityError:
        raise Conflict(gettext("There is an account with this address already.")) from None
    return user
