"""The promoted artifact serves, the newest where nobody is; what is damaged is refused; what is published is eligible at once."""

import os
import shutil
from datetime import timedelta
from pathlib import Path

from recsys.faults import fault_sentence
from recsys.registry.promotion import SERVING_FILE, promote, roll_back
from tests.webapp.recommender.conftest import FIRST_ID
from webapp.models.course import CourseStatus
from webapp.recommender.serving.learner_state import VISITOR
from webapp.recommender.serving.serving_model import LiveModel, ModelState
from webapp.support.clock import now

LATER = "29990101T000000000000-00000000"


def _newer(models_dir: Path) -> Path:
    """A second artifact, newer than the trained one."""
    (original,) = models_dir.iterdir()
    shutil.copytree(original, models_dir / LATER)
    return models_dir / LATER


def _damage(directory: Path) -> None:
    victim = max(directory.rglob("*.npy"), key=lambda path: path.stat().st_size)
    content = bytearray(victim.read_bytes())
    content[-1] ^= 0xFF
    victim.unlink()  # the old file stays readable for whoever has it mapped
    victim.write_bytes(content)


def test_without_models_nothing_serves_and_the_status_says_so(app, tmp_path) -> None:
    live = LiveModel(tmp_path / "nothing-here")
    assert live.serving() is None
    assert (live.status().state, live.status().version) == (ModelState.NONE, None)


def test_the_newest_artifact_serves(live, models_dir, courses) -> None:
    (original,) = models_dir.iterdir()
    serving = live.serving()
    assert serving is not None
    assert (serving.version, serving.policies.policy_for("recommended").version) == (original.name, "default-1")
    status = live.status()
    assert (status.state, status.version, status.refused) == (ModelState.OK, original.name, ())
    assert status.loaded_at is not None
    assert status.trained_at is not None


def test_a_new_artifact_is_taken_up_without_a_restart(live, models_dir, courses) -> None:
    live.serving()
    _newer(models_dir)
    assert live.serving().version == LATER


def test_a_damaged_new_artifact_is_refused_and_the_previous_one_serves_on(live, models_dir, courses) -> None:
    before = live.serving()
    _damage(_newer(models_dir))
    assert live.serving().version == before.version
    status = live.status()
    assert status.state is ModelState.FALLBACK
    assert [refused.version for refused in status.refused] == [LATER]
    assert "its checksum does not match" in fault_sentence(status.refused[0].reason)


def test_an_artifact_damaged_while_it_serves_gives_way(live, models_dir, courses) -> None:
    newer = _newer(models_dir)
    assert live.serving().version == LATER
    _damage(newer)
    assert live.serving().version != LATER
    assert live.status().state is ModelState.FALLBACK


def test_a_damaged_artifact_that_was_repaired_serves_again(live, models_dir, courses) -> None:
    newer = _newer(models_dir)
    _damage(newer)
    live.serving()
    shutil.rmtree(newer)
    _newer(models_dir)
    assert live.serving().version == LATER
    assert live.status().state is ModelState.OK


def test_removed_files_are_noticed(live, models_dir, courses) -> None:
    live.serving()
    shutil.rmtree(models_dir)
    assert live.serving() is None
    assert live.status().state is ModelState.NONE


def test_a_model_that_is_being_written_is_left_alone(live, models_dir, courses) -> None:
    (original,) = models_dir.iterdir()
    shutil.copytree(original, models_dir / ".staging-half")
    (models_dir / ".staging-half" / "manifest.json").unlink()
    assert live.status().state is ModelState.OK
    assert live.status().refused == ()


def test_the_directory_is_not_looked_at_on_every_call(app, models_dir, courses) -> None:
    time = [0.0]
    live = LiveModel(models_dir, check_seconds=1.0, clock=lambda: time[0])
    first = live.serving().version
    _newer(models_dir)
    assert live.serving().version == first
    time[0] = 1.1
    assert live.serving().version == LATER


def test_the_promoted_model_serves_though_a_newer_one_is_there(live, models_dir, courses) -> None:
    (original,) = models_dir.iterdir()
    live.serving()
    _newer(models_dir)
    promote(models_dir, original.name, "no worse", "gate")
    assert live.serving().version == original.name
    status = live.status()
    assert (status.state, status.refused) == (ModelState.OK, ())
    assert (status.promotion.why, status.promotion.by, status.previous) == ("no worse", "gate", LATER)


