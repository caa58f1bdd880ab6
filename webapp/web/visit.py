"""Visit of a request: the courses a visitor has opened, the device, the languages of the browser.

The courses are a few numbers in the session cookie, which is signed and ends with the browser. No table holds them.
"""

from flask import request, session

from webapp.recommender.serving.visit import Visit
from webapp.web.guards import current_account

_SEEN = "seen"
_MOST_SEEN = 10
_LARGEST_ID = 2**31 - 1
_DEVICES = {"?1": "phone", "?0": "desktop"}
_MOST_LANGUAGES = 8


def current_visit() -> Visit:
    """The visit this request belongs to; of people who are signed in it holds no courses."""
    device = _DEVICES.get(request.headers.get("Sec-CH-UA-Mobile", ""))
    seen = () if current_account() else _seen_course_ids()
    return Visit(seen, frozenset([device] if device else ()), _languages())


def remember_opened_course(course_id: int) -> None:
    """Note in a visitor's cookie that a course page was opened, the last few of them; of people who are signed in it keeps none."""
    if current_account():
        forget_opened_courses()
        return
    before = _seen_course_ids()
    if before[-1:] != (course_id,):
        session[_SEEN] = [*(known for known in before if known != course_id), course_id][-_MOST_SEEN:]


def forget_opened_courses() -> None:
    """Take what a visitor has opened out of the cookie: after a sign-in the event log knows what is opened."""
    session.pop(_SEEN, None)


def _seen_course_ids() -> tuple[int, ...]:
    """Ids as the cookie holds them. It is signed, but not necessarily by this version: what cannot be an id is dropped."""
    stored = session.get(_SEEN)
    numbers = stored if isinstance(stored, list) else []
    ids = dict.fromkeys(n for n in numbers if type(n) is int and 0 < n <= _LARGEST_ID)
    return tuple(ids)[-_MOST_SEEN:]


def _languages() -> tuple[str, ...]:
    """Languages the browser asks for, the preferred first; none where it takes any."""
    asked = [tag for tag, quality in request.accept_languages if tag and quality > 0]
    return () if "*" in asked else tuple(asked[:_MOST_LANGUAGES])
