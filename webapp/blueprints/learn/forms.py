"""Quiz form: one choice a question."""

from collections.abc import Sequence

from flask_wtf import FlaskForm
from wtforms import RadioField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired

from webapp.models.lesson import Question
from webapp.support.messages import gettext


def quiz_form(questions: Sequence[Question]) -> FlaskForm:
    """The form of these questions, filled with what was sent."""
    fields = {field_name(question): _field(question) for question in questions}
    return type("QuizForm", (FlaskForm,), fields)()


def field_name(question: Question) -> str:
    """What the question's choice is called in the form."""
    return f"question-{question.id}"


def answers_of(form: FlaskForm, questions: Sequence[Question]) -> dict[int, int]:
    """Question id to the id of the choice made."""
    return {question.id: form[field_name(question)].data for question in questions}


def _field(question: Question) -> RadioField:
    choices = [SelectChoice(choice.id, choice.text) for choice in question.choices]
    return RadioField(question.text, coerce=int, choices=choices, validators=[InputRequired(gettext("Choose an answer."))])
