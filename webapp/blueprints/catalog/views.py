"""`/catalog`: every course, by filters that combine; each state has its own address."""

from collections.abc import Sequence

from flask import Blueprint
from flask.typing import ResponseReturnValue
from markupsafe import Markup, escape

from webapp.models.course import Level
from webapp.queries.cards import CourseCard, cards_for
from webapp.queries.catalog import LENGTHS, SORTS, CatalogFilter, Facets, count_courses, course_ids, facets, matching_ids
from webapp.recommender.serving.personal_order import personal_order
from webapp.support.messages import N_, gettext
from webapp.support.text import clean_line
from webapp.web.foreign_text import foreign
from webapp.web.fragments import page_or_fragment
from webapp.web.guards import current_account
from webapp.web.page_addresses import PageAddress, endpoint_address_with_query, page_address
from webapp.web.paging import Page, page_url_builder, requested_pagination
from webapp.wording.catalog_filters import with_labels

bp = Blueprint("catalog", __name__)

FOR_YOU = "for-you"
_SORT_NAMES = {
    FOR_YOU: N_("For you"),
    "popular": N_("Most popular"),
    "newest": N_("Newest"),
    "shortest": N_("Shortest"),
    "title": N_("Title"),
}
_Q_LENGTH = 200


@bp.get("/catalog")
def index() -> ResponseReturnValue:
    """The catalog; htmx gets the results alone."""
    user = current_account()
    here = page_address("catalog.index")
    filters, sort = _filters(here), _requested_sort(here, signed_in=user is not None)
    page = requested_pagination(count_courses(filters), here)
    values = with_labels(facets(filters))
    response = page_or_fragment(
        "catalog/index.html",
        "results",
        filters=filters,
        facets=values,
        page=page,
        page_url=page_url_builder(here),
        cards=_cards(filters, sort, page, user.id if user else None),
        sort=sort,
        sorts=[(key, gettext(name)) for key, name in _SORT_NAMES.items() if user or key != FOR_YOU],
        chips=_chips(filters, values, here),
    )
    response.vary.add("Cookie")
    return response


def _filters(address: PageAddress) -> CatalogFilter:
    """What the address asks for; values nobody knows are dropped."""
    get = address.words.getlist
    return CatalogFilter(
        topics=tuple(dict.fromkeys(slug for slug in get("topic") if slug))[:20],
        levels=tuple(level.value for level in Level if level.value in get("level")),
        lengths=tuple(name for name in LENGTHS if name in get("length")),
        q=clean_line(address.words.get("q", ""))[:_Q_LENGTH],
    )


def _requested_sort(address: PageAddress, signed_in: bool) -> str:
    asked = address.words.get("sort", "")
    if asked in SORTS or (asked == FOR_YOU and signed_in):
        return asked
    return FOR_YOU if signed_in else "popular"


def _cards(filters: CatalogFilter, sort: str, page: Page, user_id: int | None) -> Sequence[CourseCard]:
    if sort == FOR_YOU and user_id is not None:
        ids = personal_order(user_id, matching_ids(filters))[page.offset : page.offset + page.size]
    else:
        ids = course_ids(filters, sort if sort in SORTS else "popular", page.size, page.offset)
    return cards_for(ids, user_id)


def _chips(filters: CatalogFilter, values: Facets, address: PageAddress) -> list[tuple[Markup, str]]:
    """Each filter in force, what is foreign of it set apart, with the address without it."""
    topics = {topic.value: topic.label for topic in values.topics}
    ours = {choice.value: choice.label or choice.value for choice in (*values.levels, *values.lengths)}
    chips = [(Markup("“{}”").format(foreign(filters.q)), _address_without(address, "q", filters.q))] if filters.q else []
    chips += [(foreign(topics.get(slug) or slug), _address_without(address, "topic", slug)) for slug in filters.topics]
    for name, chosen in (("level", filters.levels), ("length", filters.lengths)):
        chips += [(escape(ours.get(value, value)), _address_without(address, name, value)) for value in chosen]
    return chips


def _address_without(address: PageAddress, name: str, value: str) -> str:
    """The address without one value of a filter, back on its first page."""
    kept = [
        pair for pair in address.words.items(multi=True) if pair[0] != "page" and pair != (name, value) and (name, pair[0]) != ("q", "q")
    ]
    return endpoint_address_with_query(address.endpoint, kept, **address.view_args)
