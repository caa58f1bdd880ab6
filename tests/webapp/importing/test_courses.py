from datetime import date
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session, selectinload

from tests.webapp.importing.helpers import load, problems, rows, write
from webapp.importing.courses import SourceCourses
from webapp.importing.problems import ImportRefused
from webapp.models.course import UNDATED, Course, CourseSkill, CourseStatus, CourseVersion, Level
from webapp.models.notification import Notification
from webapp.models.operations import ImportRun, RunStatus
from webapp.models.user import User
from webapp.models.vocabulary import Skill, Tag, Topic
from webapp.policies import System
from webapp.queries.course_content import CourseContent, CoursePage, LessonContent, ModuleContent, content_of
from webapp.queries.course_versions import last_version
from webapp.services.course_revisions import restore_version, revise_course
from webapp.services.errors import Conflict

HEADER = (
    "course_id,title,description,level,duration_minutes,language,price_cents,certificate,topics,tags,skills,prerequisites,creator,published"
)
BROKEN: list[tuple[str | bytes, str, str]] = [
    (",No id,,,,,,,,,,,,", "course_id", "is missing"),
    ("b2,,,,,,,,,,,,,", "title", "is missing"),
    (f"b3,{'long ' * 61},,,,,,,,,,,,", "title", "longer than 300 characters"),
    (f"{'b4' * 33},Long id,,,,,,,,,,,,", "course_id", "longer than 64 characters"),
    ("b5,Odd level,,wizard,,,,,,,,,,", "level", "'wizard' is no level"),
    ("b6,Wordy duration,,,an hour,,,,,,,,,", "duration_minutes", "'an hour' is not a number"),
    ("b7,Negative duration,,,-5,,,,,,,,,", "duration_minutes", "more than 0"),
    ("b8,Endless duration,,,1e9,,,,,,,,,", "duration_minutes", "longer than a year"),
    ("b9,Infinite duration,,,inf,,,,,,,,,", "duration_minutes", "'inf' is not a number"),
    ("b10,Odd language,,,,english!,,,,,,,,", "language", "no language code"),
    ("b11,Negative price,,,,,-100,,,,,,,", "price_cents", "not from 0"),
    ("b12,Odd switch,,,,,,maybe,,,,,,", "certificate", "neither true nor false"),
    ("b13,Bad date,,,,,,,,,,,,2026-02-31", "published", "no date or time"),
    ("b14,Future date,,,,,,,,,,,,2999-01-01", "published", "lies in the future"),
    ('b15,"=HYPERLINK(""http://x"")",,,,,,,,,,,,', "title", "spreadsheet formula"),
    ("b16,Too,many,columns,,,,,,,,,,,,,,,", "", "14 columns are expected"),
    ("b17,Too few", "", "14 columns are expected, 2 found"),
    ('b18,"Unclosed quote,,,,,,,,,,,,', "", "a quote is opened and not closed"),
    ('b19,"Odd" quote,,,,,,,,,,,,', "", "quotes stand in the middle"),
    (b"b20,Caf\xe9,,,,,,,,,,,,", "", "not readable as UTF-8"),
    (b"b21,Nul\x00byte,,,,,,,,,,,,", "", "control characters"),
    ("good1,The same id again,,,,,,,,,,,,", "course_id", "stands on line 2 already"),
    ("b23,Its own prerequisite,,,,,,,,,,b23,,", "prerequisites", "cannot require itself"),
    ("b24,Long tag,,,,yue-Hant-HK,,,,,,,,", "language", "longer than a language"),
]
GOOD = [
    'good1,First good course,"With, a comma",beginner,90,en,0,yes,Data|Web,sql;joins,SQL,,Ada Example,2025-03-01',
    "good2,Second good course,,Intermediate,45.4,pt-BR,1900,0,Data,,,good1,Ada Example,2025",
    "good3,Third good course,,,,,,,,,,good1|good2,,",
]


@pytest.fixture
def broken_file(tmp_path: Path) -> Path:
    lines = [row for row, _, _ in BROKEN]
    return write(tmp_path / "courses.csv", HEADER, GOOD[0], *lines[:10], GOOD[1], *lines[10:], GOOD[2])


