"""Finding learners and looking at their home page."""

import csv
import io
import re

import pytest
from flask.testing import FlaskClient

from tests.webapp.markup import plain
from tests.webapp.recommender.helpers import happen, say
from webapp.extensions import db
from webapp.models.event import Event
from webapp.models.operations import AuditEntry
from webapp.models.slate import Slate
from webapp.models.user import ProfileTopic


def test_learners_are_found_by_name_address_and_imported_id(admin: FlaskClient, make_user) -> None:
    make_user(name="Ada Byron", email="countess@example.com")
    make_user(name="Learner 77", email=None, source="mars-en", external_id="77")
    for q in ("ada", "BYRON", "countess@", "COUNTESS@Example", "ｃｏｕｎｔｅｓｓ＠", "\u202ecountess@example.com"):
        html = admin.get("/admin/learners", query_string={"q": q}).text
        assert ("Ada Byron" in html, "Learner 77" in html) == (True, False)
    assert "mars-en 77" in plain(admin.get("/admin/learners?q=77").text)
    assert "Nobody found" in admin.get("/admin/learners?q=xyzzy").text


def test_without_learners_nothing_was_searched_for(admin: FlaskClient) -> None:
    html = admin.get("/admin/learners").text
    assert "No learners yet" in html
    assert "Nobody found" not in html


@pytest.mark.parametrize("q", ["%", "_", "\\", "'", "a" * 5000, "<b>"])
def test_any_search_gets_an_answer_and_wildcards_are_letters(admin: FlaskClient, make_user, q: str) -> None:
    make_user(name="Ada Byron", email=None)
    answer = admin.get("/admin/learners", query_string={"q": q})
    assert answer.status_code == 200
    assert "Ada Byron" not in answer.text
    assert "<b>" not in answer.text.split("<main")[1].split("</main")[0]


def test_the_list_is_paged_and_keeps_the_search(admin: FlaskClient, make_user) -> None:
    for n in range(27):
        make_user(name=f"Twin {n:02}")
    first = plain(admin.get("/admin/learners?q=twin").text)
    assert "27 learners for “twin”" in first
    assert "/admin/learners?q=twin&amp;page=2" in first
    assert "Twin 26" in admin.get("/admin/learners?q=twin&page=2").text


def names_in(html: str) -> list[str]:
    return re.findall(r"(Learner \w+)</bdi><br>", html)


@pytest.fixture
def three(make_user, make_course, make_enrollment) -> None:
    for name, courses in (("Learner C", 1), ("Learner A", 3), ("Learner B", 0)):
        learner = make_user(name=name)
        for _ in range(courses):
            make_enrollment(learner, make_course())


@pytest.mark.usefixtures("three")
@pytest.mark.parametrize(
    ("query", "order"),
    [
        ("", "CAB"),
        ("sort=name", "ABC"),
        ("sort=name&dir=desc", "CBA"),
        ("sort=courses", "ACB"),
        ("sort=courses&dir=asc", "BCA"),
        ("sort=email", "CAB"),
        ("sort=users.password;--&dir=desc", "CAB"),
    ],
)
def test_the_list_is_sorted_by_what_may_be_sorted_by(admin: FlaskClient, query: str, order: str) -> None:
    assert names_in(admin.get(f"/admin/learners?{query}").text) == [f"Learner {letter}" for letter in order]
    rows = list(csv.DictReader(io.StringIO(admin.get(f"/admin/learners.csv?{query}").data.decode("utf-8-sig"))))
    assert [row["Learner"] for row in rows] == [f"Learner {letter}" for letter in order]


@pytest.mark.usefixtures("three")
def test_sorting_keeps_the_search_and_pages_keep_the_sort(admin: FlaskClient, make_user) -> None:
    for n in range(27):
        make_user(name=f"Twin {n:02}")
    html = admin.get("/admin/learners?q=twin&page=2&sort=name").text
    assert "/admin/learners?q=twin&amp;sort=courses&amp;dir=desc" in html
    assert "/admin/learners?q=twin&amp;sort=name&amp;dir=desc" in html
    assert 'href="/admin/learners.csv?q=twin&amp;sort=name"' in html
    assert "/admin/learners?q=twin&amp;sort=name" in html


