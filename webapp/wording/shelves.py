"""Shelves in words: title, line below, where all of it is found, and the sentence under each card."""

from collections.abc import Mapping
from dataclasses import dataclass

from flask import url_for

from webapp.recommender.serving.history import LearnerState
from webapp.recommender.serving.shelves import Shelf
from webapp.recommender.serving.slates import ShelfPage
from webapp.recommender.serving.stored_reason import stored_recommendation
from webapp.recommender.types import ReasonKind
from webapp.registries.events import BY_SIGNAL, EventKind
from webapp.support.sentences import Sentence
from webapp.support.text import isolate
from webapp.wording.reason_names import names_for
from webapp.wording.reasons import ReasonWriter

_PREFERRED: Mapping[str, ReasonKind] = {
    "goal": ReasonKind.GOAL_SKILL,
    "new": ReasonKind.NEW,
    "because": ReasonKind.SIMILAR_CONTENT,
}
"""The kind of reason a shelf would rather name, by placement."""
_SEE_ALL_SORTS: Mapping[str, str] = {"popular": "popular", "trending": "popular", "new": "newest"}
_FOR_NEWCOMERS = ("To start with", "A bit of everything; what you take, like and hide changes it")
_HEADINGS: Mapping[str, tuple[str, str]] = {
    "new": ("New here", "Published in the last two months"),
    "trending": ("Trending now", "Much started lately"),
    "popular": ("Popular with learners here", "Taken by the most learners"),
    "topics": ("From the topics you follow", "The most taken courses in them"),
    "similar": ("Similar courses", "Going by who takes them"),
}


@dataclass(frozen=True, slots=True)
class ShelfWords:
    """The words of one shelf; `reasons` has the sentence of each recommendation, in their order."""

    title: str
    subtitle: str
    see_all_url: str | None
    reasons: tuple[Sentence, ...]


def shelf_words(page: ShelfPage) -> list[ShelfWords]:
    """The words of every shelf of a page, in their order; names are read for all of them at once."""
    if not page.shelves:
        return []
    writer = ReasonWriter(names_for(page), page.reader, page.course_id)
    return [ShelfWords(*_heading(shelf, writer), _see_all_url(shelf), _sentences(shelf, writer)) for shelf in page.shelves]


def stored_reason(slate_id: int, course_id: int, user_id: int | None) -> Sentence:
    """Why the course stood on the slate; empty when the slate was another reader's or did not hold the course."""
    page = stored_recommendation(slate_id, course_id, user_id)
    if page is None:
        return ()
    return _sentences(page.shelves[0], ReasonWriter(names_for(page), page.reader, page.course_id))[0]


def _sentences(shelf: Shelf, writer: ReasonWriter) -> tuple[Sentence, ...]:
    prefer = _PREFERRED.get(shelf.placement)
    return tuple(writer.sentence(recommendation, prefer) for recommendation in shelf.recommendations)


def _see_all_url(shelf: Shelf) -> str | None:
    sort = _SEE_ALL_SORTS.get(shelf.placement)
    return url_for("catalog.index", sort=sort) if sort else None


def _heading(shelf: Shelf, writer: ReasonWriter) -> tuple[str, str]:
    """Title and line below."""
    learner, goal = writer.reader.learner, writer.reader.goal
    if shelf.placement == "recommended":
        basis = _basis(writer.reader)
        return ("Recommended for you", f"From what you {basis}") if basis else _FOR_NEWCOMERS
    if shelf.placement == "new" and shelf.personal and (learner.history or learner.topics or goal):
        return "New for you", "Published lately, the closest to you first"
    if shelf.placement == "because" and shelf.anchor is not None:
        title = f"Because {writer.what_you_did(shelf.anchor)} {isolate(writer.title_of(shelf.anchor))}"
        return title, "Taken by the same learners, or close in what they teach"
    if shelf.placement == "goal" and goal is not None:
        return "Next for your goal", f"Skills that {isolate(goal.name)} needs and you do not have yet"
    if shelf.placement == "goal_peers" and goal is not None:
        return "Popular with people who share your goal", f"What learners who aim for {isolate(goal.name)} take"
    return _HEADINGS[shelf.placement]


def _basis(reader: LearnerState) -> str:
    """What speaks for courses, for "From what you …": "took, like and aim for"; empty where nothing does."""
    kinds = [BY_SIGNAL[event.kind] for event in reader.learner.history if event.weight > 0 and event.kind in BY_SIGNAL]
    given = {kind.spec.basis for kind in kinds}
    if reader.finished or reader.taking:
        given.add(EventKind.ENROLL.spec.basis)
    verbs = [basis for basis in dict.fromkeys(kind.spec.basis for kind in reversed(EventKind)) if basis and basis in given]
    verbs += ["follow"] * bool(reader.learner.topics) + ["aim for"] * (reader.goal is not None)
    verbs = verbs or ([EventKind.VIEW.spec.verb] if kinds else [])
    return " and ".join(filter(None, (", ".join(verbs[:-1]), *verbs[-1:])))