def test_a_file_with_every_kind_of_broken_row_imports_the_good_ones_and_names_the_others(broken_file: Path, db_session: Session) -> None:
    report = load(broken_file, "courses")
    assert (report.rows, report.outcome.new, report.bad) == (len(BROKEN) + 3, 3, len(BROKEN))
    assert [row[0] for row in rows(Course, Course.external_id)] == ["good1", "good2", "good3"]
    named = problems(report)
    assert len(named) == len(BROKEN) >= 20
    for place, ((_, column, reason), problem) in enumerate(zip(BROKEN, named, strict=True)):
        line = 3 + place + (place >= 10)
        assert (int(problem["line"]), problem["column"], problem["severity"]) == (line, column, "error")
        assert reason in problem["reason"]
        assert problem["file"] == "courses.csv"
    assert named[19]["row"].startswith("b20,Caf")


@pytest.mark.parametrize("sign", ["=", "+", "-", "@", "\t=", " =", "\uff1d"])
def test_the_problem_file_cannot_run_formulas(tmp_path: Path, db_session: Session, sign: str) -> None:
    path = write(tmp_path / f"{sign.strip()}courses.csv", f"course_id,title,{sign}note", f"{sign}A1(2),,x", f"{sign}9,,,,")
    for problem in problems(load(path, "courses")):
        assert not [cell for cell in problem.values() if cell.lstrip(" ").startswith(("=", "+", "-", "@", "\t", "\uff1d"))]


@pytest.mark.parametrize("name", ["=HYPERLINK(1)", "@SUM(1)", "+SUM(1)"])
def test_an_id_is_no_formula(tmp_path: Path, db_session: Session, name: str) -> None:
    report = load(write(tmp_path / "courses.csv", "course_id,title", f"{name},One", "@ada,Two", "-7,Three"), "courses")
    assert (report.bad, report.outcome.new) == (1, 2)


def test_languages_get_their_usual_spelling(tmp_path: Path, db_session: Session) -> None:
    path = write(tmp_path / "courses.csv", "course_id,title,language", "a,One,EN", "b,Two,pt_br", "c,Three,ZH-hans")
    load(path, "courses")
    assert [row[0] for row in rows(Course, Course.language)] == ["en", "pt-BR", "zh-Hans"]
    assert load(path, "courses").outcome.changed == 0


def test_names_too_long_for_a_word_are_told_and_left_out(tmp_path: Path, db_session: Session) -> None:
    long = "long " * 60
    report = load(write(tmp_path / "courses.csv", "course_id,title,skills,topics", f"a,One,SQL|{long},{long}"), "courses")
    assert [(problem["column"], problem["severity"]) for problem in problems(report)] == [("topics", "warning"), ("skills", "warning")]
    assert (report.outcome.new, report.bad) == (1, 0)
    assert rows(Skill, Skill.name) == [("SQL",)]


def test_words_that_fold_apart_stay_apart_and_variants_are_one(tmp_path: Path, db_session: Session) -> None:
    flags = ["🏴" + "".join(chr(0xE0000 + ord(letter)) for letter in region) + "\U000e007f" for region in ("gbeng", "gbsct")]
    path = write(
        tmp_path / "courses.csv", "course_id,title,skills", f"a,One,{flags[0]}|{flags[1]}|A=B|A≠B|F#|F|F*", "b,Two,葛\U000e0100城|葛城"
    )
    load(path, "courses")
    assert [row[0] for row in rows(Skill, Skill.name)] == [*flags, "A=B", "A≠B", "F#", "F", "F*", "葛\U000e0100城"]


def test_everything_a_row_says_is_taken_over(broken_file: Path, db_session: Session) -> None:
    load(broken_file, "courses")
    query = select(Course).options(
        selectinload(Course.topic), selectinload(Course.topics), selectinload(Course.tags), selectinload(Course.skills),
        selectinload(Course.prerequisites), selectinload(Course.creator),
    )  # fmt: skip
    first, second, third = db_session.scalars(query.order_by(Course.id))
    assert (first.title, first.summary, first.level, first.duration_minutes) == ("First good course", "With, a comma", Level.BEGINNER, 90)
    assert first.topic is not None
    assert (first.topic.name, {topic.name for topic in first.topics}) == ("Data", {"Data", "Web"})
    assert {tag.name for tag in first.tags} == {"sql", "joins"}
    assert (len(first.skills), first.certificate, first.status) == (1, True, CourseStatus.PUBLISHED)
    assert first.published_at is not None
    assert first.published_at.year == 2025
    assert (second.language, second.price_cents, second.level, second.duration_minutes) == ("pt-BR", 1900, Level.INTERMEDIATE, 45)
    assert first.creator is not None
    assert (first.creator.name, first.creator_id, first.creator.active) == ("Ada Example", second.creator_id, False)
    assert {course.external_id for course in third.prerequisites} == {"good1", "good2"}
    assert third.published_at is not None


