"""`/`: the landing page for visitors, the personal home page for everyone else."""

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from webapp.models import User
from webapp.queries.accounts import profile_view
from webapp.queries.catalog import CatalogFilter, count_courses, topics_with_counts
from webapp.queries.learning import continue_cards
from webapp.recommender.slates import home_shelves
from webapp.web.guards import current_account
from webapp.web.shelves import card_shelves, with_next_urls

bp = Blueprint("home", __name__)


@bp.get("/")
def index() -> ResponseReturnValue:
    """The first page."""
    user = current_account()
    return _home(user) if user else _landing()


def _landing() -> str:
    shelves = card_shelves(home_shelves(None), None)
    topics = topics_with_counts()
    return render_template("home/landing.html", shelves=shelves, topics=topics, course_count=count_courses(CatalogFilter()))


def _home(user: User) -> str:
    under_way = with_next_urls(continue_cards(user.id))
    return render_template(
        "home/index.html",
        profile=profile_view(user.id),
        under_way=under_way,
        shelves=card_shelves(home_shelves(user.id), user.id),
        first_name=user.name.split()[0] if user.name.split() else "",
    )
