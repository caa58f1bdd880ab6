"""`/my/profile`: the profile form, and signing out other sessions."""

from decimal import Decimal

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from webapp.blueprints.account.profile_forms import ProfileForm
from webapp.blueprints.account.views import bp
from webapp.policies import Permission
from webapp.queries.accounts import ProfileView, course_languages, goal_options, profile_view, topic_options
from webapp.services.profiles import Details, save_details
from webapp.support.languages import primary_language
from webapp.support.messages import gettext
from webapp.web.guards import requires, signed_in_actor
from webapp.web.service_refusals import accepts


@bp.route("/my/profile", methods=["GET", "POST"])
@requires(Permission.EDIT_PROFILE)
def profile() -> ResponseReturnValue:
    """The profile as a form; a change shows in the next recommendations."""
    actor = signed_in_actor()
    known = profile_view(actor.user_id)
    form = _form(known)
    if form.validate_on_submit():
        with accepts(form) as accepted:
            save_details(actor, _details(form))
        if accepted:
            flash(gettext("Saved. Your next recommendations take it into account."), "success")
            return redirect(url_for("account.profile"))
    return render_template("account/profile.html", form=form, known=known)


def _form(known: ProfileView) -> ProfileForm:
    hours = None if known.weekly_minutes is None else (Decimal(known.weekly_minutes) / 60).quantize(Decimal("0.01"))
    data = {
        "name": known.name,
        "topics": list(known.topics),
        "goal": known.goal or "",
        "level": known.level or "",
        "hours": hours,
        "language": primary_language(known.language),
        "timezone": known.timezone,
    }
    return ProfileForm(data=data).set_choices(topic_options(known.topics), goal_options(), course_languages())


def _details(form: ProfileForm) -> Details:
    return Details(
        name=form.name.data or "",
        topics=form.topics.data or (),
        goal=form.goal.data or None,
        level=form.level.data or None,
        weekly_minutes=form.weekly_minutes(),
        language=form.language.data,
        timezone=form.timezone.data,
    )