def test_a_second_import_changes_nothing_and_says_so(broken_file: Path, db_session: Session) -> None:
    load(broken_file, "courses")
    before = rows(Course, *Course.__table__.columns)
    again = load(broken_file, "courses")
    assert (again.outcome.new, again.outcome.changed, again.outcome.known, again.resumed_at) == (0, 0, 3, 0)
    assert rows(Course, *Course.__table__.columns) == before


def test_an_edited_file_changes_what_it_says_and_keeps_the_rest(tmp_path: Path, db_session: Session) -> None:
    load(write(tmp_path / "a.csv", "course_id,title,level", "1,Old title,advanced", "2,Same,beginner"), "courses")
    report = load(write(tmp_path / "b.csv", "course_id,title", "1,New title", "2,Same"), "courses")
    assert (report.outcome.changed, report.outcome.known) == (1, 1)
    assert rows(Course, Course.title, Course.level, Course.slug) == [
        ("New title", Level.ADVANCED, "old-title"),
        ("Same", Level.BEGINNER, "same"),
    ]


def test_what_a_file_states_does_not_stand_against_lessons(tmp_path: Path, db_session: Session) -> None:
    load(write(tmp_path / "first.csv", "course_id,title,duration_minutes", "a,With lessons,90", "b,Without,90"), "courses")
    course = db_session.scalars(select(Course).where(Course.external_id == "a")).one()
    revise_course(System(), course.slug, CourseContent((ModuleContent("Start", (LessonContent("One", body="word " * 600),)),)))
    load(write(tmp_path / "second.csv", "course_id,title,duration_minutes", "a,New name,120", "b,Without,120"), "courses")
    assert rows(Course, Course.title, Course.duration_minutes) == [("New name", 3), ("Without", 120)]
    assert len(content_of(course.id).lessons) == 1


def test_a_title_under_two_ids_is_imported_with_a_warning_and_two_slugs(tmp_path: Path, db_session: Session) -> None:
    report = load(write(tmp_path / "a.csv", "course_id,title", "1,Deep learning", "2,Deep learning"), "courses")
    assert (report.outcome.new, report.bad, report.warnings) == (2, 0, 1)
    assert rows(Course, Course.slug) == [("deep-learning",), ("deep-learning-2",)]
    assert problems(report)[0]["reason"] == "course 1 has the same title"


def test_a_row_that_stands_there_twice_is_a_warning(tmp_path: Path, db_session: Session) -> None:
    report = load(write(tmp_path / "a.csv", "course_id,title", "1,One", "1,One", "2,Two"), "courses")
    assert (report.outcome.new, report.outcome.known, report.bad) == (2, 1, 0)
    assert problems(report)[0]["reason"] == "repeats line 2"


def test_an_unknown_prerequisite_is_a_warning(tmp_path: Path, db_session: Session) -> None:
    report = load(write(tmp_path / "a.csv", "course_id,title,prerequisites", "1,One,nowhere"), "courses")
    assert (report.outcome.new, report.warnings) == (1, 1)
    assert "'nowhere' is no course of this source" in problems(report)[0]["reason"]


def test_sources_keep_their_ids_apart(tmp_path: Path, db_session: Session) -> None:
    path = write(tmp_path / "a.csv", "course_id,title", "1,One")
    load(path, "courses", source="here")
    assert load(path, "courses", source="there").outcome.new == 1
    assert rows(Course, Course.source, Course.external_id) == [("here", "1"), ("there", "1")]


