"""Sample catalog and simulated behavior written into the tables."""

import uuid
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from webapp.extensions import db
from webapp.importing.bulk import ids_by, insert_new
from webapp.importing.vocabulary import Vocabulary
from webapp.models.course import Course, CourseSkill, CourseStatus, Level, Prerequisite
from webapp.models.enrollment import Enrollment, EnrollmentStatus, LessonProgress
from webapp.models.event import Event, Feedback, SavedCourse
from webapp.models.lesson import Choice, Lesson, LessonKind, Module, Question
from webapp.models.user import Profile, ProfileTopic, Role, User
from webapp.models.vocabulary import CareerGoal, GoalSkill, Skill, Tag, Topic
from webapp.sample import course_file
from webapp.sample.behaviour import WEEK, Behaviour, SimEnrollment
from webapp.sample.catalog_arrays import skill_weight
from webapp.sample.catalog_reader import LAST_DAY, LEVELS, Catalog, CourseEntry
from webapp.sample.learners import NO_GOAL, Population
from webapp.sample.time_zones import zone_by_study_hour
from webapp.services.content_rows import LONGEST_SLUG
from webapp.support.slugs import UniqueSlugs

SOURCE = "sample"
_CREATORS_BEFORE = timedelta(days=200)  # creators have been there before the simulated half year


def add_catalog(catalog: Catalog, at: datetime) -> tuple[list[int], list[list[int]]]:
    """Write vocabulary, creators and courses; ids of courses, and of the lessons of each, in the catalog's order."""
    topics = _add_vocabulary(catalog)
    skills = ids_by(Skill, Skill.slug)
    tags = _add_tags(catalog)
    creators = _add_creators(catalog, at)
    rows = [_course_row(entry, number, topics, tags, creators, at) for number, entry in enumerate(catalog.courses)]
    db.session.add_all(rows)
    db.session.flush()
    ids = {entry.slug: row.id for entry, row in zip(catalog.courses, rows, strict=True)}
    for entry in catalog.courses:
        for position, slug in enumerate(entry.skills):
            db.session.add(CourseSkill(course_id=ids[entry.slug], skill_id=skills[slug], weight=skill_weight(position)))
        db.session.add_all(Prerequisite(course_id=ids[entry.slug], required_id=ids[slug]) for slug in entry.prerequisites)
    lessons = [_add_lessons(ids[entry.slug], entry) for entry in catalog.courses]
    db.session.flush()
    return [row.id for row in rows], [[lesson.id for lesson in course] for course in lessons]


def _add_vocabulary(catalog: Catalog) -> dict[str, Topic]:
    """Topics, skills and goals that are not there yet; topics by slug."""
    insert_new(Topic, [{"slug": row.slug, "name": row.name, "hue": row.hue, "position": i} for i, row in enumerate(catalog.topics)])
    topics = {row.slug: row for row in db.session.scalars(select(Topic))}
    insert_new(Skill, [{"slug": row.slug, "name": row.name, "topic_id": topics[row.topic].id} for row in catalog.skills])
    insert_new(CareerGoal, [{"slug": row.slug, "name": row.name, "summary": row.summary} for row in catalog.goals])
    goals, skills = ids_by(CareerGoal, CareerGoal.slug), ids_by(Skill, Skill.slug)
    needs = [(goal, slug, target) for goal in catalog.goals for slug, target in goal.skills.items()]
    insert_new(GoalSkill, [{"goal_id": goals[goal.slug], "skill_id": skills[slug], "target": target} for goal, slug, target in needs])
    return topics


def _add_tags(catalog: Catalog) -> dict[str, Tag]:
    """Tags of all courses by name."""
    names = sorted({name for entry in catalog.courses for name in entry.tags})
    words = Vocabulary(dry=False)
    words.ensure_tags(names)
    tags = {row.id: row for row in db.session.scalars(select(Tag))}
    return {name: tags[number] for name in names for number in words.tag_ids([name])}


def _add_creators(catalog: Catalog, at: datetime) -> dict[str, int]:
    """Accounts without a password; ids by name."""
    # Loaded late: its table of letters takes 4 MB, and a server makes no sample world.
    from slugify import slugify  # noqa: PLC0415

    users = [
        User(
            email=f"{slugify(row.name, separator='.')}@example.com",
            name=row.name,
            role=Role.CREATOR,
            created_at=at - 2 * _CREATORS_BEFORE,
            confirmed_at=at - 2 * _CREATORS_BEFORE,
            is_sample=True,
        )
        for row in catalog.creators
    ]
    db.session.add_all(users)
    db.session.flush()
    db.session.add_all(Profile(user_id=user.id, onboarded_at=user.created_at) for user in users)
    return {user.name: user.id for user in users}


def _course_row(
    entry: CourseEntry, number: int, topics: dict[str, Topic], tags: dict[str, Tag], creators: dict[str, int], at: datetime
) -> Course:
    day = at - timedelta(days=(LAST_DAY - entry.published).days + 1)
    published = day.replace(hour=8 + number % 9, minute=number * 7 % 60, second=0)
    return Course(
        slug=entry.slug,
        title=entry.title,
        summary=entry.summary,
        topic_id=topics[entry.topic].id,
        topics=[topics[entry.topic]],
        tags=list({tags[name].id: tags[name] for name in entry.tags}.values()),
        level=Level(entry.level),
        duration_minutes=entry.minutes,
        price_cents=entry.price,
        certificate=entry.certificate,
        outcomes=list(entry.outcomes),
        creator_id=creators[entry.creator],
        status=CourseStatus.PUBLISHED,
        published_at=min(published, at),
        created_at=min(published, at) - timedelta(days=20),
        updated_at=min(published, at),
        source=SOURCE,
        external_id=entry.slug,
        is_sample=True,
    )


