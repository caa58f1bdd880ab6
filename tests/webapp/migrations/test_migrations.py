"""Migrations make exactly the tables the models describe, from nothing and back."""

import json
from hashlib import blake2b

import flask_migrate
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import inspect, select, text

from webapp.extensions import db
from webapp.importing.layout import FileKind
from webapp.importing.run import ImportRequest, import_file
from webapp.models.event import Event
from webapp.models.operations import JobRun, ModelVersion
from webapp.models.slate import Impression, Slate
from webapp.policies import System
from webapp.readiness import MIGRATIONS, known_migrations
from webapp.registries.run_messages import RunMessage

INSERT_COURSE = """insert into courses (id, slug, title, summary, duration_minutes, language, price_cents, certificate, outcomes, status,
    created_at, updated_at, enrollment_count, completion_count, is_sample)
    values (:id, :slug, 'Knots', '', :minutes, 'en', 0, false, '[]', 'draft', '2026-01-01', '2026-01-01', 0, 0, false)"""
INSERT_LESSON = """insert into lessons (id, course_id, module_id, position, slug, title, kind, minutes, body)
    values (:position, 1, 1, :position, :slug, 'Knots', :kind, 28, :body)"""


def test_the_migrations_lead_to_the_models(empty_app) -> None:
    flask_migrate.upgrade()
    with db.engine.connect() as connection:
        differences = compare_metadata(MigrationContext.configure(connection), db.metadata)
        assert differences == [], "models and migrations differ: the next file in webapp/migrations/versions is missing"


def test_the_names_of_the_files_say_what_alembic_reads_in_them() -> None:
    newest_first = [script.revision for script in ScriptDirectory(str(MIGRATIONS)).walk_revisions()]
    assert known_migrations() == tuple(reversed(newest_first))


def test_all_the_way_back_leaves_nothing(empty_app) -> None:
    flask_migrate.upgrade()
    flask_migrate.downgrade(revision="base")
    assert inspect(db.engine).get_table_names() == ["alembic_version"]


def test_minutes_of_an_old_database_become_true(empty_app) -> None:
    flask_migrate.upgrade(revision="0003")
    body = " ".join(["word"] * 250)
    practice = f"{body}\n\n### Practice (20 min)\n\nTie a knot."
    with db.engine.begin() as connection:
        for course_id, minutes in ((1, 28), (2, 480), (3, None)):
            connection.execute(text(INSERT_COURSE), {"id": course_id, "slug": f"course-{course_id}", "minutes": minutes})
        connection.execute(text("insert into modules (id, course_id, position, title) values (1, 1, 1, 'Start')"))
        for position, (kind, words) in enumerate((("text", body), ("text", practice), ("quiz", ""), ("video", "https://example.org")), 1):
            row = {"position": position, "slug": f"lesson-{position}", "kind": kind, "body": words}
            connection.execute(text(INSERT_LESSON), row)
        for position in (1, 2, 3):
            connection.execute(
                text("insert into questions (lesson_id, position, text, explanation) values (3, :n, 'Why?', '')"), {"n": position}
            )
    flask_migrate.upgrade()
    with db.engine.connect() as connection:
        lessons = connection.execute(text("select minutes from lessons order by position")).scalars().all()
        courses = connection.execute(text("select duration_minutes from courses order by id")).scalars().all()
    assert lessons == [2, 22, 3, 28]  # the length of a video is what was stated
    assert courses == [55, 480, None]  # where there are no lessons, what was stated stays


def test_what_points_at_an_account_survives_its_table_being_made_anew(empty_app) -> None:
    flask_migrate.upgrade(revision="0003")
    user = (
        "insert into users (id, email, name, role, active, fs_uniquifier, created_at, is_sample{0}) "
        "values ({1}, '{2}', 'Ada', 'learner', true, 'x{1}', '2026-01-01', false{3})"
    )
    with db.engine.begin() as connection:
        connection.execute(text(user.format(", confirmed_at", 1, "ada@example.com", ", '2026-01-02'")))
        connection.execute(text("insert into profiles (user_id, timezone, language, theme) values (1, 'UTC', 'en', 'auto')"))
    flask_migrate.upgrade()
    with db.engine.begin() as connection:
        assert connection.execute(text("select user_id from profiles")).all() == [(1,)]
        connection.execute(text(user.format("", 2, "ada@example.com", "")))
        if db.engine.dialect.name == "sqlite":
            assert connection.execute(text("pragma foreign_keys")).scalar() == 1
            assert connection.execute(text("pragma foreign_key_check")).all() == []
    flask_migrate.downgrade(revision="0003")
    with db.engine.connect() as connection:
        assert connection.execute(text("select id, email from users order by id")).all() == [(1, "ada@example.com"), (2, None)]
        assert connection.execute(text("select user_id from profiles")).all() == [(1,)]