@pytest.mark.usefixtures("three")
def test_sorting_swaps_table_and_pager_alone(admin: FlaskClient) -> None:
    answer = admin.get("/admin/learners?sort=name", headers={"HX-Request": "true"})
    assert answer.text.lstrip().startswith('<div id="learners">')
    assert "<h1" not in answer.text
    assert 'aria-sort="ascending"' in answer.text
    assert "HX-Request" in answer.headers["Vary"]


def test_the_file_has_all_pages_of_the_search_and_runs_nothing(admin: FlaskClient, make_user) -> None:
    for n in range(30):
        make_user(name=f"Twin {n:02}")
    make_user(name="=HYPERLINK(1) twin", email=None, source="mars-en", external_id="-77")
    make_user(name="Somebody Else")
    answer = admin.get("/admin/learners.csv?q=twin&page=2")
    rows = list(csv.DictReader(io.StringIO(answer.data.decode("utf-8-sig"))))
    assert len(rows) == 31
    assert (rows[-1]["Learner"], rows[-1]["Source"], rows[-1]["Imported id"]) == ("'=HYPERLINK(1) twin", "mars-en", "'-77")
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert answer.headers["Content-Disposition"] == "attachment; filename=learners.csv"


def test_taking_the_list_along_is_audited_without_the_words_searched_for(client, login, make_user) -> None:
    admin = make_user("admin")
    login(client, admin)
    client.get("/admin/learners")
    assert db.session.query(AuditEntry).count() == 0
    client.get("/admin/learners.csv?q=Mara Lind").close()
    entry = db.session.query(AuditEntry).one()
    assert (entry.action, entry.actor_id, entry.subject, entry.detail) == (
        "learner.download_list",
        admin.id,
        "learners",
        {"searched": True},
    )


def test_a_learners_home_is_read_only_audited_and_not_stored_as_shown(
    client, login, make_user, make_course, make_enrollment, make_goal, make_topic
) -> None:
    learner = make_user(name="Mara Lind", profile={"goal_id": make_goal("Data analyst").id, "weekly_minutes": 240})
    db.session.add(ProfileTopic(user_id=learner.id, topic_id=make_topic("Statistics").id))
    make_enrollment(learner, make_course("Taken before"))
    make_course("Still to take")
    say(learner, make_course("Not this one"), "dismiss")
    happen(learner, make_course("Only opened"), "view")
    admin = make_user("admin")
    html = login(client, admin).get(f"/admin/learners/{learner.id}/home").text
    for text in (
        "read-only",
        "Taken before",
        "Still to take",
        "Data analyst",
        "Statistics",
        "4 h",
        "Not this one",
        "Not for me",
        "What they looked at",
    ):
        assert text in html
    assert "/feedback" not in html
    assert db.session.query(Slate).filter_by(user_id=learner.id).count() == 0
    assert db.session.query(Event).filter_by(user_id=learner.id).count() == 1
    entry = db.session.query(AuditEntry).filter_by(action="learner.see_home").one()
    assert (entry.actor_id, entry.subject) == (admin.id, f"user:{learner.id}")


def test_a_history_without_times_is_not_called_new(admin: FlaskClient, make_user, make_course, make_enrollment) -> None:
    dated, undated, busy = make_user(), make_user(), make_user()
    make_enrollment(dated, make_course())
    course = make_course()
    make_enrollment(undated, course)
    happen(undated, course, "enroll", ordinal=True)
    for _ in range(52):
        make_enrollment(busy, make_course())
    assert "1 course, newest first" in admin.get(f"/admin/learners/{dated.id}/home").text
    assert "1 course, the last of the imported file first" in admin.get(f"/admin/learners/{undated.id}/home").text
    assert "The last 50 courses, newest first" in admin.get(f"/admin/learners/{busy.id}/home").text


def test_a_learner_without_anything_has_a_page_too(admin: FlaskClient, make_user) -> None:
    html = admin.get(f"/admin/learners/{make_user(name='New Here').id}/home").text
    assert "Nothing yet." in html
    assert "No shelves" in html


@pytest.mark.parametrize("role", ["admin", "creator"])
def test_somebody_who_is_no_learner_has_no_home_to_look_at(admin: FlaskClient, make_user, role: str) -> None:
    assert admin.get(f"/admin/learners/{make_user(role).id}/home").status_code == 404
    assert db.session.query(AuditEntry).count() == 0
