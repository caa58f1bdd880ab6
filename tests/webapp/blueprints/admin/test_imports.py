"""What was imported, and the rows that were not."""

from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient

from webapp.extensions import db
from webapp.models.operations import ImportRun, RunStatus
from webapp.support.clock import now


def imported(**changes: object) -> ImportRun:
    values = {
        "kind": "courses",
        "layout": "generic",
        "file_name": "x.csv",
        "file_sha256": "0" * 64,
        "status": RunStatus.SUCCEEDED,
        "finished_at": now(),
    }
    run = ImportRun(**(values | changes))
    db.session.add(run)
    db.session.flush()
    return run


def test_without_imports_it_says_how_to_begin(admin: FlaskClient) -> None:
    assert "flask data import" in admin.get("/admin/imports").text


def test_imports_are_listed_with_their_counts(admin: FlaskClient) -> None:
    imported(file_name="enrollments.csv", kind="interactions", rows_done=9402, rows_new=9001, rows_changed=23, rows_known=378, rows_bad=17)
    html = admin.get("/admin/imports").text
    for text in ("enrollments.csv", "9,402", "9,001", "23", "378", "17", "Interactions, layout generic"):
        assert text in html


@pytest.mark.parametrize("away", [-1, 1], ids=["long ago", "in the future"])
def test_an_import_that_gives_no_sign_of_life_was_interrupted(admin: FlaskClient, away: int) -> None:
    with time_machine.travel(now(), tick=False):
        run = imported(status=RunStatus.RUNNING, finished_at=None, heartbeat_at=now() + away * timedelta(seconds=100))
        assert "Under way" in admin.get("/admin/imports").text
        run.heartbeat_at = now() + away * timedelta(seconds=130)
        db.session.flush()
        html = admin.get("/admin/imports").text
    assert ">Interrupted<" in html.replace("\n", "")
    assert "Under way" not in html


def test_bad_rows_can_be_fetched_and_nothing_else(app: Flask, admin: FlaskClient) -> None:
    folder = app.extensions["settings"].instance_dir / "imports"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "bad.csv").write_text("file,line\nx,2\n")
    (folder.parent / "secret_key").write_text("secret")
    good = imported(rows_bad=1, errors_path=str(folder / "bad.csv"))
    with admin.get(f"/admin/imports/{good.id}/errors.csv") as answer:
        assert answer.text.startswith("file,line")
        assert "attachment" in answer.headers["Content-Disposition"]
    for path in ("../secret_key", str(folder.parent / "secret_key"), "/", "..", "gone.csv"):
        assert admin.get(f"/admin/imports/{imported(errors_path=path).id}/errors.csv").status_code == 404
    assert admin.get(f"/admin/imports/{imported().id}/errors.csv").status_code == 404


def test_many_imports_are_paged(admin: FlaskClient) -> None:
    for n in range(26):
        imported(file_name=f"file-{n:02}.csv")
    first = admin.get("/admin/imports").text
    assert "26 files read" in first
    assert "file-00.csv" not in first
    assert "file-00.csv" in admin.get("/admin/imports?page=2").text
