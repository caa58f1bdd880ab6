"""First pages: asked for by the server itself before it forks, so that its workers share what a first answer leaves in memory."""

import structlog
from flask import Flask, url_for
from sqlalchemy import select

from webapp.extensions import db
from webapp.models.course import Course, CourseStatus
from webapp.transactions import unit_of_work, without_deferred_writes

log = structlog.get_logger(__name__)

REQUEST_ID = "before-the-fork"
"""What the log calls these requests."""
_COURSES = 3


def answer_first_pages(app: Flask) -> None:
    """Answer what a visitor asks for first. Nothing is written; what fails is logged and left to those who ask for it."""
    hosts = app.config["TRUSTED_HOSTS"] or ["localhost"]
    base_url = f"http://{hosts[0].lstrip('.')}"
    try:
        with app.test_request_context(base_url=base_url):
            home, catalog, sign_in = (url_for(endpoint) for endpoint in ("home.index", "catalog.index", "security.login"))
            paths = [home, catalog, sign_in, *_course_pages(), home]  # what was opened is in the cookie: the second has reasons
        client = app.test_client()
        with without_deferred_writes():
            for path in paths:
                client.get(path, base_url=base_url, headers={"X-Request-ID": REQUEST_ID})
    except Exception:
        log.exception("first_pages_failed")


def _course_pages() -> list[str]:
    published = select(Course.slug).where(Course.status == CourseStatus.PUBLISHED)
    taken_most = published.order_by(Course.enrollment_count.desc(), Course.id).limit(_COURSES)
    with unit_of_work(writes=False):
        return [url_for("course.show", slug=slug) for slug in db.session.scalars(taken_most)]