def test_folded_columns_of_rows_there_are_get_filled(empty_app) -> None:
    flask_migrate.upgrade(revision="0003")
    with db.engine.begin() as connection:
        connection.execute(
            text("insert into topics (id, slug, name, hue, position) values (:id, :slug, :name, 1, 1)"),
            [{"id": n, "slug": f"s{n}", "name": f"École n° {n}"} for n in range(1, 5_003)],
        )
        connection.execute(
            text("insert into skills (slug, name, topic_id) values (:slug, :name, 5002)"), [{"slug": "istanbul", "name": "İstanbul"}]
        )
    flask_migrate.upgrade()
    with db.engine.connect() as connection:
        assert connection.scalar(text("select count(*) from topics where name_folded like 'ecole n%'")) == 5_002
        assert connection.execute(text("select name_folded, topic_id from skills")).all() == [("istanbul", 5_002)]


@pytest.mark.parametrize(
    ("version", "rows", "after"),
    [
        ("0009", [("葛\U000e0100城", "葛\U000e0100城"), ("A ≠ B", "a = b"), ("Knots", "left alone")], ["葛城", "a ≠ b", "left alone"]),
        ("0012", [("צה״ל", "צה״ל"), ("½ Way", "1⁄2 way"), ("Knots", "left alone")], ['צה"ל', "1/2 way", "left alone"]),
    ],
)
def test_what_folding_has_learned_since_reaches_rows_there_are(
    empty_app, version: str, rows: list[tuple[str, str]], after: list[str]
) -> None:
    flask_migrate.upgrade(revision=version)
    with db.engine.begin() as connection:
        connection.execute(
            text("insert into skills (slug, name, name_folded) values (:name, :name, :folded)"), [{"name": n, "folded": f} for n, f in rows]
        )
    flask_migrate.upgrade()
    with db.engine.connect() as connection:
        folded = connection.execute(text("select name_folded from skills order by id")).scalars().all()
    assert folded == after


def test_slates_of_an_old_database_keep_places_reasons_and_clicks(empty_app) -> None:
    flask_migrate.upgrade(revision="0003")
    reason = {"source": "ease", "kind": "taken_together", "weight": 0.5, "evidence": "2", "detail": ["maps"]}
    items = [
        {"course_id": 1, "position": 1, "score": 0.75, "propensity": 1.0, "reasons": [reason, reason | {"kind": "rest", "weight": 0.25}]},
        {"course_id": 2, "position": 2, "score": 0.5, "propensity": 0.25, "reasons": []},
    ]
    with db.engine.begin() as connection:
        for course_id in (1, 2):
            connection.execute(text(INSERT_COURSE), {"id": course_id, "slug": f"course-{course_id}", "minutes": 60})
        for n in range(3):
            connection.execute(
                text(
                    "insert into slates (id, placement, served_at, policy_version, items) "
                    "values (:id, 'recommended', '2026-11-01 10:00:00+00:00', 'default-1', :items)"
                ),
                {"id": f"{n:032x}", "items": json.dumps(items)},
            )
        connection.execute(
            text(
                "insert into events (kind, course_id, slate_id, position, occurred_at, time_is_order, client_id) "
                "values ('click', 2, :slate, 2, '2026-11-01 10:05:00+00:00', false, 'click-0001')"
            ),
            {"slate": f"{1:032x}"},
        )
    flask_migrate.upgrade()
    slates = db.session.scalars(select(Slate).order_by(Slate.id)).all()
    assert len({slate.id for slate in slates}) == 3
    assert slates[1].detail == [
        [0.75, [["ease", "taken_together", 0.5, "2", "maps"], ["ease", "rest", 0.25, "2", "maps"]]],
        [0.5, []],
    ]
    places = db.session.scalars(select(Impression).order_by(Impression.slate_id, Impression.position)).all()
    assert [(p.slate_id, p.position, p.course_id, p.propensity, p.reason) for p in places] == [
        place for s in slates for place in ((s.id, 1, 1, 1.0, "taken_together"), (s.id, 2, 2, 0.25, None))
    ]
    assert [p.clicked_at is not None for p in places] == [False, False, False, True, False, False]
    assert db.session.scalar(select(Event.slate_id)) == slates[1].id
    db.session.rollback()
    flask_migrate.downgrade(revision="0003")
    with db.engine.connect() as connection:
        stored = connection.execute(text("select items from slates order by id")).scalars().all()
        assert connection.execute(text("select count(*) from slates s join events e on e.slate_id = s.id")).scalar() == 1
    assert [json.loads(old) if isinstance(old, str) else old for old in stored] == [items] * 3


