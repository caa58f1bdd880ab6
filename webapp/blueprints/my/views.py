"""`/my`: a learner's courses under way, saved, finished and hidden."""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, abort, render_template
from flask.typing import ResponseReturnValue

from webapp.policies import Permission
from webapp.queries.cards import CourseCard
from webapp.queries.learner_dashboard import completed_cards, hidden_cards, in_progress_cards, learning_counts, offered_ids, saved_cards
from webapp.support.messages import N_, gettext
from webapp.web.guards import requires, signed_in_actor
from webapp.web.page_addresses import page_address
from webapp.web.paging import page_url_builder, requested_pagination
from webapp.web.shelves import with_resume_urls

bp = Blueprint("my", __name__, url_prefix="/my")

_TABS: dict[str, tuple[str, Callable[..., list[CourseCard]]]] = {
    "active": (N_("In progress"), in_progress_cards),
    "saved": (N_("Saved"), saved_cards),
    "completed": (N_("Finished"), completed_cards),
    "hidden": (N_("Hidden"), hidden_cards),
}
_PAGE = 12


@bp.get("", defaults={"tab": "active"}, endpoint="index")
@bp.get("/<any(saved, completed, hidden):tab>", endpoint="tab")
@requires(Permission.LEARN_COURSE)
def index(tab: str) -> ResponseReturnValue:
    """One heading of the dashboard at a time."""
    user_id = signed_in_actor().user_id
    if user_id is None:
        abort(403)
    counts: Any = learning_counts(user_id)
    _name, query = _TABS[tab]
    here = page_address("my.index") if tab == "active" else page_address("my.tab", tab=tab)
    page = requested_pagination(getattr(counts, tab), here, _PAGE)
    cards = with_resume_urls(query(user_id, page.size, page.offset))
    tabs = [(key, gettext(name), getattr(counts, key)) for key, (name, _query) in _TABS.items()]
    offered = offered_ids([card.id for card in cards]) if tab == "hidden" else frozenset()
    return render_template("my/index.html", tab=tab, tabs=tabs, cards=cards, offered=offered, page=page, page_url=page_url_builder(here))
