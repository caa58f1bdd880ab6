"""`/admin/learners`: search for learners, and the home page of one, read-only."""

from flask import render_template
from flask.typing import ResponseReturnValue

from webapp.blueprints.admin.views import bp
from webapp.policies import Permission
from webapp.queries.learners import (
    LearnerSort,
    count_learners,
    every_learner_row,
    learner_enrollments,
    learner_facts,
    learner_feedback,
    learner_rows,
    viewed_courses_not_taken,
)
from webapp.recommender.serving.slates import home_shelves
from webapp.services.impersonation import audit_learner_list_download, authorize_learner_home
from webapp.support.messages import gettext, lazy_gettext
from webapp.support.text import clean_line
from webapp.web.endpoint_write_markers import writes
from webapp.web.fragments import page_or_fragment
from webapp.web.guards import requires, signed_in_actor
from webapp.web.page_addresses import PageAddress, page_address
from webapp.web.paging import page_url_builder, requested_pagination
from webapp.web.shelves import card_shelves
from webapp.web.tables import Column, ColumnKind, Sort, Table, asked_sort, csv_address, table_csv

_LONGEST_QUERY = 100
_PAGE = 25
_NAME = Column(LearnerSort.NAME, lazy_gettext("Learner"), lambda row: row.name, sortable=True, note=lambda row: row.email)
_COUNTS = (
    Column(LearnerSort.COURSES, lazy_gettext("Courses"), lambda row: row.courses, ColumnKind.NUMBER, sortable=True, descending=True),
    Column(LearnerSort.FINISHED, lazy_gettext("Finished"), lambda row: row.finished, ColumnKind.NUMBER, sortable=True, descending=True),
    Column(LearnerSort.ACTIVE, lazy_gettext("Last active"), lambda row: row.last_active, ColumnKind.DATE, sortable=True, descending=True),
)
_COLUMNS = (
    _NAME,
    *_COUNTS,
    Column("imported", lazy_gettext("Imported as"), lambda row: " ".join(filter(None, (row.source, row.external_id)))),
)
_CSV_COLUMNS = (
    _NAME,
    Column("email", lazy_gettext("E-mail"), lambda row: row.email),
    *_COUNTS,
    Column("source", lazy_gettext("Source"), lambda row: row.source),
    Column("external_id", lazy_gettext("Imported id"), lambda row: row.external_id),
)


@bp.get("/learners")
@requires(Permission.SEE_LEARNER_HOME)
def learners() -> ResponseReturnValue:
    """Learners by name, address or imported id."""
    here = page_address("admin.learners")
    q = _search_query(here)
    page = requested_pagination(count_learners(q), here, _PAGE)
    sort = asked_sort(_COLUMNS, here.words)
    rows = learner_rows(q, page.size, page.offset, *_learner_sort(sort))
    table = Table(
        "learners", gettext("Table of learners"), _COLUMNS, rows, here, sort, csv=csv_address("admin.learners_csv", here), swaps=True
    )
    return page_or_fragment("admin/learners.html", "learners", q=q, table=table, page=page, page_url=page_url_builder(here))


@bp.get("/learners.csv")
@writes
@requires(Permission.SEE_LEARNER_HOME)
def learners_csv() -> ResponseReturnValue:
    """The learners that match, all pages of them, as a file; audited."""
    here = page_address("admin.learners")
    q = _search_query(here)
    audit_learner_list_download(signed_in_actor(), q)
    return table_csv("learners", _CSV_COLUMNS, every_learner_row(q, *_learner_sort(asked_sort(_COLUMNS, here.words))))


@bp.get("/learners/<int:user_id>/home")
@writes
@requires(Permission.SEE_LEARNER_HOME)
def learner_home(user_id: int) -> ResponseReturnValue:
    """A learner's shelves, read-only, beside what they were made from; not stored as shown to the learner."""
    user = authorize_learner_home(signed_in_actor(), user_id)
    return render_template(
        "admin/learner_home.html",
        learner=user,
        facts=learner_facts(user.id),
        history=learner_enrollments(user.id),
        verdicts=learner_feedback(user.id),
        viewed=viewed_courses_not_taken(user.id),
        # cards of nobody: without the state of a learner there is nothing to click on them
        shelves=card_shelves(home_shelves(user.id, record=False), None),
    )


def _search_query(address: PageAddress) -> str:
    return clean_line(address.words.get("q", ""))[:_LONGEST_QUERY]


def _learner_sort(sort: Sort | None) -> tuple[LearnerSort | None, bool]:
    return (LearnerSort(sort.key), sort.descending) if sort else (None, False)
