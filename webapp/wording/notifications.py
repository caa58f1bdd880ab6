"""Notifications in words: what each says, the line below, and where it leads."""

from dataclasses import dataclass

from flask import url_for

from webapp.models import NotificationKind
from webapp.policies import Permission, Person
from webapp.queries.cards import CourseCard
from webapp.queries.notifications import NotificationItem
from webapp.support.sentences import Sentence, SentencePart
from webapp.support.text import duration, isolate

_OF_MODELS = frozenset({NotificationKind.MODEL_HELD_BACK, NotificationKind.WORSE_MODEL_SERVES})


@dataclass(frozen=True, slots=True)
class NotificationWords:
    """A notification as its reader sees it; `note` may be empty, `href` is None where it leads nowhere."""

    sentence: Sentence
    note: str
    href: str | None


def notification_words(item: NotificationItem, card: CourseCard | None, reader: Person) -> NotificationWords:
    """The words of a notification; `card` is the course it is about, if any."""
    return NotificationWords(_sentence(item), _note(item, card), notification_address(item, reader))


def notification_address(item: NotificationItem, reader: Person) -> str | None:
    """Where it leads; None for a course that has been taken back, and for areas the reader may no longer enter."""
    if item.kind is NotificationKind.NEW_COURSE:
        return url_for("course.show", slug=item.course_slug) if item.course_offered else None
    if item.kind is NotificationKind.FIRST_LEARNER:
        return url_for("studio.index") if reader.may(Permission.SEE_STUDIO) else None
    if not reader.may(Permission.SEE_ADMIN):
        return None
    return url_for("admin.index") if item.kind in _OF_MODELS else url_for("admin.jobs")


def _sentence(item: NotificationItem) -> Sentence:
    course = SentencePart(item.course_title or "", strong=True)
    if item.kind is NotificationKind.NEW_COURSE:
        return SentencePart(f"New in {isolate(item.topic_name)}: " if item.topic_name else "New: "), course
    if item.kind is NotificationKind.FIRST_LEARNER:
        return course, SentencePart(" has its first learner")
    if item.kind is NotificationKind.MODEL_HELD_BACK:
        return SentencePart("The new model", strong=True), SentencePart(" was held back")
    if item.kind is NotificationKind.WORSE_MODEL_SERVES:
        return SentencePart("The new model", strong=True), SentencePart(" serves, though it is worse")
    return SentencePart("Training the recommender", strong=True), SentencePart(" has failed")


def _note(item: NotificationItem, card: CourseCard | None) -> str:
    if item.kind is NotificationKind.FIRST_LEARNER:
        return "Its counts are in the studio."
    if item.kind is not NotificationKind.NEW_COURSE:
        return item.reason
    if not item.course_offered:
        return "It is not offered at the moment."
    return _facts(card) if card else item.reason


def _facts(card: CourseCard) -> str:
    length = duration(card.duration_minutes) if card.duration_minutes else None
    return " · ".join(filter(None, (card.level and card.level.capitalize(), length, card.creator_name and isolate(card.creator_name))))