def _add_lessons(course_id: int, entry: CourseEntry) -> list[Lesson]:
    lessons: list[Lesson] = []
    slugs = UniqueSlugs((), LONGEST_SLUG, "lesson")
    for place, part in enumerate(entry.modules, 1):
        module = Module(course_id=course_id, position=place, title=part.title, lessons=[])
        for lesson in part.lessons:
            lessons.append(_lesson_row(course_id, lesson, len(lessons) + 1, slugs))
            module.lessons.append(lessons[-1])
        db.session.add(module)
    return lessons


def _lesson_row(course_id: int, lesson: course_file.Lesson, position: int, slugs: UniqueSlugs) -> Lesson:
    title = f"Quiz: {lesson.title}" if lesson.quiz else lesson.title
    return Lesson(
        course_id=course_id,
        position=position,
        slug=slugs.make(title),
        title=title,
        kind=LessonKind.QUIZ if lesson.quiz else LessonKind.TEXT,
        minutes=lesson.minutes,
        body=lesson.body,
        questions=[_question_row(question, number) for number, question in enumerate(lesson.questions, 1)],
    )


def _question_row(question: course_file.Question, position: int) -> Question:
    choices = [Choice(position=number, text=choice.text, correct=choice.correct) for number, choice in enumerate(question.choices, 1)]
    return Question(position=position, text=question.text, explanation=question.explanation, choices=choices)


def add_learners(catalog: Catalog, population: Population, begin: datetime) -> list[int]:
    """Accounts and profiles of the simulated learners; ids in the population's order."""
    joined = [begin + timedelta(seconds=week * WEEK) for week in population.joined_week.tolist()]
    users = [
        {"name": name, "role": Role.LEARNER, "source": SOURCE, "external_id": str(number), "is_sample": True, "active": True}
        | {"created_at": at, "fs_uniquifier": uuid.uuid4().hex}
        for number, (name, at) in enumerate(zip(population.names, joined, strict=True))
    ]
    insert_new(User, users)
    by_number = ids_by(User, User.external_id, None, User.source == SOURCE)
    ids = [by_number[str(number)] for number in range(len(users))]
    goals, topics = ids_by(CareerGoal, CareerGoal.slug), ids_by(Topic, Topic.slug)
    profiles = [
        {
            "user_id": user_id,
            "goal_id": None if goal == NO_GOAL else goals[catalog.goals[goal].slug],
            "level": LEVELS[population.level(number)],
            "weekly_minutes": 30 * max(round(minutes / 30), 1),
            "onboarded_at": at,
            "timezone": zone_by_study_hour(hour, number),
        }
        for number, (user_id, goal, minutes, hour, at) in enumerate(
            zip(ids, population.goal.tolist(), population.weekly_minutes.tolist(), population.hour.tolist(), joined, strict=True)
        )
    ]
    insert_new(Profile, profiles)
    chosen = [(user_id, topic) for number, user_id in enumerate(ids) for topic in population.topics(number)]
    insert_new(ProfileTopic, [{"user_id": user_id, "topic_id": topics[catalog.topics[topic].slug]} for user_id, topic in chosen])
    return ids


def store_behaviour(
    behaviour: Behaviour, learner_ids: list[int], course_ids: list[int], lesson_ids: list[list[int]], begin: datetime
) -> None:
    """Write events, enrollments, progress and what is in force of feedback."""

    def when(seconds: float) -> datetime:
        return begin + timedelta(seconds=round(seconds))

    events = [
        {
            "kind": event.kind,
            "user_id": learner_ids[event.learner],
            "course_id": course_ids[event.course],
            "lesson_id": None if event.lesson is None else lesson_ids[event.course][event.lesson],
            "value": event.value,
            "occurred_at": when(event.at),
            "client_id": f"{SOURCE}:{number}",
        }
        for number, event in enumerate(behaviour.events)
    ]
    insert_new(Event, events)
    insert_new(Enrollment, [_enrollment(taken, learner_ids, course_ids, len(lesson_ids[taken.course]), begin) for taken in behaviour.taken])
    progress = (row for taken in behaviour.taken for row in _progress(taken, learner_ids, lesson_ids, begin))
    insert_new(LessonProgress, list(progress))
    verdicts = behaviour.verdicts.items()
    insert_new(
        Feedback,
        [{"user_id": learner_ids[i], "course_id": course_ids[j], "kind": kind, "created_at": when(at)} for (i, j), (kind, at) in verdicts],
    )
    saved = behaviour.saved.items()
    insert_new(SavedCourse, [{"user_id": learner_ids[i], "course_id": course_ids[j], "saved_at": when(at)} for (i, j), at in saved])


def _enrollment(taken: SimEnrollment, learner_ids: list[int], course_ids: list[int], n_lessons: int, begin: datetime) -> dict[str, Any]:
    last = begin + timedelta(seconds=round(taken.last))
    return {
        "user_id": learner_ids[taken.learner],
        "course_id": course_ids[taken.course],
        "status": taken.status,
        "percent": 100 * len(taken.lessons) // n_lessons,
        "enrolled_at": begin + timedelta(seconds=round(taken.at)),
        "last_active_at": last,
        "completed_at": last if taken.status == EnrollmentStatus.COMPLETED else None,
    }


def _progress(taken: SimEnrollment, learner_ids: list[int], lesson_ids: list[list[int]], begin: datetime) -> Iterator[dict[str, Any]]:
    for position, (seconds, minutes) in enumerate(taken.lessons):
        yield {
            "user_id": learner_ids[taken.learner],
            "lesson_id": lesson_ids[taken.course][position],
            "completed_at": begin + timedelta(seconds=round(seconds)),
            "minutes": minutes,
        }
