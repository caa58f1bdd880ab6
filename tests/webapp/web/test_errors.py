"""What another request made or removed in the same moment is told as that, and kept apart from faults of ours."""

from collections.abc import Callable

import pytest
from flask import Flask

from webapp.extensions import db
from webapp.models.enrollment import Enrollment
from webapp.models.vocabulary import Topic


def _of_somebody_who_is_gone() -> list[object]:
    return [Enrollment(user_id=10**6, course_id=10**6)]


def _there_already() -> list[object]:
    return [Topic(slug="maps", name=name, position=1) for name in ("Maps", "maps")]


def _without_a_name() -> list[object]:
    return [Topic(slug="maps", name=None, position=1)]


@pytest.mark.parametrize(("rows", "status"), [(_of_somebody_who_is_gone, 409), (_there_already, 409), (_without_a_name, 500)])
def test_what_broke_a_rule_of_the_database_is_told_apart(committing_app: Flask, rows: Callable[[], list[object]], status: int) -> None:
    @committing_app.post("/written")
    def written() -> str:
        db.session.add_all(rows())
        return "kept"

    committing_app.config["PROPAGATE_EXCEPTIONS"] = False
    answer = committing_app.test_client().post("/written")
    assert answer.status_code == status
    assert db.session.query(Topic).count() == 0
