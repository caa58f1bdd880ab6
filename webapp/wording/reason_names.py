"""Names and numbers that the reasons of a page refer to, read for the whole page at once."""

from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, field

from flask import url_for

from webapp.models.rollup import SMALLEST_GROUP
from webapp.queries.course_taking_order import Pair, PairOrder, pair_orders
from webapp.queries.reason_facts import CourseFacts, course_facts, label_names, skills_taught
from webapp.recommender.serving.slates import ShelfPage
from webapp.recommender.types import ReasonKind, Recommendation

_SHARED_SKILLS = 2
NAMES_A_COURSE = frozenset({ReasonKind.TAKEN_TOGETHER, ReasonKind.TAKEN_NEXT, ReasonKind.SIMILAR_CONTENT, ReasonKind.SERIES})
SAYS_TAKEN = frozenset({ReasonKind.TAKEN_TOGETHER, ReasonKind.TAKEN_NEXT})
SAYS_HOW_MANY = frozenset({ReasonKind.TRENDING, ReasonKind.POPULAR})
_NEEDS_NO_PROOF = SAYS_HOW_MANY | {ReasonKind.NEW, ReasonKind.EXPLORE, ReasonKind.LEVEL, ReasonKind.PACE}


@dataclass(frozen=True)
class ReasonNames:
    """Courses by id, skills and topics by slug, the skills that courses teach, in which order learners took two courses, and how many
    started a course lately."""

    courses: Mapping[int, CourseFacts] = field(default_factory=dict)
    skills: Mapping[str, str] = field(default_factory=dict)
    topics: Mapping[str, str] = field(default_factory=dict)
    taught: Mapping[int, Sequence[str]] = field(default_factory=dict)
    orders: Mapping[Pair, PairOrder] = field(default_factory=dict)
    recent_starts: Mapping[int, int] = field(default_factory=dict)
    _addresses: dict[int, str | None] = field(default_factory=dict, repr=False)  # the same few courses are named all over a page

    def shared_skills(self, first: int, second: int) -> list[str]:
        """Names of skills that two courses share, the main ones of the first in front."""
        other = set(self.taught.get(second, ()))
        return [skill for skill in self.taught.get(first, ()) if skill in other][:_SHARED_SKILLS]

    def pair_order(self, first: int, second: int) -> PairOrder | None:
        """In which order learners took two courses; None where too few took both to say anything of them."""
        order = self.orders.get((first, second), PairOrder())
        return order if order.both >= SMALLEST_GROUP else None

    def course_address(self, course_id: int) -> str | None:
        """The page of a course; None where there is no page to go to."""
        if course_id not in self._addresses:
            course = self.courses.get(course_id)
            self._addresses[course_id] = url_for("course.show", slug=course.slug) if course and course.published else None
        return self._addresses[course_id]


def names_for(page: ShelfPage) -> ReasonNames:
    """Names and numbers behind the evidence of all recommendations of a page.

    The same statements however much there is to name: pages cost the same for everyone, and none is saved where it matters.
    """
    recommendations = [recommendation for shelf in page.shelves for recommendation in shelf.recommendations]
    pages = frozenset(course_id for course_id in (page.course_id, *(shelf.anchor for shelf in page.shelves)) if course_id is not None)
    named = [(int(r.item_id), reason) for r in recommendations for reason in r.reasons if reason.evidence and reason.weight > 0]
    courses = {int(r.evidence) for _, r in named if r.kind in NAMES_A_COURSE and r.evidence and r.evidence.isdigit()}
    alike = {item for item, r in named if r.kind is ReasonKind.SIMILAR_CONTENT}
    skills = {r.evidence for _, r in named if r.kind is ReasonKind.GOAL_SKILL and r.evidence}
    topics = {r.evidence for _, r in named if r.kind in (ReasonKind.INTEREST, ReasonKind.NEW) and r.evidence}
    facts = course_facts({*courses, *pages, *(int(r.item_id) for r in recommendations)})
    pairs = [pair for recommendation in recommendations for pair in _ordered_pairs(recommendation, pages)]
    labels = label_names(skills, topics)
    return ReasonNames(
        courses=facts,
        skills=labels.skills,
        topics=labels.topics,
        taught=skills_taught(alike | courses if alike else set()),
        orders=pair_orders(pairs),
        recent_starts=page.recent_starts,
    )


def _ordered_pairs(recommendation: Recommendation, pages: Set[int]) -> Iterable[Pair]:
    """Courses whose order matters: one leads to the other, or the other stands on its page. What comes after a reason that holds
    in any case is not said and not looked up."""
    proven = max((r.weight for r in recommendation.reasons if r.kind in _NEEDS_NO_PROOF), default=0.0)
    for reason in recommendation.reasons:
        if reason.weight > max(proven, 0) and reason.kind in SAYS_TAKEN and reason.evidence and reason.evidence.isdigit():
            first = int(reason.evidence)
            if reason.kind is ReasonKind.TAKEN_NEXT or first in pages:
                yield first, int(recommendation.item_id)
