"""Folded columns follow their text, whichever way it is written."""

from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.extensions import db
from webapp.importing.bulk import insert_new
from webapp.models.course import Course, CourseStatus
from webapp.models.folding import folded_columns, with_folded
from webapp.models.user import User
from webapp.models.vocabulary import Skill, Tag, Topic
from webapp.support.text import fold

FOLDED = {mapper.class_.__tablename__ for mapper in db.Model.registry.mappers if folded_columns(mapper.class_.__table__)}


def test_everything_looked_up_by_name_or_title_has_a_folded_column() -> None:
    assert {"courses", "users", "topics", "tags", "skills", "career_goals"} <= FOLDED


@pytest.mark.parametrize("model", [Topic, Tag, Skill])
def test_the_model_keeps_it(db_session: Session, model: Any) -> None:
    row = model(slug="ecole", name="École")
    db_session.add(row)
    db_session.flush()
    row.name = "Don’t"
    db_session.flush()
    assert db_session.scalars(select(model.name_folded)).all() == ["don't"]


def test_an_account_without_a_name_has_an_empty_one(db_session: Session) -> None:
    db_session.add(User(email="nobody@example.com"))
    db_session.flush()
    assert db_session.scalars(select(User.name_folded)).all() == [""]


@pytest.mark.parametrize("count", [1, 300])
def test_rows_written_in_bulk_have_it(db_session: Session, count: int) -> None:
    insert_new(Tag, [{"slug": f"s{n}", "name": f"Größe {n}"} for n in range(count)])
    assert all(folded == fold(name) for name, folded in db_session.execute(select(Tag.name, Tag.name_folded)))
    assert db_session.scalar(select(Tag.name_folded).where(Tag.slug == "s0")) == "grosse 0"


def test_a_constructed_course_has_both(make_course) -> None:
    course = make_course("İstanbul", summary="Ein Café", status=CourseStatus.DRAFT)
    assert (course.title_folded, course.summary_folded) == ("istanbul", "ein cafe")


def test_values_for_statements_past_the_model() -> None:
    table = Course.__table__
    assert with_folded(table, {"title": "ÉCOLE", "price_cents": 1}) == {"title": "ÉCOLE", "price_cents": 1, "title_folded": "ecole"}
    assert with_folded(table, {"price_cents": 1}) == {"price_cents": 1}