def test_a_dry_run_says_what_would_happen_and_writes_nothing(broken_file: Path, db_session: Session) -> None:
    report = load(broken_file, "courses", dry_run=True)
    assert (report.outcome.new, report.bad) == (3, len(BROKEN))
    assert report.first_problems[0].reason == "is missing"
    assert rows(Course, Course.id) == rows(ImportRun, ImportRun.id) == []
    assert not (broken_file.parent / "imports").exists()


def test_genres_and_texts_of_the_capstone_set_meet_in_one_course(tmp_path: Path, db_session: Session) -> None:
    flags = (
        "Database,Python,CloudComputing,DataAnalysis,Containers,MachineLearning,ComputerVision,DataScience,BigData,Chatbot,R,BackendDev,"
        "FrontendDev,Blockchain"
    )
    load(write(tmp_path / "course_processed.csv", "COURSE_ID,TITLE,DESCRIPTION", "A1,using r  with databases ii,learn r  and sql"))
    genres = write(tmp_path / "course_genre.csv", f"COURSE_ID,TITLE,{flags}", "A1,other words,1,0,0,0,0,0,0,0,0,0,1,0,0,0")
    assert load(genres).outcome.changed == 1
    course = db_session.scalars(select(Course).options(selectinload(Course.topic), selectinload(Course.topics))).one()
    assert (course.title, course.summary) == ("Using R, with databases II", "Learn R, and SQL")
    assert course.topic is not None
    assert (course.topic.name, {topic.name for topic in course.topics}) == ("R", {"R", "Databases"})
    assert load(genres).outcome.known == 1


def test_a_date_nobody_knows_is_neither_new_nor_shown(tmp_path: Path, client: FlaskClient, db_session: Session) -> None:
    load(write(tmp_path / "courses.csv", "course_id,title,published", "1,Dated course,2024-05-06", "2,Undated course,"), "courses")
    dated, undated = db_session.scalars(select(Course).order_by(Course.id))
    assert (dated.published_on, undated.published_on, undated.published_at) == (date(2024, 5, 6), None, UNDATED)
    assert "Published" in client.get("/courses/dated-course").text
    assert "Published" not in client.get("/courses/undated-course").text


def test_a_list_of_ids_makes_courses_that_a_text_file_completes(tmp_path: Path, db_session: Session) -> None:
    ids = write(tmp_path / "item_list.csv", "org_id,remap_id", "C_1,0", "C_2,1")
    text_header = "org_id,remap_id,name,about,prerequisites,fields,schools,teachers,key_concepts"
    load(ids)
    load(write(tmp_path / "course_text.csv", text_header, "C_1,0,高等数学,关于,,数学|物理学,清华大学,杨芳|张欢瑞,导数|积分"))
    assert load(ids).outcome.known == 2
    assert rows(Course, Course.title, Course.language) == [("高等数学", "zh"), ("Course 1", "zh")]


def test_concepts_are_skills_and_the_school_is_the_creator(tmp_path: Path, db_session: Session) -> None:
    header = "org_id,remap_id,name,about,prerequisites,fields,schools,teachers,key_concepts"
    concepts = "|".join(f"概念{n}" for n in range(14))
    load(write(tmp_path / "course_text.csv", header, f"C_1,0,高等数学,关于,,数学,清华大学,杨芳,{concepts}"))
    options = (selectinload(Course.skills).selectinload(CourseSkill.skill), selectinload(Course.tags), selectinload(Course.creator))
    course = db_session.scalars(select(Course).options(*options)).one()
    assert sorted(taught.skill.name for taught in course.skills) == sorted(f"概念{n}" for n in range(10))
    assert course.tags == []
    assert course.creator.name == "清华大学"


@pytest.mark.parametrize(("words", "level"), [("Mixed", None), ("All  Levels", None), ("hard", "advanced"), ("Beginner_Level", "beginner")])
def test_levels_go_by_the_words_the_recommender_knows(tmp_path: Path, db_session: Session, words: str, level: str | None) -> None:
    report = load(write(tmp_path / "courses.csv", "course_id,title,level", f"1,One,{words}"), "courses")
    assert report.bad == 0
    stored = db_session.scalars(select(Course)).one().level
    assert (stored and stored.value) == level


