"""Service refusals: what a view does with a call that may be refused, one way for every form and button."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from flask import flash, session
from flask_wtf import FlaskForm

from webapp.services.errors import Conflict, Invalid
from webapp.transactions import savepoint

Refusal = Conflict | Invalid


@dataclass(slots=True)
class Acceptance:
    """Whether the block went through; true once it has."""

    refusal: Refusal | None = None
    completed: bool = False

    def __bool__(self) -> bool:
        return self.completed


@contextmanager
def accepts(
    form: FlaskForm | None = None, *, message: str | Callable[[str], str] | None = None, category: str = "warning"
) -> Iterator[Acceptance]:
    """Try service calls: all of the block is kept or none of it, mail, other after-commit hooks and what it flashes included.

    A refusal (Invalid, Conflict) becomes an error of the form's field it names, else of the form; without a form a message on the
    next page, in the words of the refusal, of `message`, or what `message` makes of
    the refusal's. The view asks the acceptance what to answer.
    """
    acceptance = Acceptance()
    try:
        with _drop_flashes_on_refusal(), savepoint():
            yield acceptance
        acceptance.completed = True
    except (Conflict, Invalid) as refusal:
        acceptance.refusal = refusal
        if form is None:
            flash(message(str(refusal)) if callable(message) else message or str(refusal), category)
        else:
            add_refusal_to_form(form, refusal)


@contextmanager
def _drop_flashes_on_refusal() -> Iterator[None]:
    """Drop what was flashed in the block when it raises: the next page would say that it is done, and that it is refused."""
    waiting = list(session.get("_flashes", ()))
    try:
        yield
    except BaseException:
        if session.get("_flashes", []) != waiting:
            session["_flashes"] = waiting
        raise


def add_refusal_to_form(form: FlaskForm, refusal: Refusal) -> None:
    """Put a service's refusal where the reader sees it: at its field, or above the form."""
    field = form._fields.get(getattr(refusal, "field", None) or "")
    if field is None:
        form.form_errors.append(str(refusal))
    else:
        field.errors = [*field.errors, str(refusal)]
