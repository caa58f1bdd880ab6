"""`/admin/learners`: search for learners, and the home page of one, read-only."""

from flask import render_template, request
from flask.typing import ResponseReturnValue

from webapp.blueprints.admin.views import bp
from webapp.policies import Permission
from webapp.queries.learners import count_learners, learner_facts, learner_history, learner_rows, learner_verdicts, viewed_courses
from webapp.recommender.serving.slates import home_shelves
from webapp.services.impersonation import open_learner_home
from webapp.support.text import clean_line
from webapp.web.guards import requires, signed_in_actor
from webapp.web.paging import page_of, page_urls
from webapp.web.shelves import card_shelves
from webapp.web.writing import writes

_LONGEST_QUERY = 100
_PAGE = 25


@bp.get("/learners")
@requires(Permission.SEE_LEARNER_HOME)
def learners() -> ResponseReturnValue:
    """Learners by name, address or imported id."""
    q = clean_line(request.args.get("q", ""))[:_LONGEST_QUERY]
    page = page_of(count_learners(q), _PAGE)
    return render_template("admin/learners.html", q=q, rows=learner_rows(q, page.size, page.offset), page=page, page_url=page_urls())


@bp.get("/learners/<int:user_id>/home")
@writes
@requires(Permission.SEE_LEARNER_HOME)
def learner_home(user_id: int) -> ResponseReturnValue:
    """A learner's shelves, read-only, beside what they were made from; not stored as shown to the learner."""
    user = open_learner_home(signed_in_actor(), user_id)
    return render_template(
        "admin/learner_home.html",
        learner=user,
        facts=learner_facts(user.id),
        history=learner_history(user.id),
        verdicts=learner_verdicts(user.id),
        viewed=viewed_courses(user.id),
        # cards of nobody: without the state of a learner there is nothing to click on them
        shelves=card_shelves(home_shelves(user.id, record=False), None),
    )