def test_a_run_keeps_the_model_it_made_when_its_table_is_made_anew(empty_app) -> None:
    flask_migrate.upgrade(revision="0003")
    with db.engine.begin() as connection:
        connection.execute(
            text(
                "insert into job_runs (id, job_id, trigger, status, started_at, heartbeat_at, progress, message, host) "
                "values (7, 'retrain', 'schedule', 'succeeded', '2026-01-01', '2026-01-01', 1, 'Learned.', 'here')"
            )
        )
        connection.execute(
            text(
                "insert into model_versions (version, status, trained_at, seconds, data_fingerprint, n_users, n_items, n_interactions, "
                "metrics, params, job_run_id) values ('model-1', 'live', '2026-01-01', 1, '', 1, 1, 1, '{}', '{}', 7)"
            )
        )
    flask_migrate.upgrade()
    model, run = db.session.execute(select(ModelVersion, JobRun).outerjoin(JobRun, JobRun.id == ModelVersion.job_run_id)).one()
    assert (model.version, run.id, run.message, run.params) == ("model-1", 7, RunMessage(sentence="Learned."), {})


def test_a_migration_that_fails_half_way_changes_nothing(empty_app) -> None:
    flask_migrate.upgrade(revision="0003")
    slate = "insert into slates (id, placement, served_at, policy_version, items) values ('1', 'goal', '2026-11-01', 'default-1', :items)"
    with db.engine.begin() as connection:
        connection.execute(text(slate), {"items": json.dumps([{"course_id": 1, "reasons": [{"kind": "no weight"}]}])})
    before = _columns()
    with pytest.raises(KeyError):
        flask_migrate.upgrade()
    assert _columns() == before
    with db.engine.begin() as connection:
        assert connection.scalar(text("select version_num from alembic_version")) == "0003"
        connection.execute(text("delete from slates"))
        if db.engine.dialect.name == "sqlite":
            assert connection.execute(text("pragma foreign_keys")).scalar() == 1
    flask_migrate.upgrade()


def _columns() -> dict[str, list[str]]:
    tables = inspect(db.engine)
    return {table: [column["name"] for column in tables.get_columns(table)] for table in tables.get_table_names()}


def test_events_imported_before_are_known_to_a_repeated_import(empty_app, tmp_path) -> None:
    long = "mailto:" + "x" * 50
    pairs = (("1", "c1"), ("1:2", "c1"), (long, "c1"), ("L", "c1:1704067200"), (long, "c1:1704067200"))
    flask_migrate.upgrade()
    courses, log = tmp_path / "courses.csv", tmp_path / "log.csv"
    courses.write_text("course_id,title\nc1,One\nc1:1704067200,Two\n")
    log.write_text("learner_id,course_id,kind,at\n" + "".join(f"{a},{b},enroll,2024-01-01T00:00:00.5Z\n" for a, b in pairs))
    for path, kind in ((courses, FileKind.COURSES), (log, FileKind.INTERACTIONS)):
        import_file(System(), ImportRequest(path, kind), tmp_path)
    flask_migrate.downgrade(revision="0013")
    with db.engine.begin() as connection:  # as the version before named them
        for number, (learner, course) in enumerate(pairs, start=1):
            name = f"import:enroll:{learner}:{course}:1704067200.5"
            name = name if len(name) <= 80 else f"import:{blake2b(name.encode(), digest_size=20).hexdigest()}"
            connection.execute(text("update events set client_id = :name where id = :id"), {"name": name, "id": number})
    flask_migrate.upgrade()
    log.write_text(log.read_text() + "\n")  # the same rows in another file
    assert import_file(System(), ImportRequest(log, FileKind.INTERACTIONS), tmp_path).outcome.new == 0
