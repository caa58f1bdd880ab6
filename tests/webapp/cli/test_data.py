from pathlib import Path

import pytest
from click.testing import Result
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tests.webapp.importing.helpers import write
from webapp.models.course import Course
from webapp.models.enrollment import Enrollment
from webapp.models.event import Event
from webapp.models.operations import ImportRun
from webapp.models.user import User


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "ibm"
    folder.mkdir()
    write(folder / "enrollments.csv", "user,item,rating", "7,A1,3.0", "7,A2,2.0", "8,A1,3.0", "8,A9,3.0")
    write(folder / "course_processed.csv", "COURSE_ID,TITLE,DESCRIPTION", "A1,using r,about r", "A2,sql 101,about sql")
    write(folder / "notes.csv", "what,ever", "1,2")
    return folder


def flask(app: Flask, *arguments: object) -> Result:
    return app.test_cli_runner().invoke(args=["data", *map(str, arguments)])


def test_a_folder_is_imported_in_the_right_order(app: Flask, db_session: Session, folder: Path) -> None:
    result = flask(app, "import", folder)
    assert result.exit_code == 0, result.output
    assert "notes.csv: no known layout, left out" in result.output
    assert "course_processed.csv: courses in the layout ibm-capstone, 2 rows: 2 new" in result.output
    assert "enrollments.csv: interactions in the layout ibm-capstone, 4 rows: 3 new, 0 changed, 0 known already, 1 bad" in result.output
    assert "rows/s" in result.output
    assert "Peak memory" in result.output
    counts = dict(map(tuple, db_session.execute(select(Course.title, Course.enrollment_count))))
    assert counts == {"Using R": 2, "SQL 101": 1}


def test_a_second_import_says_that_nothing_changed(app: Flask, db_session: Session, folder: Path) -> None:
    flask(app, "import", "courses", folder / "course_processed.csv")
    result = flask(app, "import", "courses", folder / "course_processed.csv")
    assert "2 known already" in result.output
    assert "Nothing changed." in result.output


def test_a_dry_run_of_a_folder_knows_what_its_own_files_would_make(app: Flask, db_session: Session, folder: Path) -> None:
    result = flask(app, "import", folder, "--dry-run")
    assert "3 would be new, 0 would be changed, 0 known already, 1 bad" in result.output
    assert "line 5, error: item: course 'A9' is not known" in result.output
    for model in (Course, User, Event, Enrollment, ImportRun):
        assert db_session.scalar(select(func.count(model.id))) == 0


def test_columns_are_mapped_and_sources_named(app: Flask, db_session: Session, tmp_path: Path) -> None:
    path = write(tmp_path / "kurse.csv", "Nr;Titel", "1;Statistik")
    result = flask(app, "import", "courses", path, "--map", "Nr=course_id", "--map", "Titel=title", "--source", "uni")
    assert result.exit_code == 0, result.output
    course = db_session.scalars(select(Course)).one()
    assert (course.title, course.source, course.external_id) == ("Statistik", "uni", "1")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["courses", "nowhere.csv"], "There is no file nowhere.csv"),
        (["teachers", "nowhere.csv"], "'teachers' cannot be imported: courses, learners or interactions"),
        (["courses", "nowhere.csv", "--map", "title"], "the form is COLUMN=FIELD"),
        (["courses", "nowhere.csv", "--source", "No Good"], "--source takes"),
        (["courses", "nowhere.csv", "--source", "sample"], "taken by the sample world"),
    ],
)
def test_mistakes_are_explained(app: Flask, db_session: Session, arguments: list[str], message: str) -> None:
    result = flask(app, "import", *arguments)
    assert result.exit_code == 1
    assert message in result.output


def test_a_folder_without_known_files_is_refused(app: Flask, db_session: Session, tmp_path: Path) -> None:
    write(tmp_path / "notes.csv", "what,ever", "1,2")
    result = flask(app, "import", tmp_path)
    assert result.exit_code == 1
    assert "No file in" in result.output
    assert "no known layout" in result.output


def test_the_sample_world_is_loaded_once_and_its_password_shown_once(app: Flask, db_session: Session) -> None:
    first = flask(app, "sample", "--learners", "5", "--seed", "2")
    assert first.exit_code == 0, first.output
    assert "learner@example.com, creator@example.com or admin@example.com" in first.output
    assert "shown only this once" in first.output
    again = flask(app, "sample")
    assert again.exit_code == 0
    assert "nothing changed" in again.output
    assert "password" not in again.output
