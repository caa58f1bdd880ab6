"""What pages ask of the recommender: shelves with picks and reasons; each one served is stored as a slate."""

import uuid
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import insert

from recsys.rerank.rules import LIGHT_KINDS
from recsys.types import Reason, ReasonKind, Recommendation
from webapp.extensions import db
from webapp.models import Slate
from webapp.queries.cards import ReasonPart
from webapp.recommender.history import LearnerState, learner_state
from webapp.recommender.live import POLICY, Serving, live_model
from webapp.recommender.reasons import Names, Speaker, names_for
from webapp.recommender.shelves import Draft, drafts_by_counting, drafts_with_model, similar_draft
from webapp.recommender.visit import UNKNOWN, Visit
from webapp.support.clock import now
from webapp.support.text import isolate
from webapp.transactions import defer_write

_STORED_REASONS = 6
_SIMILAR = 6
_SEE_ALL = {"popular": "/catalog?sort=popular", "trending": "/catalog?sort=popular", "new": "/catalog?sort=newest"}
PREFERRED = {"goal": ReasonKind.GOAL_SKILL, "new": ReasonKind.NEW, "because": ReasonKind.SIMILAR_CONTENT}


@dataclass(frozen=True, slots=True)
class Pick:
    """A course on a shelf; `position` counts from 1, `reason` is the sentence under the card. `reasons` are the parts of
    `score`, `propensity` the chance the course had of this place."""

    course_id: int
    position: int
    score: float
    reason: tuple[ReasonPart, ...] = ()
    propensity: float = 1.0
    reasons: tuple[Reason, ...] = ()


@dataclass(frozen=True, slots=True)
class Shelf:
    """A titled row of picks; feedback and clicks on it name its `slate_id`."""

    slate_id: str
    placement: str
    title: str
    subtitle: str
    picks: tuple[Pick, ...]
    see_all_url: str | None = None


def home_shelves(user_id: int | None, visit: Visit = UNKNOWN, *, record: bool = True) -> list[Shelf]:
    """The shelves of a home page, None for a visitor's; no course twice, none of them empty. `visit` is what the request tells.

    With `record`, each is stored as shown to the learner; an administrator who looks at somebody's home passes False.
    """
    state = learner_state(user_id, visit)
    serving = live_model().serving()
    drafts = drafts_with_model(serving, user_id, state) if serving else []
    if not drafts:
        serving, drafts = None, drafts_by_counting(state)
    shelves = _worded(drafts, state, serving)
    if record:
        _store(shelves, user_id, serving)
    return shelves


def similar_courses(course_id: int, user_id: int | None, visit: Visit = UNKNOWN, *, record: bool = True, k: int = _SIMILAR) -> Shelf | None:
    """The shelf of courses close to one, for its page; None when there are none."""
    state = learner_state(user_id, visit)
    serving = live_model().serving()
    draft = similar_draft(serving, course_id, state, k)
    if not draft.recommendations:
        return None
    shelves = _worded([draft], state, serving, here=course_id)
    if record:
        _store(shelves, user_id, serving, course_id)
    return shelves[0]


def _worded(drafts: Sequence[Draft], state: LearnerState, serving: Serving | None, here: int | None = None) -> list[Shelf]:
    everything = [r for draft in drafts for r in draft.recommendations]
    anchors = [draft.anchor for draft in drafts if draft.anchor is not None]
    names = names_for(everything, anchors, serving.starts if serving else None)
    speaker = Speaker(names, state, here)
    return [_shelf(draft, speaker) for draft in drafts if draft.recommendations]


def _shelf(draft: Draft, speaker: Speaker) -> Shelf:
    title, subtitle = _heading(draft, speaker)
    prefer = PREFERRED.get(draft.placement)
    picks = tuple(_pick(r, n, speaker, prefer) for n, r in enumerate(draft.recommendations, start=1))
    return Shelf(uuid.uuid4().hex, draft.placement, title, subtitle, picks, _SEE_ALL.get(draft.placement))


def _pick(found: Recommendation, position: int, speaker: Speaker, prefer: ReasonKind | None) -> Pick:
    sentence = speaker.sentence(found, prefer)
    return Pick(int(found.item_id), position, found.score, sentence, found.propensity, found.reasons)


