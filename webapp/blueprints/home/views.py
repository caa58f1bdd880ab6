"""`/`: the landing page for visitors, the personal home page for everyone else."""

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from webapp.models.user import Role, User
from webapp.queries.accounts import home_profile
from webapp.queries.catalog import CatalogFilter, count_courses, topics_with_counts
from webapp.queries.learner_dashboard import goal_skill_progress, learning_counts, progress_by_course
from webapp.recommender.serving.slates import home_shelves
from webapp.support.clock import now
from webapp.support.messages import N_, gettext
from webapp.support.text import part_of_day
from webapp.web.endpoint_write_markers import writes
from webapp.web.guards import current_account
from webapp.web.shelves import card_shelves, home_cards
from webapp.web.visit import current_visit

_GREETINGS = {"morning": N_("Good morning"), "afternoon": N_("Good afternoon"), "evening": N_("Good evening")}

bp = Blueprint("home", __name__)


@bp.get("/")
@writes
def index() -> ResponseReturnValue:
    """The landing page or the home page."""
    user = current_account()
    return _home(user) if user else _landing()


def _landing() -> str:
    shelves = card_shelves(home_shelves(None, current_visit()), None)
    topics = topics_with_counts()
    return render_template("home/landing.html", shelves=shelves, topics=topics, course_count=count_courses(CatalogFilter()))


def _home(user: User) -> str:
    profile = home_profile(user.id)
    cards, shelves = home_cards(home_shelves(user.id, current_visit()), progress_by_course(user.id), user.id)
    return render_template(
        "home/index.html",
        profile=profile,
        greeting=_greeting(profile.timezone),
        first_name=next(iter(user.name.split()), ""),
        goal=goal_skill_progress(user.id),
        under_way=cards,
        shelves=shelves,
        # Asked only where no course is left: are there none, or has this learner been through all of them?
        counts=None if shelves else learning_counts(user.id),
        course_count=None if shelves else count_courses(CatalogFilter()),
        makes_courses=user.role is not Role.LEARNER,
    )


def _greeting(timezone: str) -> str:
    """A greeting for the reader's own part of the day, where their zone is known."""
    part = part_of_day(now(), timezone)
    return gettext(_GREETINGS[part]) if part else gettext("Hello")
