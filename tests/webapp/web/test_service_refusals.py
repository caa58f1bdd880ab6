"""A refused service call keeps nothing, sets nothing off, and says why where the reader looks."""

from flask import Flask, flash, get_flashed_messages
from flask_wtf import FlaskForm
from wtforms import StringField

from webapp.extensions import db
from webapp.models.user import Profile, User
from webapp.policies import Person
from webapp.services.errors import Conflict, Invalid
from webapp.services.profiles import save_pace, save_theme
from webapp.transactions import after_commit, unit_of_work
from webapp.web.service_refusals import accepts


class Form(FlaskForm):
    level = StringField()


def test_half_of_a_form_is_not_saved(app: Flask, make_user) -> None:
    person = Person.of(make_user())
    mailed: list[str] = []
    with app.test_request_context(), unit_of_work():
        form = Form()
        with accepts(form) as accepted:
            save_theme(person, "dark")
            after_commit(lambda: mailed.append("changed"))
            save_pace(person, "wizard", None)
        assert not accepted
        assert isinstance(accepted.refusal, Invalid)
        assert len(form.level.errors) == 1
        assert form.form_errors == []
    assert mailed == []
    profile = db.session.get(Profile, person.user_id)
    assert profile is None or profile.theme == "auto"


def test_what_no_field_stands_for_is_an_error_of_the_form(app: Flask) -> None:
    for refusal in (Invalid("Too much.", "nowhere"), Conflict("Somebody was faster.")):
        with app.test_request_context(), unit_of_work():
            form = Form()
            with accepts(form):
                raise refusal
            assert form.form_errors == [str(refusal)]
            assert form.level.errors == ()


def test_without_a_form_the_next_page_says_it(app: Flask) -> None:
    with app.test_request_context(), unit_of_work():
        with accepts():
            raise Conflict("Under way already.")
        with accepts(message="Wait a little.", category="error"):
            raise Conflict("Under way already.")
        with accepts(message=str.upper):
            raise Conflict("Under way already.")
        said = get_flashed_messages(with_categories=True)
    assert said == [("warning", "Under way already."), ("error", "Wait a little."), ("warning", "UNDER WAY ALREADY.")]


def test_what_a_refused_block_had_said_is_not_said(app: Flask) -> None:
    with app.test_request_context(), unit_of_work():
        flash("Before.")
        with accepts():
            flash("Done.")
            raise Conflict("Under way already.")
        with accepts(Form()):
            flash("Done as well.")
            raise Conflict("Under way already.")
        with accepts():
            flash("Kept.")
        assert get_flashed_messages() == ["Before.", "Under way already.", "Kept."]


def test_what_goes_through_is_kept_with_all_it_sets_off(app: Flask, make_user) -> None:
    user: User = make_user()
    mailed: list[str] = []
    with app.test_request_context(), unit_of_work():
        with accepts(Form()) as accepted:
            save_pace(Person.of(user), "advanced", 120)
            after_commit(lambda: mailed.append("changed"))
        assert accepted
        assert accepted.refusal is None
    assert mailed == ["changed"]
    profile = db.session.get(Profile, user.id)
    assert profile is not None
    assert (profile.level, profile.weekly_minutes) == ("advanced", 120)
