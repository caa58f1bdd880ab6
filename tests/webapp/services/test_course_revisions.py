"""Editing a course: rows stay what they were, nobody's progress is lost, and everything can be taken back."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from random import Random
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import delete, func, select
from sqlalchemy.exc import IntegrityError

from tests.factories import make_course as new_course
from tests.factories import make_enrollment as new_enrollment
from tests.factories import make_user as new_user
from tests.webapp.at_once import done_at_once
from webapp.extensions import db
from webapp.models.course import Course, CourseVersion
from webapp.models.enrollment import Enrollment, LessonProgress
from webapp.models.lesson import Choice, Lesson, LessonKind, Module, Question
from webapp.models.operations import AuditEntry
from webapp.models.user import User
from webapp.policies import Forbidden, Person, System
from webapp.queries.course_content import (
    ChoiceContent,
    CourseContent,
    CoursePage,
    LessonContent,
    ModuleContent,
    QuestionContent,
    content_of,
)
from webapp.queries.course_versions import last_version, version_of, versions_of
from webapp.queries.learner_dashboard import in_progress_cards
from webapp.queries.syllabus import outline
from webapp.services.course_revisions import restore_version, revise_course
from webapp.services.enrollments import complete_lesson, enroll, finish_course, unenroll
from webapp.services.errors import Conflict, Invalid, NotFound
from webapp.services.publishing import publish_course
from webapp.transactions import unit_of_work

RIGHT, WRONG = ChoiceContent("Reef", correct=True), ChoiceContent("Granny")
QUESTION = QuestionContent("Which knot holds?", (RIGHT, WRONG), "The other slips.")
QUIZ = LessonContent("Test yourself", LessonKind.QUIZ, questions=(QUESTION,))


def course_of(*lessons: LessonContent | str) -> CourseContent:
    """One module with these lessons."""
    return CourseContent((ModuleContent("Start", tuple(LessonContent(one) if isinstance(one, str) else one for one in lessons)),))


def lessons_of(course: Course) -> list[LessonContent]:
    return list(content_of(course.id).lessons)


def ids_of(course: Course) -> list[int | None]:
    return [lesson.id for lesson in lessons_of(course)]


def percent_of(learner: User) -> int:
    return db.session.scalar(select(Enrollment.percent).where(Enrollment.user_id == learner.id)) or 0


@pytest.fixture
def creator(make_user) -> Person:
    return Person.of(make_user("creator"))


@pytest.fixture
def course(make_course, creator: Person) -> Course:
    """Published, with three text lessons and a quiz."""
    return make_course("Knots", lessons=3, quiz=True, creator=db.session.get(User, creator.user_id))


@pytest.fixture
def learner(make_user, course: Course) -> User:
    """Enrolled, with two of the four lessons done."""
    user = make_user()
    for slug in ("text-1", "text-3"):
        enroll(Person.of(user), course.slug)
        complete_lesson(Person.of(user), course.slug, slug)
    return user


class TestRowsStay:
    def test_a_lesson_with_other_words_is_the_same_lesson_at_the_same_address(self, creator, course, learner) -> None:
        before = lessons_of(course)
        edited = replace(before[0], title="Ropes, and why they hold", body="word " * 450)
        revise_course(creator, course.slug, course_of(edited, *before[1:]))
        after = lessons_of(course)[0]
        assert (after.id, after.slug, after.title) == (before[0].id, "text-1", "Ropes, and why they hold")
        assert [lesson.done for lesson in outline(course.id, learner.id).lessons] == [True, False, True, False]
        assert percent_of(learner) == 50

    def test_without_ids_the_same_titles_are_the_same_lessons(self, creator, make_course) -> None:
        course = make_course(lessons=0, creator=db.session.get(User, creator.user_id))
        wanted = course_of("Ропа", "Ropes", "Ropes", "🚀")
        revise_course(creator, course.slug, wanted)
        before = lessons_of(course)
        assert len({lesson.slug for lesson in before}) == 4
        revise_course(creator, course.slug, course_of("Ropes", "🚀", "Ropes", "Ропа"))
        assert ids_of(course) == [before[number].id for number in (1, 3, 2, 0)]

    @pytest.mark.parametrize("order", [(3, 2, 1, 0), (1, 0, 3, 2), (1, 2, 3, 0), (2, 0, 1, 3)])
    def test_every_order_can_be_reached(self, creator, course, order) -> None:
        before = lessons_of(course)
        revise_course(creator, course.slug, course_of(*(before[number] for number in order)))
        assert ids_of(course) == [before[number].id for number in order]

    def test_lessons_move_to_other_modules_and_empty_modules_go(self, creator, course, learner) -> None:
        one, two, three, quiz = lessons_of(course)
        parts = (ModuleContent("First", (quiz,)), ModuleContent("Second", (three, one)), ModuleContent("Third", (two,)))
        revise_course(creator, course.slug, CourseContent(parts))
        assert content_of(course.id).modules == parts
        revise_course(creator, course.slug, CourseContent((ModuleContent("All", (one, two, three, quiz)),)))
        assert db.session.scalar(select(func.count()).where(Module.course_id == course.id)) == 1
        assert ids_of(course) == [one.id, two.id, three.id, quiz.id]
        assert percent_of(learner) == 50

    def test_questions_and_choices_change_places_and_stay_the_same_rows(self, creator, course) -> None:
        *texts, quiz = lessons_of(course)
        (first,) = quiz.questions
        grown = replace(quiz, questions=(QUESTION, replace(first, text="Which one, then?", choices=first.choices[::-1])))
        revise_course(creator, course.slug, course_of(*texts, grown))
        questions = lessons_of(course)[-1].questions
        assert [question.text for question in questions] == ["Which knot holds?", "Which one, then?"]
        assert (questions[1].id, questions[1].choices) == (first.id, first.choices[::-1])
        without_ids = replace(quiz, questions=(QuestionContent("Which one, then?", first.choices), QUESTION))
        revise_course(creator, course.slug, course_of(*texts, without_ids))
        assert [question.id for question in lessons_of(course)[-1].questions] == [first.id, questions[0].id]

    def test_a_question_of_another_quiz_is_not_touched(self, creator, course, make_course) -> None:
        foreign = lessons_of(make_course(lessons=0, quiz=True))[0].questions[0]
        *texts, quiz = lessons_of(course)
        stolen = replace(quiz, questions=(replace(QUESTION, id=foreign.id, choices=(replace(RIGHT, id=foreign.choices[0].id), WRONG)),))
        revise_course(creator, course.slug, course_of(*texts, stolen))
        assert db.session.get(Question, foreign.id, populate_existing=True).text == foreign.text
        assert db.session.get(Choice, foreign.choices[0].id, populate_existing=True).text == foreign.choices[0].text

    def test_edits_at_random_lose_nothing_and_every_version_can_be_had_back(self, creator, course, learner) -> None:
        random, contents = Random(5), {}
        progress = select(func.count(LessonProgress.id))
        for step in range(12):
            known = [replace(row, id=None, slug=None) if random.random() < 0.2 else row for row in lessons_of(course)]
            kept = [row for row in known if random.random() < 0.8] + [LessonContent(f"New {step}"), replace(QUIZ, title=f"Quiz {step}")]
            random.shuffle(kept)
            cut = random.randrange(len(kept) + 1)
            parts = (ModuleContent(f"A{step}", tuple(kept[:cut])), ModuleContent("B", tuple(kept[cut:])))
            version = revise_course(creator, course.slug, CourseContent(parts))
            contents[version.number] = content_of(course.id)
            assert [lesson.title for lesson in lessons_of(course)] == [lesson.title for lesson in kept]
            assert percent_of(learner) == outline(course.id, learner.id).percent
        for number, content in contents.items():
            restore_version(creator, course.slug, number)
            assert [replace(row, questions=()) for row in lessons_of(course)] == [replace(row, questions=()) for row in content.lessons]
            assert percent_of(learner) == outline(course.id, learner.id).percent
        assert db.session.scalar(progress) == 2


class TestLeavingAndComingBack:
    def test_a_lesson_that_left_shows_nowhere_and_its_progress_comes_back_with_it(self, creator, course, learner) -> None:
        before = lessons_of(course)
        revise_course(creator, course.slug, course_of(*before[1:]), based_on=0)
        assert [lesson.slug for lesson in outline(course.id, learner.id).lessons] == ["text-2", "text-3", "quiz-4"]
        assert percent_of(learner) == 33
        gone = db.session.get(Lesson, before[0].id)
        assert (gone.position, gone.module_id) == (None, None)
        assert gone.removed_at is not None
        assert db.session.scalar(select(func.count(LessonProgress.id)).where(LessonProgress.lesson_id == gone.id)) == 1
        restore_version(creator, course.slug, 1)
        assert lessons_of(course) == before
        assert percent_of(learner) == 50
        assert gone.removed_at is None

    def test_a_new_lesson_of_the_same_title_is_another_one(self, creator, course, learner) -> None:
        before = lessons_of(course)
        named = course_of(replace(before[0], title="Ropes"), *before[1:])
        revise_course(creator, course.slug, named)
        revise_course(creator, course.slug, course_of(*before[1:]))
        revise_course(creator, course.slug, course_of(LessonContent("Ropes", slug="text-1"), *before[1:]))
        newest = lessons_of(course)[0]
        assert newest.id != before[0].id
        assert newest.slug == "text-1-2"
        assert not outline(course.id, learner.id).lessons[0].done

    def test_the_next_lesson_follows_from_what_remains(self, creator, course, learner) -> None:
        assert [card.progress.next_lesson_title for card in in_progress_cards(learner.id)] == ["Lesson 2"]
        one, _two, three, quiz = lessons_of(course)
        revise_course(creator, course.slug, course_of(one, three, quiz))
        (card,) = in_progress_cards(learner.id)
        assert (card.progress.percent, card.progress.next_lesson_title) == (66, "Lesson 4")
        with pytest.raises(NotFound):
            complete_lesson(Person.of(learner), course.slug, "text-2")

    def test_who_has_done_all_that_remains_finishes_on_their_word(self, creator, course, learner) -> None:
        one, two, three, _quiz = lessons_of(course)
        with pytest.raises(Invalid):
            finish_course(Person.of(learner), course.slug)
        revise_course(creator, course.slug, course_of(one, three))
        enrollment = db.session.scalars(select(Enrollment).where(Enrollment.user_id == learner.id)).one()
        db.session.refresh(enrollment)
        assert (enrollment.status.value, enrollment.percent) == ("active", 100)
        assert finish_course(Person.of(learner), course.slug).finished_now
        revise_course(creator, course.slug, course_of(one, three, two, "And more", "And still more"))
        db.session.refresh(enrollment)
        assert (enrollment.status.value, enrollment.percent) == ("completed", 100)

    def test_who_had_left_comes_back_to_what_is_true_now(self, creator, course, learner) -> None:
        unenroll(Person.of(learner), course.slug)
        one, _two, three, _quiz = lessons_of(course)
        revise_course(creator, course.slug, course_of(one, three, "New"))
        enroll(Person.of(learner), course.slug)
        assert percent_of(learner) == 66

    def test_learners_of_other_courses_are_not_counted(self, creator, course, learner, make_user, make_course, make_enrollment) -> None:
        other = make_enrollment(make_user(), make_course(), percent=40)
        revise_course(creator, course.slug, course_of(*lessons_of(course)[:1]))
        db.session.refresh(other)
        assert (other.percent, percent_of(learner)) == (40, 100)

    def test_a_lesson_with_progress_cannot_be_deleted_past_the_rules(self, course, learner) -> None:
        with pytest.raises(IntegrityError), db.session.begin_nested():
            db.session.execute(delete(Lesson).where(Lesson.course_id == course.id, Lesson.slug == "text-1"))


class TestMinutes:
    def test_the_course_takes_what_its_lessons_take(self, creator, course) -> None:
        video = LessonContent("Watch it", LessonKind.VIDEO, "word " * 200, video_minutes=12)
        revise_course(creator, course.slug, course_of(LessonContent("Read it", body="word " * 600), video, QUIZ))
        assert [lesson.minutes for lesson in outline(course.id).lessons] == [3, 13, 1]
        assert db.session.scalar(select(Course.duration_minutes).where(Course.id == course.id)) == 17
        assert lessons_of(course)[1].video_minutes == 12

    def test_a_silent_video_keeps_its_length_through_every_edit(self, creator, course) -> None:
        revise_course(creator, course.slug, course_of(LessonContent("Watch it", LessonKind.VIDEO, video_minutes=7)))
        for _ in range(2):
            revise_course(creator, course.slug, course_of(*lessons_of(course), "More"))
        assert lessons_of(course)[0].minutes == 7

    def test_a_course_without_lessons_keeps_what_its_source_states(self, creator, make_course) -> None:
        course = make_course(lessons=0, duration_minutes=300, creator=db.session.get(User, creator.user_id))
        revise_course(creator, course.slug, CourseContent((ModuleContent("Soon"),)))
        assert course.duration_minutes == 300
        revise_course(creator, course.slug, course_of("One"))
        assert course.duration_minutes == 1
        revise_course(creator, course.slug, CourseContent())
        assert course.duration_minutes is None


class TestVersions:
    def test_the_first_edit_keeps_what_was_before_it(self, creator, course) -> None:
        before = content_of(course.id)
        version = revise_course(creator, course.slug, course_of(*before.lessons[:2]), "  Shorter\nnow ", based_on=0)
        assert (version.number, version.note, version.author_id, version.published) == (2, "Shorter now", creator.user_id, True)
        assert CourseContent.of_json(version_of(course.id, 1).content) == before
        assert CourseContent.of_json(version_of(course.id, 2).content) == content_of(course.id)

    def test_an_edit_that_changes_nothing_writes_nothing(self, creator, course) -> None:
        first = revise_course(creator, course.slug, content_of(course.id))
        assert first.number == 1
        assert revise_course(creator, course.slug, content_of(course.id), "nothing") is first
        assert db.session.scalar(select(func.count(AuditEntry.id))) == 1

    def test_it_is_written_down_who_changed_how_much(self, creator, course) -> None:
        one, two, three, _quiz = lessons_of(course)
        revise_course(creator, course.slug, course_of(three, replace(one, title="One"), two, "New"))
        entry = db.session.scalars(select(AuditEntry)).one()
        assert (entry.actor_id, entry.action, entry.subject) == (creator.user_id, "course.revise", f"course:{course.id}")
        assert entry.detail == {"slug": course.slug, "version": 2, "added": 1, "removed": 1, "changed": 1, "moved": 1}

    def test_who_edits_an_old_version_is_refused_and_nothing_changes(self, creator, course) -> None:
        seen = revise_course(creator, course.slug, content_of(course.id)).number
        revise_course(creator, course.slug, course_of(*lessons_of(course), "Theirs"), based_on=seen)
        before = content_of(course.id)
        for call in (revise_course, restore_version):
            with pytest.raises(Conflict):
                call(creator, course.slug, course_of("Mine") if call is revise_course else seen, based_on=seen)
        assert content_of(course.id) == before

    def test_a_version_nobody_wrote_cannot_be_restored(self, creator, course) -> None:
        with pytest.raises(NotFound):
            restore_version(creator, course.slug, 1)

    def test_publishing_writes_what_is_published_once(self, creator, make_course) -> None:
        course = make_course(published=False, creator=db.session.get(User, creator.user_id))
        revise_course(creator, course.slug, course_of("One", "Two"))
        publish_course(creator, course.slug)
        publish_course(creator, course.slug)
        assert [(row.number, row.published) for row in versions_of(course.id)] == [(3, True), (2, False), (1, False)]
        empty = make_course(lessons=0, published=False, creator=db.session.get(User, creator.user_id))
        db.session.execute(delete(Module).where(Module.course_id == empty.id))
        publish_course(creator, empty.slug)
        assert last_version(empty.id) is None

    def test_the_machine_may_edit_and_has_no_name(self, course) -> None:
        revise_course(System(), course.slug, course_of("One"))
        assert versions_of(course.id)[0].author is None


class TestRefusals:
    @pytest.mark.parametrize(
        ("content", "field"),
        [
            (course_of("One", " \u200b "), "modules.0.lessons.1.title"),
            (course_of("x" * 201), "modules.0.lessons.0.title"),
            (CourseContent((ModuleContent("Fine"), ModuleContent("\u202e"))), "modules.1.title"),
            (course_of(LessonContent("One", kind="essay")), "modules.0.lessons.0.kind"),  # type: ignore[arg-type]
            (course_of(LessonContent("One", body="x" * 200_001)), "modules.0.lessons.0.body"),
            (course_of(LessonContent("One", video_minutes=3)), "modules.0.lessons.0.video_minutes"),
            (course_of(LessonContent("One", LessonKind.VIDEO, video_minutes=-1)), "modules.0.lessons.0.video_minutes"),
            (course_of(LessonContent("One", LessonKind.QUIZ)), "modules.0.lessons.0.questions"),
            (course_of(LessonContent("One", questions=(QUESTION,))), "modules.0.lessons.0.questions"),
            (course_of(replace(QUIZ, questions=(replace(QUESTION, text=""),))), "modules.0.lessons.0.questions.0.text"),
            (course_of(replace(QUIZ, questions=(replace(QUESTION, choices=(RIGHT,)),))), "modules.0.lessons.0.questions.0.choices"),
            (course_of(replace(QUIZ, questions=(replace(QUESTION, choices=(RIGHT, RIGHT)),))), "modules.0.lessons.0.questions.0.choices"),
            (
                course_of(replace(QUIZ, questions=(replace(QUESTION, choices=(WRONG, ChoiceContent("Bowline"))),))),
                "modules.0.lessons.0.questions.0.choices",
            ),
            (
                course_of(replace(QUIZ, questions=(QUESTION, replace(QUESTION, choices=(RIGHT, ChoiceContent("\t")))))),
                "modules.0.lessons.0.questions.1.choices.1.text",
            ),
            (course_of(*[f"Lesson {number}" for number in range(501)]), "modules"),
            (course_of(LessonContent("One", id=2**31 - 1)), "modules.0.lessons.0.id"),
        ],
    )
    def test_what_does_not_fit_is_named_and_changes_nothing(self, creator, course, content: CourseContent, field: str) -> None:
        before = content_of(course.id)
        with pytest.raises(Invalid) as refused:
            revise_course(creator, course.slug, content)
        assert refused.value.field == field
        assert content_of(course.id) == before
        assert versions_of(course.id) == []

    def test_a_lesson_of_another_course_stays_there(self, creator, course, make_course) -> None:
        other = make_course(creator=db.session.get(User, creator.user_id))
        with pytest.raises(Invalid):
            revise_course(creator, course.slug, course_of(*lessons_of(other)))
        assert len(lessons_of(other)) == 3

    def test_one_lesson_cannot_stand_in_two_places(self, creator, course) -> None:
        one = lessons_of(course)[0]
        with pytest.raises(Invalid):
            revise_course(creator, course.slug, course_of(one, replace(one, title="Twin")))

    def test_a_note_has_an_end(self, creator, course) -> None:
        with pytest.raises(Invalid) as refused:
            revise_course(creator, course.slug, course_of("One"), "n" * 301)
        assert refused.value.field == "note"

    @pytest.mark.parametrize(
        "call",
        [lambda actor, slug: revise_course(actor, slug, course_of("Mine")), lambda actor, slug: restore_version(actor, slug, 1)],
        ids=["revise", "restore"],
    )
    def test_only_who_may_edit(self, call: Callable[[Person, str], Any], course, make_user, make_course) -> None:
        for role in ("learner", "creator"):
            with pytest.raises(Forbidden):
                call(Person.of(make_user(role)), course.slug)
        with pytest.raises(NotFound):
            call(Person.of(make_user("creator")), make_course(published=False).slug)


def test_edits_and_lessons_done_at_once_leave_every_percent_true(committing_app: Flask) -> None:
    with unit_of_work():
        creator = new_user("creator")
        course = new_course(creator=creator, lessons=6)
        learners = [new_user() for _ in range(3)]
        for learner in learners:
            new_enrollment(learner, course)
        slug, course_id, author, people = course.slug, course.id, Person.of(creator), [Person.of(learner) for learner in learners]
        content = content_of(course.id)

    def edit(step: int) -> None:
        with committing_app.app_context(), unit_of_work():
            revise_course(author, slug, course_of(*content.lessons[: 5 if step % 2 else 6], f"New {step}"))

    def learn(person: Person) -> None:
        for number in range(1, 6):
            with committing_app.app_context(), unit_of_work():
                complete_lesson(person, slug, f"text-{number}")

    with ThreadPoolExecutor(4) as pool:
        for done in [pool.submit(learn, person) for person in people] + [pool.submit(edit, step) for step in range(6)]:
            done.result()
    for person in people:
        assert outline(course_id, person.user_id).done == 5
        stored = db.session.scalar(select(Enrollment.percent).where(Enrollment.user_id == person.user_id))
        assert stored == outline(course_id, person.user_id).percent


def test_of_two_edits_at_once_of_one_version_the_second_is_refused(committing_app: Flask) -> None:
    with unit_of_work():
        creator = new_user("creator")
        slug, author = new_course(creator=creator).slug, Person.of(creator)

    def edit(title: str) -> None:
        with unit_of_work():
            revise_course(author, slug, course_of(title), based_on=0)

    assert done_at_once(committing_app, [partial(edit, title) for title in ("One", "Two", "Three", "Four")], refused=Conflict) == 1
    assert list(db.session.scalars(select(CourseVersion.number).order_by(CourseVersion.number))) == [1, 2]


class TestPage:
    """What the page of a course says belongs to its versions."""

    PAGE = CoursePage("Knots for École", "Two hitches and a bend.", ("Tie a bowline", "Untie it"))

    def test_it_changes_and_goes_back_with_the_lessons(self, course: Course, creator: Person) -> None:
        address, before = course.slug, content_of(course.id)
        revise_course(creator, course.slug, CourseContent(before.modules[:1], replace(self.PAGE, title="  Knots for\nÉcole ")))
        assert content_of(course.id).page == self.PAGE
        assert (course.slug, course.title_folded) == (address, "knots for ecole")
        assert [version.number for version in versions_of(course.id)] == [2, 1]
        restore_version(creator, course.slug, 1)
        assert content_of(course.id) == before
        assert course.title_folded == "knots"
        decisions = db.session.scalars(select(AuditEntry.detail).where(AuditEntry.action == "course.revise").order_by(AuditEntry.id)).all()
        assert [detail["page"] for detail in decisions] == [True, True]

    def test_an_outline_without_a_page_leaves_it(self, course: Course, creator: Person) -> None:
        before = content_of(course.id)
        revise_course(creator, course.slug, CourseContent((*before.modules, ModuleContent("More", (LessonContent("Rope"),)))))
        assert content_of(course.id).page == before.page
        assert last_version(course.id).content["page"]["title"] == "Knots"

    def test_the_same_page_is_no_new_version(self, course: Course, creator: Person) -> None:
        version = revise_course(creator, course.slug, replace(content_of(course.id), page=self.PAGE))
        assert revise_course(creator, course.slug, content_of(course.id)).number == version.number

    def test_a_version_from_before_the_page_belonged_to_it(self, course: Course, creator: Person) -> None:
        before = content_of(course.id)
        old = CourseVersion(course_id=course.id, number=1, content={"modules": before.as_json()["modules"]}, published=True)
        db.session.add(old)
        db.session.flush()
        assert revise_course(creator, course.slug, before).number == 1  # it says nothing else
        revise_course(creator, course.slug, replace(before, page=self.PAGE))
        assert [version.number for version in versions_of(course.id)] == [3, 2, 1]
        assert CourseContent.of_json(version_of(course.id, 2).content) == before  # what the first change is taken back to
        restore_version(creator, course.slug, 1)
        assert content_of(course.id).page == self.PAGE

    @pytest.mark.parametrize(
        ("page", "field"),
        [
            (CoursePage(" \u200b"), "page.title"),
            (CoursePage("x" * 301), "page.title"),
            (CoursePage("Knots", "x" * 50_001), "page.summary"),
            (CoursePage("Knots", outcomes=("x",) * 51), "page.outcomes"),
            (CoursePage("Knots", outcomes=("fine", "x" * 2_001)), "page.outcomes.1"),
        ],
    )
    def test_what_a_page_cannot_say_is_refused_and_changes_nothing(
        self, course: Course, creator: Person, page: CoursePage, field: str
    ) -> None:
        before = content_of(course.id)
        with pytest.raises(Invalid) as refused:
            revise_course(creator, course.slug, replace(before, page=page))
        assert refused.value.field == field
        assert content_of(course.id) == before
