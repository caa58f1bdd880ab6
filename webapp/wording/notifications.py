"""Notifications in words: what each says, the line below, and where it leads."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import url_for

from webapp.policies import Actor
from webapp.queries.cards import CourseCard
from webapp.queries.notifications import NotificationItem
from webapp.recommender.report_sentences import gate_reason_sentences
from webapp.registries.notifications import NotificationKind
from webapp.registries.run_messages import run_message_from_json
from webapp.support.messages import gettext
from webapp.support.sentences import Sentence, SentencePart
from webapp.support.text import bidi_isolated, duration
from webapp.wording.jobs import run_sentence
from webapp.wording.levels import level_name

_NAME = re.compile(r"\{(course|topic)\}")


@dataclass(frozen=True, slots=True)
class NotificationWords:
    """A notification as its reader sees it; `note` may be empty, `href` is None where it leads nowhere."""

    sentence: Sentence
    note: str
    href: str | None


def notification_words(item: NotificationItem, card: CourseCard | None, reader: Actor) -> NotificationWords:
    """The words of a notification; `card` is the course it is about, if any."""
    return NotificationWords(_sentence(item), _note_text(item, card), notification_address(item, reader))


def announced_kinds(reader: Actor) -> str:
    """What a reader is told of, as the end of "You hear about …"."""
    specs = [kind.spec for kind in NotificationKind]
    kinds = [gettext(spec.announced) for spec in specs if spec.link_permission is None or reader.may(spec.link_permission)]
    *several, last = kinds
    return gettext("%(several)s and %(last)s", several=", ".join(several), last=last) if several else last


def notification_address(item: NotificationItem, reader: Actor) -> str | None:
    """Where a notification leads; None for a course that has been taken back, and for areas the reader may no longer enter."""
    spec = item.kind.spec
    if spec.link_permission is not None:
        return url_for(spec.link) if reader.may(spec.link_permission) else None
    return url_for(spec.link, slug=item.course_slug) if item.course_offered else None


def _sentence(item: NotificationItem) -> Sentence:
    """The message, with what it is about set off."""
    spec = item.kind.spec
    message = spec.message if item.topic_name or not spec.without_topic else spec.without_topic
    parts = []
    for number, part in enumerate(_NAME.split(gettext(message))):
        if number % 2 and part == "course":
            parts.append(SentencePart(item.course_title or "", strong=True))
        elif number % 2:
            parts.append(SentencePart(item.topic_name or "", foreign=True))
        elif part:
            parts.append(SentencePart(part))
    return tuple(parts)


def _note_text(item: NotificationItem, card: CourseCard | None) -> str:
    spec = item.kind.spec
    if spec.note:
        return gettext(spec.note).format(reason=_outcome_reason(item.data))
    if not item.course_offered:
        return gettext("It is not offered at the moment.")
    return _course_facts_line(card) if card else _outcome_reason(item.data)


def _outcome_reason(data: Mapping[str, Any]) -> str:
    """Why; a sentence where it was written down before there were codes."""
    if "message" in data:
        return run_sentence(run_message_from_json(data["message"]))
    return " ".join(gate_reason_sentences(data["reasons"], gettext)) if "reasons" in data else str(data.get("reason", ""))


def _course_facts_line(card: CourseCard) -> str:
    length = duration(card.duration_minutes) if card.duration_minutes else None
    return " · ".join(filter(None, (card.level and level_name(card.level), length, card.creator_name and bidi_isolated(card.creator_name))))
