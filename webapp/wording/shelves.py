"""Shelves in words: title, line below, where all of it is found, and the sentence under each card."""

from collections.abc import Mapping
from dataclasses import dataclass

from flask import url_for

from webapp.recommender.serving.learner_state import LearnerState
from webapp.recommender.serving.shelves import Shelf
from webapp.recommender.serving.slates import ShelfPage
from webapp.recommender.serving.stored_reason import load_single_recommendation_page
from webapp.recommender.types import ReasonKind
from webapp.registries.events import BY_SIGNAL, EventKind
from webapp.support.messages import N_, gettext
from webapp.support.sentences import Sentence, SentencePart, fill_message, joined
from webapp.wording.reason_names import names_for
from webapp.wording.reasons import ReasonWriter

_PREFERRED: Mapping[str, ReasonKind] = {
    "goal": ReasonKind.GOAL_SKILL,
    "new": ReasonKind.NEW,
    "because": ReasonKind.SIMILAR_CONTENT,
}
"""The kind of reason a shelf would rather name, by placement."""
_SEE_ALL_SORTS: Mapping[str, str] = {"popular": "popular", "trending": "popular", "new": "newest"}
_FOR_NEWCOMERS = (N_("To start with"), N_("A bit of everything; what you take, like and hide changes it"))
_HEADINGS: Mapping[str, tuple[str, str]] = {
    "new": (N_("New here"), N_("Published in the last two months")),
    "trending": (N_("Trending now"), N_("Much started lately")),
    "popular": (N_("Popular with learners here"), N_("Taken by the most learners")),
    "topics": (N_("From the topics you follow"), N_("The most taken courses in them")),
    "similar": (N_("Similar courses"), N_("Going by who takes them")),
}
_OF_A_GOAL: Mapping[str, tuple[str, str]] = {
    "goal": (N_("Next for your goal"), N_("Skills that %(goal)s needs and you do not have yet")),
    "goal_peers": (N_("Popular with people who share your goal"), N_("What learners who aim for %(goal)s take")),
}


@dataclass(frozen=True, slots=True)
class ShelfWords:
    """The words of one shelf; `reasons` has the sentence of each recommendation, in their order."""

    title: Sentence
    subtitle: Sentence
    see_all_url: str | None
    reasons: tuple[Sentence, ...]


def shelf_words(page: ShelfPage) -> list[ShelfWords]:
    """The words of every shelf of a page, in their order; names are read for all of them at once."""
    if not page.shelves:
        return []
    writer = ReasonWriter(names_for(page), page.reader, page.course_id)
    return [ShelfWords(*_heading(shelf, writer), _see_all_url(shelf), _reason_sentences(shelf, writer)) for shelf in page.shelves]


def stored_reason(slate_id: int, course_id: int, user_id: int | None) -> Sentence:
    """Why the course stood on the slate; empty when the slate was another reader's or did not hold the course."""
    page = load_single_recommendation_page(slate_id, course_id, user_id)
    if page is None:
        return ()
    return _reason_sentences(page.shelves[0], ReasonWriter(names_for(page), page.reader, page.course_id))[0]


def _reason_sentences(shelf: Shelf, writer: ReasonWriter) -> tuple[Sentence, ...]:
    prefer = _PREFERRED.get(shelf.placement)
    return tuple(writer.sentence(recommendation, prefer) for recommendation in shelf.recommendations)


def _see_all_url(shelf: Shelf) -> str | None:
    sort = _SEE_ALL_SORTS.get(shelf.placement)
    return url_for("catalog.index", sort=sort) if sort else None


def _heading(shelf: Shelf, writer: ReasonWriter) -> tuple[Sentence, Sentence]:
    """Title and line below."""
    learner, goal = writer.reader.learner, writer.reader.goal
    if shelf.placement == "recommended":
        basis = _basis_verbs(writer.reader)
        if not basis:
            return _plain(_FOR_NEWCOMERS)
        return fill_message(gettext("Recommended for you")), fill_message(gettext("From what you %(basis)s"), basis=basis)
    if shelf.placement == "new" and shelf.personal and (learner.history or learner.topics or goal):
        return fill_message(gettext("New for you")), fill_message(gettext("Published lately, the closest to you first"))
    if shelf.placement == "because" and shelf.anchor is not None:
        you_did, course = writer.what_you_did(shelf.anchor), SentencePart(writer.title_of(shelf.anchor), foreign=True)
        title = fill_message(gettext("Because %(you_did)s %(course)s"), you_did=you_did, course=course)
        return title, fill_message(gettext("Taken by the same learners, or close in what they teach"))
    if shelf.placement in _OF_A_GOAL and goal is not None:
        heading, line = _OF_A_GOAL[shelf.placement]
        return fill_message(gettext(heading)), fill_message(gettext(line), goal=SentencePart(goal.name, foreign=True))
    return _plain(_HEADINGS[shelf.placement])


def _plain(heading: tuple[str, str]) -> tuple[Sentence, Sentence]:
    return fill_message(gettext(heading[0])), fill_message(gettext(heading[1]))


def _basis_verbs(reader: LearnerState) -> str:
    """What speaks for courses, for "From what you …": "took, like and aim for"; empty where nothing does."""
    kinds = [BY_SIGNAL[event.kind] for event in reader.learner.history if event.weight > 0 and event.kind in BY_SIGNAL]
    given = {kind.spec.basis for kind in kinds}
    if reader.finished or reader.taking:
        given.add(EventKind.ENROLL.spec.basis)
    verbs = [basis for basis in dict.fromkeys(kind.spec.basis for kind in reversed(EventKind)) if basis and basis in given]
    verbs += [N_("follow")] * bool(reader.learner.topics) + [N_("aim for")] * (reader.goal is not None)
    return joined([gettext(verb) for verb in verbs or ([EventKind.VIEW.spec.verb] if kinds else [])])
