from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from tests.webapp.importing.helpers import load, problems, rows, write
from webapp.models.user import Profile, Role, User


def test_learners_come_with_what_the_file_says(tmp_path: Path, db_session: Session) -> None:
    header = "learner_id,name,level,weekly_minutes,interests,joined_at"
    path = write(tmp_path / "people.csv", header, "1,Ada Example,expert,120,Data|Web,2024-05-01", "2,,,,,", "3,,,ages,,", "1,Twice,,,,")
    report = load(path, "learners")
    assert (report.outcome.new, report.bad) == (2, 2)
    assert [problem["column"] for problem in problems(report)] == ["weekly_minutes", "learner_id"]
    assert rows(User, User.name, User.role, User.active, User.email) == [
        ("Ada Example", Role.LEARNER, False, None),
        ("Learner 2", Role.LEARNER, False, None),
    ]
    profile = db_session.scalars(select(Profile).options(selectinload(Profile.topics))).one()
    assert (profile.level, profile.weekly_minutes, {topic.name for topic in profile.topics}) == ("advanced", 120, {"Data", "Web"})
    again = load(path, "learners")
    assert (again.outcome.new, again.outcome.known) == (0, 2)


def test_learners_of_an_interactions_file_are_the_same_people(tmp_path: Path, db_session: Session) -> None:
    load(write(tmp_path / "users_en.csv", "user_id,job", "5,N/A", "6,legal"))
    load(write(tmp_path / "items.csv", "course_id,title", "1,One"), "courses", source="mars-en")
    load(write(tmp_path / "implicit.csv", "item_id,user_id,created_at", "1,5,2018-01-02 03:04:05", "1,7,2018-01-02 03:04:05"))
    assert [row[0] for row in rows(User, User.external_id)] == ["5", "6", "7"]