def _heading(draft: Draft, speaker: Speaker) -> tuple[str, str]:
    """Title and line below."""
    learner, goal = speaker.state.learner, speaker.state.goal
    if draft.placement == "recommended":
        basis = _basis(speaker.state)
        return ("Recommended for you", f"From what you {basis}") if basis else _FIRST
    if draft.placement == "new" and draft.personal and (learner.history or learner.topics or goal):
        return "New for you", "Published lately, the closest to you first"
    if draft.placement == "because" and draft.anchor is not None:
        title = f"Because {speaker.verb(draft.anchor)} {isolate(_title(speaker.names, draft.anchor))}"
        return title, "Taken by the same learners, or close in what they teach"
    if draft.placement == "goal" and goal is not None:
        return "Next for your goal", f"Skills that {isolate(goal.name)} needs and you do not have yet"
    if draft.placement == "goal_peers" and goal is not None:
        return "Popular with people who share your goal", f"What learners who aim for {isolate(goal.name)} take"
    return _HEADINGS[draft.placement]


def _basis(state: LearnerState) -> str:
    """What speaks for courses, for "From what you …": "took, like and aim for"; empty where nothing does."""
    kinds = {event.kind for event in state.learner.history if event.weight > 0}
    there = {
        "took": bool(kinds - LIGHT_KINDS - {"already_know"} or state.finished or state.taking),
        "know": "already_know" in kinds,
        "like": "thumbs_up" in kinds,
        "saved": "save" in kinds,
        "follow": bool(state.learner.topics),
        "aim for": state.goal is not None,
    }
    words = [word for word, is_there in there.items() if is_there] or (["looked at"] if kinds else [])
    return " and ".join(filter(None, (", ".join(words[:-1]), *words[-1:])))


_FIRST = ("To start with", "A bit of everything; what you take, like and hide changes it")
_HEADINGS = {
    "new": ("New here", "Published in the last two months"),
    "trending": ("Trending now", "Much started lately"),
    "popular": ("Popular with learners here", "Taken by the most learners"),
    "topics": ("From the topics you follow", "The most taken courses in them"),
    "similar": ("Similar courses", "Going by who takes them"),
}


def _title(names: Names, course_id: int) -> str:
    name = names.courses.get(course_id)
    return name.title if name else "this course"


def _store(shelves: Sequence[Shelf], user_id: int | None, serving: Serving | None, context_course_id: int | None = None) -> None:
    if not shelves:
        return
    common = {
        "user_id": user_id,
        "context_course_id": context_course_id,
        "served_at": now(),
        "model_version": serving.version if serving else None,
        "policy_version": POLICY.version,
        "arm": None,
    }
    # What a visitor has opened stays in their browser: stored reasons do not name it.
    named = user_id is not None
    rows = [{"id": s.slate_id, "placement": s.placement, "items": [_place(p, named) for p in s.picks], **common} for s in shelves]

    def write() -> None:
        db.session.execute(insert(Slate), rows)

    defer_write(write)


def _place(pick: Pick, named: bool) -> dict[str, Any]:
    """A place as stored. The largest reasons are kept one by one, the others as one sum a source, so that they still add up;
    evidence only where `named`."""
    ordered = sorted(pick.reasons, key=lambda r: -abs(r.weight))
    reasons = [_part(r.source, r.kind.value, r.weight, r.evidence if named else None, r.detail) for r in ordered[:_STORED_REASONS]]
    rest: defaultdict[str, float] = defaultdict(float)
    for reason in ordered[_STORED_REASONS:]:
        rest[reason.source] += reason.weight
    reasons += [_part(source, "rest", weight, None, ()) for source, weight in rest.items()]
    return {
        "course_id": pick.course_id,
        "position": pick.position,
        "score": round(pick.score, 5),
        "propensity": round(pick.propensity, 5),
        "reasons": reasons,
    }


def _part(source: str, kind: str, weight: float, evidence: str | None, detail: Sequence[str]) -> dict[str, Any]:
    return {"source": source, "kind": kind, "weight": round(weight, 5), "evidence": evidence, "detail": list(detail)}
