"""`/welcome`: three questions after registering, each of which can be skipped."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from webapp.blueprints.account.profile_forms import GoalForm, InterestsForm, PaceForm
from webapp.blueprints.account.views import bp
from webapp.policies import Permission, Person
from webapp.queries.accounts import ProfileView, goal_options, profile_view, topic_options
from webapp.services.profiles import finish_onboarding, save_goal, save_interests, save_pace
from webapp.web.guards import requires, signed_in_actor
from webapp.web.redirects import next_address_or, own_path
from webapp.web.service_refusals import accepts


@dataclass(frozen=True, slots=True)
class Step:
    """One question: its form filled with what is known, and what its answer does."""

    name: str
    form: Callable[[ProfileView], Any]
    save: Callable[[Person, Any], object]


def _interests_form(profile: ProfileView) -> InterestsForm:
    return InterestsForm(data={"topics": list(profile.topics)}).set_choices(topic_options(profile.topics))


def _goal_form(profile: ProfileView) -> GoalForm:
    return GoalForm(data={"goal": profile.goal}).set_choices(goal_options())


def _pace_form(profile: ProfileView) -> PaceForm:
    return PaceForm(data={"level": profile.level, "pace": str(profile.weekly_minutes or "")})


STEPS = (
    Step("interests", _interests_form, lambda actor, form: save_interests(actor, form.topics.data)),
    Step("goal", _goal_form, lambda actor, form: save_goal(actor, form.goal.data or None)),
    Step("pace", _pace_form, lambda actor, form: save_pace(actor, form.level.data or None, form.weekly_minutes())),
)


Asked = list[tuple[Step, Any]]


@bp.get("/welcome")
@requires(Permission.EDIT_PROFILE)
def welcome() -> ResponseReturnValue:
    """The first question; those who have been asked before go on to where they wanted to."""
    profile = profile_view(signed_in_actor().user_id)
    if profile.onboarded:
        return redirect(next_address_or(url_for("home.index")))
    return redirect(_step_address(_steps_to_ask(profile), 0))


@bp.route("/welcome/<any(interests, goal, pace):name>", methods=["GET", "POST"])
@requires(Permission.EDIT_PROFILE)
def welcome_step(name: str) -> ResponseReturnValue:
    """Ask a question, keep the answer, go on. Skipping goes on without keeping."""
    actor = signed_in_actor()
    asked = _steps_to_ask(profile_view(actor.user_id))
    number = next((i for i, (step, _form) in enumerate(asked) if step.name == name), None)
    if number is None:
        return redirect(_step_address(asked, 0))
    if request.form.get("skip"):
        return _continue_onboarding(actor, asked, number)
    step, form = asked[number]
    if form.validate_on_submit():
        with accepts(form) as accepted:
            step.save(actor, form)
        if accepted:
            return _continue_onboarding(actor, asked, number)
    back = _step_address(asked, number - 1) if number else None
    return render_template(f"account/welcome_{name}.html", form=form, step=number + 1, total=len(asked), back=back)


def _steps_to_ask(profile: ProfileView) -> Asked:
    """The questions with their forms; one that has nothing to choose from, as before any import, is not asked."""
    forms = ((step, step.form(profile)) for step in STEPS)
    return [(step, form) for step, form in forms if all(getattr(field, "choices", True) for field in form)]


def _continue_onboarding(actor: Person, asked: Asked, number: int) -> ResponseReturnValue:
    if number + 1 < len(asked):
        return redirect(_step_address(asked, number + 1))
    finish_onboarding(actor)
    return redirect(next_address_or(url_for("home.index")))


def _step_address(asked: Asked, number: int) -> str:
    """The step's address, which carries where the reader wanted to go."""
    return url_for("account.welcome_step", name=asked[number][0].name, next=own_path(request.args.get("next")))