def test_the_run_is_on_record(broken_file: Path, db_session: Session) -> None:
    report = load(broken_file, "courses")
    run = db_session.scalars(select(ImportRun)).one()
    assert (run.status, run.rows_done, run.rows_new, run.rows_bad) == (RunStatus.SUCCEEDED, report.rows, 3, len(BROKEN))
    assert run.errors_path == str(report.problems_path)
    assert run.finished_at is not None


def test_a_header_without_rows_is_refused(tmp_path: Path, db_session: Session) -> None:
    with pytest.raises(ImportRefused, match="a header and no rows"):
        load(write(tmp_path / "a.csv", "course_id,title"), "courses")
    assert rows(ImportRun, ImportRun.status) == [(RunStatus.FAILED,)]


def test_imported_courses_are_announced_to_nobody(make_user, make_topic, tmp_path: Path, db_session: Session) -> None:
    make_user(profile={"topics": [make_topic("Data")]})
    load(write(tmp_path / "courses.csv", HEADER, GOOD[0]), "courses")
    assert rows(Course, Course.external_id) == [("good1",)]
    assert rows(Notification, Notification.id) == []


def test_an_import_over_an_author_s_words_is_a_version_that_can_be_taken_back(tmp_path: Path, db_session: Session) -> None:
    load(write(tmp_path / "first.csv", "course_id,title,description", "a,Knots,Old words", "b,Sails,Same"), "courses")
    course = db_session.scalars(select(Course).where(Course.external_id == "a")).one()
    lessons = CourseContent((ModuleContent("Start", (LessonContent("One"),)),), CoursePage("Knots", "The author's words"))
    seen = revise_course(System(), course.slug, lessons)

    load(
        write(tmp_path / "second.csv", "course_id,title,description,price_cents", "a,Knots,Words of the file,0", "b,Sails and rigs,Same,0"),
        "courses",
    )
    last = last_version(course.id)
    assert last is not None
    assert last.number == seen.number + 1
    assert (last.author_id, CourseContent.of_json(last.content)) == (None, content_of(course.id))
    assert CourseContent.of_json(last.content).page == CoursePage("Knots", "Words of the file")
    with pytest.raises(Conflict):  # an author who has not seen them overwrites nothing
        revise_course(System(), course.slug, lessons, based_on=seen.number)
    restore_version(System(), course.slug, seen.number, based_on=last.number)
    assert content_of(course.id).page == CoursePage("Knots", "The author's words")
    assert set(rows(CourseVersion, CourseVersion.course_id)) == {(course.id,)}  # one nobody has edited needs none

    before = last_version(course.id)
    load(write(tmp_path / "third.csv", "course_id,title,price_cents", "a,Knots,1900"), "courses")
    assert last_version(course.id) == before  # a price is no part of a version


ALIKE = ["C", "C++", "C#", ".NET", "Net", "中国寓言", "中国语言", "🚀", "🚁"]


@pytest.mark.parametrize(("column", "model"), [("topics", Topic), ("skills", Skill), ("tags", Tag)])
def test_names_that_read_alike_stay_different(tmp_path: Path, db_session: Session, column: str, model: Any) -> None:
    lines = [f"{number},Course {number},{name}" for number, name in enumerate(ALIKE)]
    load(write(tmp_path / "courses.csv", f"course_id,title,{column}", *lines), "courses")
    words = db_session.execute(select(model.name, model.slug).order_by(model.id)).all()
    assert [name for name, _slug in words] == ALIKE
    assert [slug for _name, slug in words][:5] == ["c", "c-plus-plus", "c-sharp", "dot-net", "net"]
    assert len({slug for _name, slug in words}) == len(ALIKE)
    assert all(slug for _name, slug in words)
    again = load(write(tmp_path / "more.csv", f"course_id,title,{column}", *lines), "courses")
    assert (again.outcome.new, again.outcome.changed, db_session.scalar(select(func.count(model.id)))) == (0, 0, len(ALIKE))


def test_names_in_other_forms_are_the_same(tmp_path: Path, db_session: Session) -> None:
    names = ["École", "ecole", "E\u0301COLE", "Don't", "Don’t", "Введение", "введение"]
    lines = [f"{number},Course {number},{name},{name}" for number, name in enumerate(names)]
    load(write(tmp_path / "courses.csv", "course_id,title,topics,creator", *lines), "courses")
    assert db_session.scalars(select(Topic.name).order_by(Topic.id)).all() == ["École", "Don't", "Введение"]
    assert db_session.scalars(select(User.name).order_by(User.id)).all() == ["École", "Don't", "Введение"]