def test_every_worker_follows_a_promotion_and_a_step_back(app, live, models_dir, courses) -> None:
    (original,) = models_dir.iterdir()
    time = [0.0]
    worker = LiveModel(models_dir, check_seconds=1.0, clock=lambda: time[0])
    assert worker.serving().version == original.name
    newer = _newer(models_dir)
    promote(models_dir, original.name, "", "")
    promote(models_dir, newer.name, "", "")
    time[0] = 1.1
    assert worker.serving().version == LATER
    roll_back(models_dir, "", "")
    assert worker.serving().version == LATER  # not looked yet
    worker.check_on_next_call()
    assert worker.serving().version == original.name
    assert worker.status().promotion.rollback
    promote(models_dir, newer.name, "", "")
    assert worker.status().version == original.name
    worker.check_now()
    assert worker.status().version == LATER


def test_promoting_does_not_load_the_serving_model_again(live, models_dir, courses) -> None:
    (original,) = models_dir.iterdir()
    loaded_at = live.status().loaded_at
    promote(models_dir, original.name, "", "")
    assert live.status().promotion is not None
    assert live.status().loaded_at == loaded_at


def test_a_promoted_model_that_is_damaged_gives_way_and_it_is_said(live, models_dir, courses) -> None:
    (original,) = models_dir.iterdir()
    newer = _newer(models_dir)
    promote(models_dir, original.name, "", "")
    _damage(models_dir / original.name)
    status = live.status()
    assert (status.state, status.version, status.promotion) == (ModelState.FALLBACK, newer.name, None)
    assert [refused.version for refused in status.refused] == [original.name]


def test_a_damaged_file_of_promotions_is_told_and_the_newest_serves(live, models_dir, courses) -> None:
    (original,) = models_dir.iterdir()
    _newer(models_dir)
    promote(models_dir, original.name, "", "")
    (models_dir / SERVING_FILE).write_text("{", "utf-8")
    status = live.status()
    assert (status.state, status.version) == (ModelState.FALLBACK, LATER)
    assert [refused.version for refused in status.refused] == [SERVING_FILE]


def test_only_published_courses_are_served(live, courses, db_session) -> None:
    assert {item.item_id for item in live.serving().model.items} == {str(course.id) for course in courses}
    courses[0].status = CourseStatus.ARCHIVED
    db_session.flush()
    assert str(courses[0].id) not in {item.item_id for item in live.serving().model.items}


def test_a_course_published_a_second_ago_is_eligible(live, courses, make_course) -> None:
    live.serving()
    fresh = make_course(title="Data course on SQL", topic="Data", skills=["SQL"], published_at=now())
    model = live.serving().model
    assert [found.item_id for found in model.for_learner(VISITOR.learner).newly_published(5)] == [str(fresh.id)]


def test_an_edited_course_is_known_by_its_new_text(live, courses, db_session) -> None:
    live.serving()
    courses[3].title = "Something else entirely"
    db_session.flush()
    titles = {item.item_id: item.title for item in live.serving().model.items}
    assert titles[str(courses[3].id)] == "Something else entirely"


def test_an_edit_is_known_though_a_clock_ahead_has_stamped_another(live, courses, db_session) -> None:
    courses[2].updated_at = now() + timedelta(days=3_650)
    db_session.flush()
    live.serving()
    courses[3].title = "Something else entirely"
    db_session.flush()
    assert "Something else entirely" in {item.title for item in live.serving().model.items}


def test_counting_an_enrollment_does_not_rebuild_the_catalog(live, courses, db_session) -> None:
    model = live.serving().model
    courses[0].enrollment_count += 1
    db_session.flush()
    assert live.serving().model is model


def test_a_deleted_course_is_gone(live, courses, db_session) -> None:
    from sqlalchemy import delete

    from webapp.models.course import Course

    live.serving()
    db_session.execute(delete(Course).where(Course.id == FIRST_ID))
    assert str(FIRST_ID) not in {item.item_id for item in live.serving().model.items}


def test_a_foreign_directory_is_refused_with_its_reason(live, models_dir, courses) -> None:
    os.mkdir(models_dir / "29990202T000000000000-00000000")
    assert live.serving() is not None
    assert [refused.version for refused in live.status().refused] == ["29990202T000000000000-00000000"]
