"""Reasons as sentences. Each says what the score was really made of; names are fetched for a whole page at once."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import literal, select, union_all

from recsys.explain.reasons import understandable
from recsys.types import Reason, ReasonKind, Recommendation
from webapp.extensions import db
from webapp.models import Course, CourseSkill, CourseStatus, Skill, Topic
from webapp.queries.cards import ReasonPart
from webapp.queries.sequences import Order, Pair, orders_of
from webapp.recommender.counting import GOAL_PEERS, SMALLEST_GROUP, STARTED_LATELY, recent_starts
from webapp.recommender.history import VISITOR, LearnerState
from webapp.support.clock import now
from webapp.support.text import ago, isolate

Sentence = tuple[ReasonPart, ...]

_SHARED_SKILLS = 2
_FAIR_SHARE = 0.15
"""A reason that a shelf would rather tell must weigh this much of the largest one."""
_FROM_COURSES = frozenset({ReasonKind.TAKEN_TOGETHER, ReasonKind.TAKEN_NEXT, ReasonKind.SIMILAR_CONTENT, ReasonKind.SERIES})
_TAKEN = frozenset({ReasonKind.TAKEN_TOGETHER, ReasonKind.TAKEN_NEXT})
_CROWD = frozenset({ReasonKind.TRENDING, ReasonKind.POPULAR})
_NEEDS_NO_PROOF = _CROWD | {ReasonKind.NEW, ReasonKind.EXPLORE, ReasonKind.LEVEL, ReasonKind.PACE}
_VERBS: Mapping[str, str] = {
    "complete": "finished",
    "save": "saved",
    "thumbs_up": "liked",
    "rating": "rated",
    "already_know": "know",
    "drop": "began",
    "view": "looked at",
    "click": "looked at",
    "dwell": "looked at",
}


@dataclass(frozen=True, slots=True)
class CourseName:
    """What a sentence needs of a course; `href` is None where there is no page to go to."""

    title: str
    href: str | None


@dataclass(frozen=True, slots=True)
class Facts:
    """What a sentence may say of a course for itself: learners who took it, and lately, and since when it is here."""

    taken: int
    started: int
    published: datetime | None


@dataclass(frozen=True)
class Names:
    """Names of everything the reasons of a page refer to."""

    courses: Mapping[int, CourseName] = field(default_factory=dict)
    skills: Mapping[str, str] = field(default_factory=dict)
    topics: Mapping[str, str] = field(default_factory=dict)
    taught: Mapping[int, Sequence[str]] = field(default_factory=dict)
    facts: Mapping[int, Facts] = field(default_factory=dict)
    orders: Mapping[Pair, Order] = field(default_factory=dict)

    def both_teach(self, first: int, second: int) -> list[str]:
        """Names of skills that two courses share, the main ones of the first in front."""
        other = set(self.taught.get(second, ()))
        return [skill for skill in self.taught.get(first, ()) if skill in other][:_SHARED_SKILLS]

    def order(self, first: int, second: int) -> Order | None:
        """In which order learners took two courses; None where too few took both to say anything of them."""
        order = self.orders.get((first, second), Order())
        return order if order.both >= SMALLEST_GROUP else None


def names_for(recommendations: Sequence[Recommendation], more_courses: Iterable[int] = (), starts: dict[int, int] | None = None) -> Names:
    """Names and numbers behind the evidence of many recommendations; `starts` as in `recent_starts`.

    The same statements however much there is to name: pages cost the same for everyone, and none is saved where it matters.
    """
    told = [(int(r.item_id), reason) for r in recommendations for reason in r.reasons if reason.evidence and reason.weight > 0]
    courses = {int(r.evidence) for _, r in told if r.kind in _FROM_COURSES and r.evidence and r.evidence.isdigit()}
    alike = {item for item, r in told if r.kind is ReasonKind.SIMILAR_CONTENT}
    skills = {r.evidence for _, r in told if r.kind is ReasonKind.GOAL_SKILL}
    topics = {r.evidence for _, r in told if r.kind in (ReasonKind.INTEREST, ReasonKind.NEW)}
    trending = [int(r.item_id) for r in recommendations if any(reason.kind is ReasonKind.TRENDING for reason in r.reasons)]
    pages = frozenset(more_courses)
    rows = _courses({*courses, *pages, *(int(r.item_id) for r in recommendations)})
    pairs = [pair for found in recommendations for pair in _pairs(found, pages)]
    started = recent_starts(trending, {} if starts is None else starts)
    labels = _labels(skills, topics)
    return Names(
        courses={row.id: CourseName(row.title, f"/courses/{row.slug}" if row.status == CourseStatus.PUBLISHED else None) for row in rows},
        facts={row.id: Facts(row.enrollment_count, started.get(row.id, 0), row.published_at) for row in rows},
        skills=labels["skill"],
        topics=labels["topic"],
        taught=_taught(alike | courses if alike else set()),
        orders=orders_of(pairs, {row.id: row.enrollment_count for row in rows}),
    )


def _pairs(found: Recommendation, pages: Set[int]) -> Iterable[Pair]:
    """Courses whose order matters: one leads to the other, or the other stands on its page. What comes after a reason that holds
    in any case is not told and not looked up."""
    proven = max((r.weight for r in found.reasons if r.kind in _NEEDS_NO_PROOF), default=0.0)
    for reason in found.reasons:
        if reason.weight > max(proven, 0) and reason.kind in _TAKEN and reason.evidence and reason.evidence.isdigit():
            first = int(reason.evidence)
            if reason.kind is ReasonKind.TAKEN_NEXT or first in pages:
                yield first, int(found.item_id)


def _labels(skills: set[str | None], topics: set[str | None]) -> dict[str, dict[str, str]]:
    """Names by slug, of skills and of topics."""
    skill = select(literal("skill").label("kind"), Skill.slug, Skill.name).where(Skill.slug.in_(skills))
    topic = select(literal("topic").label("kind"), Topic.slug, Topic.name).where(Topic.slug.in_(topics))
    found: dict[str, dict[str, str]] = {"skill": {}, "topic": {}}
    for kind, slug, name in db.session.execute(union_all(skill, topic)):
        found[kind][slug] = name
    return found


def _taught(course_ids: set[int]) -> dict[int, list[str]]:
    query = select(CourseSkill.course_id, Skill.name).join(Skill, Skill.id == CourseSkill.skill_id)
    found: dict[int, list[str]] = defaultdict(list)
    for course_id, name in db.session.execute(
        query.where(CourseSkill.course_id.in_(course_ids)).order_by(CourseSkill.weight.desc(), Skill.name_folded)
    ):
        found[course_id].append(name)
    return dict(found)


def _courses(course_ids: set[int]) -> Sequence[Any]:
    columns = (Course.id, Course.title, Course.slug, Course.status, Course.enrollment_count, Course.published_at)
    return db.session.execute(select(*columns).where(Course.id.in_(course_ids))).all()


@dataclass(frozen=True)
class Speaker:
    """Puts reasons into words for one learner; `here` is the course whose page it is, if any."""

    names: Names
    state: LearnerState = VISITOR
    here: int | None = None

    def sentence(self, found: Recommendation, prefer: ReasonKind | None = None) -> Sentence:
        """The largest reason that a person can understand and that can be put into words.

        One of the kind `prefer` goes first where it has a fair share; a course that the learner left, and likeness to one that
        teaches nothing the item does, speak only where nothing else can be named. Empty when nothing in favor of the item can be said.
        """
        speaking = [reason for reason in found.reasons if reason.weight > 0 and reason.kind in _SAY]
        top = max((reason.weight for reason in speaking), default=0.0)
        were_left = {str(course_id) for course_id in self.state.left}

        def place(reason: Reason) -> tuple[bool, bool, bool, float]:
            left = reason.kind in _FROM_COURSES and reason.evidence in were_left
            late = left or not self._is_telling(int(found.item_id), reason)
            preferred = reason.kind is prefer and reason.weight >= _FAIR_SHARE * top and not late
            return not preferred, not understandable(reason), late, -reason.weight

        for reason in sorted(speaking, key=place):
            if prefer is ReasonKind.NEW and reason.kind in _CROWD:
                return _published(self, int(found.item_id))
            if words := _SAY[reason.kind](self, int(found.item_id), reason):
                return words
        guessed = any(reason.kind in _TAKEN and reason.evidence == str(self.here) for reason in speaking)
        if guessed:
            return (ReasonPart("A first guess: few learners took both so far"),)
        for_variety = next((reason for reason in found.reasons if reason.kind is ReasonKind.EXPLORE), None)
        if for_variety:
            return _SAY[ReasonKind.EXPLORE](self, int(found.item_id), for_variety)
        return _published(self, int(found.item_id)) if prefer is ReasonKind.NEW else ()

    def _is_telling(self, item: int, reason: Reason) -> bool:
        """Likeness tells something when it can name what is alike."""
        if reason.kind is not ReasonKind.SIMILAR_CONTENT:
            return True
        return reason.evidence is not None and reason.evidence.isdigit() and bool(self.names.both_teach(item, int(reason.evidence)))

    @property
    def yours(self) -> bool:
        """Whether a reason may speak of the learner's courses: the shelf of a course's page follows from that course alone."""
        return self.here is None and bool(self.state.learner.history)

    def verb(self, course_id: int) -> str:
        """What the learner did with a course of theirs."""
        if course_id in self.state.finished:
            return "you finished"
        if course_id in self.state.taking:
            return "you are taking"
        if course_id in self.state.left:
            return "you began"
        return f"you {_VERBS.get(self.state.relations.get(course_id, ''), 'took')}"

    def course(self, evidence: str | None) -> tuple[int, ReasonPart] | None:
        """The course a reason names, as a part of a sentence."""
        if evidence is None or not evidence.isdigit() or int(evidence) not in self.names.courses:
            return None
        name = self.names.courses[int(evidence)]
        return int(evidence), ReasonPart(name.title, strong=True, href=name.href)


def _taken_together(speaker: Speaker, item: int, reason: Reason) -> Sentence:
    found = speaker.course(reason.evidence)
    if found is None:
        return (ReasonPart("Often taken by learners with courses like yours"),) if speaker.yours else ()
    if found[0] == speaker.here:
        return (ReasonPart("Goes with this course"),) if speaker.names.order(found[0], item) else ()
    return ReasonPart(f"Because {speaker.verb(found[0])} "), found[1]


def _taken_next(speaker: Speaker, item: int, reason: Reason) -> Sentence:
    found = speaker.course(reason.evidence)
    if found is None:
        return (ReasonPart("Often the next step after courses like yours"),) if speaker.yours else ()
    order = speaker.names.order(found[0], item)
    if order is None:
        return ()
    often = order.after >= SMALLEST_GROUP and order.after > order.before
    beginning = "Often taken next after" if often else "Goes with"
    if found[0] == speaker.here:
        return (ReasonPart(f"{beginning} this course"),)
    enrolled = found[0] in speaker.state.finished | speaker.state.taking
    which = () if enrolled else (ReasonPart(f", which {speaker.verb(found[0])}"),)
    return ReasonPart(f"{beginning} "), found[1], *which


def _similar(speaker: Speaker, item: int, reason: Reason) -> Sentence:
    found = speaker.course(reason.evidence)
    if found is None:
        return (ReasonPart("Close in content to your courses"),) if speaker.yours else ()
    shared = speaker.names.both_teach(item, found[0])
    teach = f"both teach {_list(shared)}" if shared else ""
    if found[0] == speaker.here:
        return (ReasonPart(f"Close in content: {teach}" if teach else "Close in content"),)
    which = f", which {speaker.verb(found[0])}"
    return ReasonPart("Close to "), found[1], ReasonPart(f"{which}: {teach}" if teach else which)


def _series(speaker: Speaker, _item: int, reason: Reason) -> Sentence:
    found = speaker.course(reason.evidence)
    if found is None:
        return (ReasonPart("By a creator of your courses"),) if speaker.yours else ()
    if found[0] == speaker.here:
        return (ReasonPart("By the same creator"),)
    return ReasonPart("By the creator of "), found[1], ReasonPart(f", which {speaker.verb(found[0])}")


def _goal_skill(speaker: Speaker, _item: int, reason: Reason) -> Sentence:
    skill = speaker.names.skills.get(reason.evidence or "")
    if skill is None or speaker.state.goal is None:
        return ()
    goal = ReasonPart(speaker.state.goal.name, strong=True)
    return ReasonPart("Teaches "), ReasonPart(skill, strong=True), ReasonPart(", which your goal "), goal, ReasonPart(" needs")


def _interest(speaker: Speaker, _item: int, reason: Reason) -> Sentence:
    topic = speaker.names.topics.get(reason.evidence or "")
    if topic is None:
        return ()
    if reason.evidence not in speaker.state.learner.topics:
        return ReasonPart("Popular in "), ReasonPart(topic, strong=True)
    return ReasonPart("You follow "), ReasonPart(topic, strong=True)


def _popular(speaker: Speaker, item: int, reason: Reason) -> Sentence:
    if reason.source == GOAL_PEERS and speaker.state.goal is not None:
        return ReasonPart(f"Taken by {round(reason.weight) - 1:,} learners who aim for "), ReasonPart(speaker.state.goal.name, strong=True)
    facts = speaker.names.facts.get(item)
    if facts is None:
        return (ReasonPart("Popular with learners here"),)
    return (ReasonPart(_taken(facts.taken) or "Be the first to take it"),)


def _trending(speaker: Speaker, item: int, reason: Reason) -> Sentence:
    facts = speaker.names.facts.get(item)
    if facts is None:
        return (ReasonPart("Much taken lately"),)
    if facts.started >= SMALLEST_GROUP:
        return (ReasonPart(f"{facts.started:,} learners started it in the last {STARTED_LATELY.days} days"),)
    return (ReasonPart("Started by a few learners lately"),) if facts.started else _popular(speaker, item, reason)


def _new(speaker: Speaker, item: int, reason: Reason) -> Sentence:
    if reason.evidence is not None and reason.evidence in speaker.state.learner.topics:
        return (ReasonPart("New, and close to what you follow"),)
    return _published(speaker, item)


def _published(speaker: Speaker, item: int) -> Sentence:
    facts = speaker.names.facts.get(item)
    if facts is None or facts.published is None:
        return (ReasonPart("New here"),)
    already = f", already {facts.taken:,} learners" if facts.taken >= SMALLEST_GROUP else ""
    return (ReasonPart(f"Published {ago(facts.published, now())}{already}"),)


def _taken(learners: int) -> str:
    """In words where a number would be silly, nothing where there is nobody."""
    if learners >= SMALLEST_GROUP:
        return f"Taken by {learners:,} learners"
    return "Taken by a few learners so far" if learners else ""


def _fixed(text: str) -> Callable[[Speaker, int, Reason], Sentence]:
    return lambda _speaker, _item, _reason: (ReasonPart(text),)


def _list(words: Sequence[str]) -> str:
    words = [isolate(word) for word in words]
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"


_SAY: Mapping[ReasonKind, Callable[[Speaker, int, Reason], Sentence]] = {
    ReasonKind.TAKEN_TOGETHER: _taken_together,
    ReasonKind.TAKEN_NEXT: _taken_next,
    ReasonKind.SIMILAR_CONTENT: _similar,
    ReasonKind.SERIES: _series,
    ReasonKind.GOAL_SKILL: _goal_skill,
    ReasonKind.INTEREST: _interest,
    ReasonKind.TRENDING: _trending,
    ReasonKind.POPULAR: _popular,
    ReasonKind.NEW: _new,
    ReasonKind.EXPLORE: _fixed("Something different, to widen the view"),
    ReasonKind.LEVEL: _fixed("Fits your level"),
    ReasonKind.PACE: _fixed("Fits the time you have"),
}
