"""Labels of form fields by their names, where the form itself is not at hand."""

from collections.abc import Iterator

from flask_wtf import FlaskForm
from wtforms.fields.core import UnboundField

from webapp.support.messages import gettext


def field_label(name: str) -> str:
    """The label of the field of this name, as a form of ours says it, else any form; "Your entry" where no form declares it.

    A field name is no English for people: it is never shown.
    """
    forms = sorted(_forms(FlaskForm), key=lambda form: not form.__module__.startswith("webapp."))
    labels = (_label_of(field) for form in forms if isinstance(field := getattr(form, name, None), UnboundField))
    return next((label for label in labels if label), None) or gettext("Your entry")


def _forms(base: type[FlaskForm]) -> Iterator[type[FlaskForm]]:
    for form in base.__subclasses__():
        yield form
        yield from _forms(form)


def _label_of(field: UnboundField) -> str:
    return str(field.kwargs.get("label") or (field.args[0] if field.args else "") or "")
