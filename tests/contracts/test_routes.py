"""Every route × role: who gets an answer, who is asked to sign in, who is refused. A route without a row here fails."""

import pytest
from flask import Flask

from tests.noted_background import Noted
from webapp.models.lesson import Lesson

OPEN, SIGN_IN, REFUSED, MISSING = "open", "sign in", "refused", "missing"
EVERYONE = (OPEN, OPEN, OPEN, OPEN)
MEMBERS = (SIGN_IN, OPEN, OPEN, OPEN)
CREATORS = (SIGN_IN, REFUSED, OPEN, OPEN)
ADMINS = (SIGN_IN, REFUSED, REFUSED, OPEN)
# somebody else's: its existence is not even told
FOREIGN = (SIGN_IN, MISSING, MISSING, MISSING)
# publishing somebody else's draft: its existence is not even told
FOREIGN_DRAFT = (SIGN_IN, REFUSED, MISSING, OPEN)
ROLES = ("visitor", "learner", "creator", "admin")

EXPECTED = {
    "GET home.index": EVERYONE,
    "GET catalog.index": EVERYONE,
    "GET course.show": EVERYONE,
    "POST course.enroll": MEMBERS,
    "GET course.unenroll": MEMBERS,
    "POST course.unenroll": MEMBERS,
    "POST course.feedback": MEMBERS,
    "GET learn.index": MEMBERS,
    "GET learn.lesson": MEMBERS,
    "POST learn.complete": MEMBERS,
    "GET learn.answer": MEMBERS,
    "POST learn.answer": MEMBERS,
    "POST learn.finish": MEMBERS,
    "GET learn.finished": MEMBERS,
    "GET my.index": MEMBERS,
    "GET my.tab": MEMBERS,
    "GET notifications.index": MEMBERS,
    "POST notifications.open": FOREIGN,
    "POST notifications.read_all": MEMBERS,
    "GET account.profile": MEMBERS,
    "POST account.profile": MEMBERS,
    "GET account.privacy": MEMBERS,
    "GET account.export": MEMBERS,
    "GET account.erase": MEMBERS,
    "POST account.erase": MEMBERS,
    "POST account.sign_out_others": MEMBERS,
    "GET account.sessions": MEMBERS,
    "POST account.end_session": FOREIGN,
    "POST account.theme": EVERYONE,
    "GET account.welcome": MEMBERS,
    "GET account.welcome_step": MEMBERS,
    "POST account.welcome_step": MEMBERS,
    "GET studio.courses_csv": CREATORS,
    "GET studio.index": CREATORS,
    "GET studio.unpublish": FOREIGN_DRAFT,
    "POST studio.publish": FOREIGN_DRAFT,
    "POST studio.unpublish": FOREIGN_DRAFT,
    "GET admin.index": ADMINS,
    "POST admin.retrain": ADMINS,
    "GET admin.training_progress": ADMINS,
    "POST admin.promote": ADMINS,
    "POST admin.roll_back": ADMINS,
    "GET admin.jobs": ADMINS,
    "POST admin.run_job": ADMINS,
    "POST admin.cancel_run": (SIGN_IN, REFUSED, REFUSED, MISSING),
    "GET admin.learners": ADMINS,
    "GET admin.learners_csv": ADMINS,
    "GET admin.learner_home": ADMINS,
    "GET admin.imports": ADMINS,
    "GET admin.import_errors": (SIGN_IN, REFUSED, REFUSED, MISSING),
    "POST course.impressions": MEMBERS,
    "GET system.health": EVERYONE,
    "GET system.ready": EVERYONE,
    "GET system.styleguide": EVERYONE,
    "GET system.robots": EVERYONE,
    "GET system.favicon": EVERYONE,
    "GET static": EVERYONE,
}
BY_LIBRARY = "security."  # sign-in, reset and the like: tests/webapp/blueprints/account


def routes(app: Flask) -> set[str]:
    return {
        f"{method} {rule.endpoint}"
        for rule in app.url_map.iter_rules()
        for method in (rule.methods or set()) & {"GET", "POST", "PUT", "PATCH", "DELETE"}
        if not rule.endpoint.startswith(BY_LIBRARY)
    }


def test_every_route_has_a_row(application: Flask) -> None:
    assert routes(application) == set(EXPECTED), "EXPECTED says of every route what each role gets"


def kind_of(answer) -> str:
    if answer.status_code in (301, 302, 303) and "/login" in answer.headers["Location"]:
        return SIGN_IN
    return {401: SIGN_IN, 403: REFUSED, 404: MISSING}.get(answer.status_code, OPEN if answer.status_code < 500 else "broken")


@pytest.mark.parametrize("route", sorted(EXPECTED))
def test_each_role_gets_what_it_may(app: Flask, client, login, make_user, make_course, make_notification, route: str, monkeypatch) -> None:
    # What jobs do has tests of its own; here only who may ask for them matters.
    monkeypatch.setitem(app.extensions, "background", Noted())
    stranger = make_user("creator")
    course = make_course(creator=stranger, quiz=True)
    draft = make_course(creator=stranger, published=False)
    lesson = app.extensions["sqlalchemy"].session.query(Lesson).filter_by(course_id=course.id).first()
    method, endpoint = route.split(" ")
    rule = next(r for r in app.url_map.iter_rules() if r.endpoint == endpoint and method in (r.methods or ()))
    samples = {
        "slug": draft.slug if endpoint in ("studio.publish", "studio.unpublish") else course.slug,
        "lesson": lesson.slug,
        "user_id": make_user().id,
        "run_id": 10**6,
        "notification_id": make_notification(stranger, course=course).id,
        "session_id": 10**6,
        "job_id": "recount",
        "tab": "saved",
        "version": "20260101T000000000000-00000000",
        "name": "goal",
        "filename": "css/waymark.css",
    }
    wanted = rule.arguments - set(rule.defaults or {})
    assert wanted <= set(samples), "`samples` above needs a value for each part of the address"
    values = {name: samples[name] for name in wanted}
    with app.test_request_context():
        address = app.url_for(endpoint, **values)
    got, statuses = [], []
    for role in ROLES:
        if role != "visitor":
            login(client, make_user(role))
        with client.open(address, method=method) as answer:
            got.append(kind_of(answer))
            statuses.append(answer.status_code)
    assert tuple(got) == EXPECTED[route], statuses