def test_titles_that_read_alike_get_addresses_of_their_own(tmp_path: Path, db_session: Session) -> None:
    titles = ["C", "C++", "C#", "中国寓言", "中国语言", "🚀", "\u200d"]
    report = load(write(tmp_path / "c.csv", "course_id,title", *(f"{n},{title}" for n, title in enumerate(titles))), "courses")
    assert (report.outcome.new, report.bad) == (6, 1)  # nothing can be seen of the last
    slugs = db_session.scalars(select(Course.slug).order_by(Course.id)).all()
    assert slugs == ["c", "c-plus-plus", "c-sharp", "zhong-guo-yu-yan", "zhong-guo-yu-yan-2", "rocket"]


def test_titles_lose_what_misleads_and_keep_what_scripts_need(tmp_path: Path, db_session: Session) -> None:
    load(write(tmp_path / "c.csv", "course_id,title,description", "1,\u202eevil\u202c علی\u200cرضا,\u2067x\u2069 y"), "courses")
    course = db_session.scalars(select(Course)).one()
    assert (course.title, course.summary) == ("evil علی\u200cرضا", "x y")


def test_a_changed_title_is_found_by_its_new_words(tmp_path: Path, db_session: Session) -> None:
    load(write(tmp_path / "a.csv", "course_id,title,description", "1,Before,Old"), "courses")
    load(write(tmp_path / "b.csv", "course_id,title,description", "1,ÉCOLE,Neu"), "courses")
    assert db_session.execute(select(Course.title_folded, Course.summary_folded)).all() == [("ecole", "neu")]


@pytest.mark.parametrize(("cell", "minutes"), [("2,5", 2), ("１０", 10), ("1.5e1", 15), ("90", 90), ("1 250", 1250)])
def test_numbers_are_read_as_programs_and_people_write_them(tmp_path: Path, db_session: Session, cell: str, minutes: int) -> None:
    load(write(tmp_path / "c.csv", "course_id;title;duration_minutes", f"1;One;{cell}"), "courses")
    assert db_session.scalars(select(Course.duration_minutes)).all() == [minutes]


@pytest.mark.parametrize("cell", ["sNaN", "1e999", "-inf", "9" * 5000, "1_0"])
def test_what_is_no_number_is_named(tmp_path: Path, db_session: Session, cell: str) -> None:
    report = load(write(tmp_path / "c.csv", "course_id;title;duration_minutes", f"1;One;{cell}", "2;Two;5"), "courses")
    assert (report.bad, [problem["column"] for problem in problems(report)]) == (1, ["duration_minutes"])


def test_a_cell_with_very_many_names_is_refused(tmp_path: Path, db_session: Session) -> None:
    report = load(write(tmp_path / "c.csv", "course_id,title,topics", f"1,One,{'|'.join(map(str, range(101)))}"), "courses")
    assert [problem["reason"] for problem in problems(report)] == ["101 names; 100 at most"]


def test_courses_whose_addresses_somebody_else_takes_meanwhile_get_others(db_session: Session, make_course) -> None:
    courses = SourceCourses("shop", dry=False)
    for title in ("Knots", "Splices"):
        make_course(title, slug=title.lower())
    courses.add({name: {"title": title} for name, title in (("k", "Knots"), ("s", "Splices"), ("b", "Bends"))})
    mine = select(Course.external_id, Course.slug).where(Course.source == "shop").order_by(Course.external_id)
    assert [tuple(row) for row in db_session.execute(mine)] == [("b", "bends"), ("k", "knots-2"), ("s", "splices-2")]
    assert all(courses.id_of(name) for name in "ksb")


def test_an_import_that_never_gets_an_address_says_so(db_session: Session, make_course, monkeypatch: pytest.MonkeyPatch) -> None:
    courses = SourceCourses("shop", dry=False)
    make_course("Knots", slug="knots")
    monkeypatch.setattr("webapp.support.slugs.UniqueSlugs.make", lambda *_names: "knots")
    with pytest.raises(ImportRefused, match="start the import again"):
        courses.add({"k": {"title": "Knots"}})
