"""The administrators' pages."""

from webapp.extensions import db
from webapp.models import AuditEntry, ImportRun, RunStatus, Slate


def test_the_overview_says_when_there_is_no_model(client, login, make_user) -> None:
    html = login(client, make_user("admin")).get("/admin").text
    assert "no usable model" in html
    assert "Retrain now" in html


def test_learners_are_found_by_name_address_and_imported_id(client, login, make_user) -> None:
    make_user(name="Ada Byron")
    make_user(name="Learner 77", email=None, source="mars-en", external_id="77")
    login(client, make_user("admin", name="Root"))
    assert "Ada Byron" in client.get("/admin/learners?q=ada").text
    assert "Learner 77" in client.get("/admin/learners?q=77").text
    assert "Nobody found" in client.get("/admin/learners?q=xyzzy").text


def test_a_learners_home_is_read_only_audited_and_not_stored_as_shown(client, login, make_user, make_course, make_enrollment) -> None:
    learner = make_user(name="Mara Lind")
    make_enrollment(learner, make_course("Taken before"))
    make_course("Still to take")
    admin = make_user("admin")
    html = login(client, admin).get(f"/admin/learners/{learner.id}/home").text
    assert "read-only" in html
    assert "Taken before" in html
    assert "Still to take" in html
    assert "/feedback" not in html
    assert db.session.query(Slate).filter_by(user_id=learner.id).count() == 0
    entry = db.session.query(AuditEntry).filter_by(action="learner.see_home").one()
    assert (entry.actor_id, entry.subject) == (admin.id, f"user:{learner.id}")


def test_somebody_who_is_no_learner_has_no_home_to_look_at(client, login, make_user) -> None:
    other = make_user("admin")
    assert login(client, make_user("admin")).get(f"/admin/learners/{other.id}/home").status_code == 404


def test_bad_rows_of_an_import_can_be_fetched_and_nothing_else(app, client, login, make_user) -> None:
    folder = app.extensions["settings"].instance_dir / "imports"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "bad.csv").write_text("file,line\nx,2\n")
    values = {
        "kind": "courses",
        "layout": "generic",
        "file_name": "x.csv",
        "file_sha256": "0" * 64,
        "status": RunStatus.SUCCEEDED,
        "rows_bad": 1,
    }
    good, evil = ImportRun(**values, errors_path="bad.csv"), ImportRun(**values, errors_path="../secret_key")
    db.session.add_all([good, evil])
    db.session.flush()
    login(client, make_user("admin"))
    assert "x.csv" in client.get("/admin/imports").text
    with client.get(f"/admin/imports/{good.id}/errors.csv") as answer:
        assert answer.text.startswith("file,line")
    assert client.get(f"/admin/imports/{evil.id}/errors.csv").status_code == 404
