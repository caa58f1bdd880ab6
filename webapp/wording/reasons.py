"""Reasons as sentences: each says what the score was really made of."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from webapp.models.rollup import SMALLEST_GROUP, STARTED_LATELY
from webapp.recommender.serving.learner_state import VISITOR, LearnerState
from webapp.recommender.serving.popularity_fallback import GOAL_PEERS
from webapp.recommender.types import Reason, ReasonKind, Recommendation, is_understandable
from webapp.registries.events import BY_SIGNAL, EventKind
from webapp.support.clock import now
from webapp.support.messages import N_, gettext, ngettext
from webapp.support.sentences import Sentence, SentencePart, fill_message, listed
from webapp.support.text import ago
from webapp.wording.reason_names import NAMES_A_COURSE, SAYS_HOW_MANY, SAYS_TAKEN, ReasonNames

_FAIR_SHARE = 0.15
"""A reason that a shelf would rather name must weigh this much of the largest one."""


@dataclass(frozen=True)
class ReasonWriter:
    """Puts reasons into sentences for one reader; `page_course` is the course whose page it is, if any."""

    names: ReasonNames
    reader: LearnerState = VISITOR
    page_course: int | None = None

    def sentence(self, recommendation: Recommendation, prefer: ReasonKind | None = None) -> Sentence:
        """The largest reason that a person can understand and that can be put into words.

        One of the kind `prefer` goes first where it has a fair share; a course that the learner left, and likeness to one that
        teaches nothing the item does, speak only where nothing else can be named. Empty when nothing in favor of the item can be said.
        """
        item = int(recommendation.item_id)
        speaking = [reason for reason in recommendation.reasons if reason.weight > 0 and reason.kind in _SENTENCES]
        for reason in self._sort_reasons(item, speaking, prefer):
            if prefer is ReasonKind.NEW and reason.kind in SAYS_HOW_MANY:
                return _published(self, item)
            if sentence := _SENTENCES[reason.kind](self, item, reason):
                return sentence
        if any(reason.kind in SAYS_TAKEN and reason.evidence == str(self.page_course) for reason in speaking):
            return (SentencePart(gettext("A first guess: few learners took both so far")),)
        if explored := next((reason for reason in recommendation.reasons if reason.kind is ReasonKind.EXPLORE), None):
            return _SENTENCES[ReasonKind.EXPLORE](self, item, explored)
        return _published(self, item) if prefer is ReasonKind.NEW else ()

    def _sort_reasons(self, item: int, speaking: Sequence[Reason], prefer: ReasonKind | None) -> list[Reason]:
        top = max((reason.weight for reason in speaking), default=0.0)

        def rank(reason: Reason) -> tuple[bool, bool, bool, float]:
            left = reason.kind in NAMES_A_COURSE and reason.evidence in self._were_left
            late = left or not self._has_shared_skills_to_name(item, reason)
            preferred = reason.kind is prefer and reason.weight >= _FAIR_SHARE * top and not late
            return not preferred, not is_understandable(reason), late, -reason.weight

        return sorted(speaking, key=rank)

    def _has_shared_skills_to_name(self, item: int, reason: Reason) -> bool:
        """Likeness has to name what is alike."""
        if reason.kind is not ReasonKind.SIMILAR_CONTENT:
            return True
        return reason.evidence is not None and reason.evidence.isdigit() and bool(self.names.shared_skills(item, int(reason.evidence)))

    @cached_property
    def _were_left(self) -> frozenset[str]:
        return frozenset(map(str, self.reader.left))

    @property
    def may_name_history(self) -> bool:
        """Whether a reason may speak of the learner's courses: the shelf of a course's page follows from that course alone."""
        return self.page_course is None and bool(self.reader.learner.history)

    def what_you_did(self, course_id: int) -> str:
        """What the learner did with a course of theirs, such as "you finished"."""
        if course_id in self.reader.finished:
            return gettext("you finished")
        if course_id in self.reader.taking:
            return gettext("you are taking")
        if course_id in self.reader.left:
            return gettext("you began")
        return gettext("you %(verb)s", verb=gettext(_verb(self.reader.relations.get(course_id))))

    def title_of(self, course_id: int) -> str:
        """The title of a course, or "this course" where it is gone."""
        course = self.names.courses.get(course_id)
        return course.title if course else gettext("this course")

    def course(self, evidence: str | None) -> tuple[int, SentencePart] | None:
        """The course a reason names, by id and as a part of a sentence."""
        if evidence is None or not evidence.isdigit() or int(evidence) not in self.names.courses:
            return None
        course_id = int(evidence)
        return course_id, SentencePart(self.title_of(course_id), strong=True, href=self.names.course_address(course_id))


def _taken_together(writer: ReasonWriter, item: int, reason: Reason) -> Sentence:
    named = writer.course(reason.evidence)
    if named is None:
        return (SentencePart(gettext("Often taken by learners with courses like yours")),) if writer.may_name_history else ()
    course_id, title = named
    if course_id == writer.page_course:
        return (SentencePart(gettext("Goes with this course")),) if writer.names.pair_order(course_id, item) else ()
    return fill_message(gettext("Because %(you_did)s %(course)s"), you_did=writer.what_you_did(course_id), course=title)


def _taken_next(writer: ReasonWriter, item: int, reason: Reason) -> Sentence:
    named = writer.course(reason.evidence)
    if named is None:
        return (SentencePart(gettext("Often the next step after courses like yours")),) if writer.may_name_history else ()
    course_id, title = named
    order = writer.names.pair_order(course_id, item)
    if order is None:
        return ()
    often = order.after >= SMALLEST_GROUP and order.after > order.before
    if course_id == writer.page_course:
        return (SentencePart(gettext("Often taken next after this course") if often else gettext("Goes with this course")),)
    if course_id in writer.reader.finished or course_id in writer.reader.taking:
        return fill_message(gettext("Often taken next after %(course)s") if often else gettext("Goes with %(course)s"), course=title)
    message = (
        gettext("Often taken next after %(course)s, which %(you_did)s") if often else gettext("Goes with %(course)s, which %(you_did)s")
    )
    return fill_message(message, course=title, you_did=writer.what_you_did(course_id))


def _similar(writer: ReasonWriter, item: int, reason: Reason) -> Sentence:
    named = writer.course(reason.evidence)
    if named is None:
        return (SentencePart(gettext("Close in content to your courses")),) if writer.may_name_history else ()
    course_id, title = named
    shared = writer.names.shared_skills(item, course_id)
    skills = listed(shared)
    if course_id == writer.page_course:
        return fill_message(gettext("Close in content: both teach %(skills)s") if shared else gettext("Close in content"), skills=skills)
    if not shared:
        return fill_message(gettext("Close to %(course)s, which %(you_did)s"), course=title, you_did=writer.what_you_did(course_id))
    message = gettext("Close to %(course)s, which %(you_did)s: both teach %(skills)s")
    return fill_message(message, course=title, you_did=writer.what_you_did(course_id), skills=skills)


def _same_creator(writer: ReasonWriter, _item: int, reason: Reason) -> Sentence:
    named = writer.course(reason.evidence)
    if named is None:
        return (SentencePart(gettext("By a creator of your courses")),) if writer.may_name_history else ()
    course_id, title = named
    if course_id == writer.page_course:
        return (SentencePart(gettext("By the same creator")),)
    return fill_message(gettext("By the creator of %(course)s, which %(you_did)s"), course=title, you_did=writer.what_you_did(course_id))


def _goal_skill(writer: ReasonWriter, _item: int, reason: Reason) -> Sentence:
    skill = writer.names.skills.get(reason.evidence or "")
    if skill is None or writer.reader.goal is None:
        return ()
    goal = SentencePart(writer.reader.goal.name, strong=True)
    return fill_message(gettext("Teaches %(skill)s, which your goal %(goal)s needs"), skill=SentencePart(skill, strong=True), goal=goal)


def _interest(writer: ReasonWriter, _item: int, reason: Reason) -> Sentence:
    topic = writer.names.topics.get(reason.evidence or "")
    if topic is None:
        return ()
    if reason.evidence not in writer.reader.learner.topics:
        return fill_message(gettext("Popular in %(topic)s"), topic=SentencePart(topic, strong=True))
    return fill_message(gettext("You follow %(topic)s"), topic=SentencePart(topic, strong=True))


def _popular(writer: ReasonWriter, item: int, reason: Reason) -> Sentence:
    goal = writer.reader.goal
    if reason.source == GOAL_PEERS and goal is not None:
        message = gettext("Taken by %(learners)s learners who aim for %(goal)s")
        return fill_message(message, learners=f"{round(reason.weight) - 1:,}", goal=SentencePart(goal.name, strong=True))
    course = writer.names.courses.get(item)
    if course is None:
        return (SentencePart(gettext("Popular with learners here")),)
    return (SentencePart(_taken_by(course.learners) or gettext("Be the first to take it")),)


def _trending(writer: ReasonWriter, item: int, reason: Reason) -> Sentence:
    if item not in writer.names.courses:
        return (SentencePart(gettext("Much taken lately")),)
    started = writer.names.recent_starts.get(item, 0)
    if started >= SMALLEST_GROUP:
        return (SentencePart(_started_lately(started)),)
    return (SentencePart(gettext("Started by a few learners lately")),) if started else _popular(writer, item, reason)


def _new(writer: ReasonWriter, item: int, reason: Reason) -> Sentence:
    if reason.evidence is not None and reason.evidence in writer.reader.learner.topics:
        return (SentencePart(gettext("New, and close to what you follow")),)
    return _published(writer, item)


def _published(writer: ReasonWriter, item: int) -> Sentence:
    course = writer.names.courses.get(item)
    if course is None or course.published_at is None:
        return (SentencePart(gettext("New here")),)
    when = ago(course.published_at, now())
    if course.learners < SMALLEST_GROUP:
        return (SentencePart(gettext("Published %(when)s", when=when)),)
    words = ngettext(
        "Published %(when)s, already %(num)s learner", "Published %(when)s, already %(num)s learners", course.learners, when=when
    )
    return (SentencePart(words),)


def _started_lately(learners: int) -> str:
    return ngettext(
        "%(num)s learner started it in the last %(days)s days",
        "%(num)s learners started it in the last %(days)s days",
        learners,
        days=STARTED_LATELY.days,
    )


def _taken_by(learners: int) -> str:
    """In words where a number would be silly, nothing where there is nobody."""
    if learners >= SMALLEST_GROUP:
        return ngettext("Taken by %(num)s learner", "Taken by %(num)s learners", learners)
    return gettext("Taken by a few learners so far") if learners else ""


def _fixed(text: str) -> Callable[[ReasonWriter, int, Reason], Sentence]:
    return lambda _writer, _item, _reason: (SentencePart(gettext(text)),)


_SENTENCES: Mapping[ReasonKind, Callable[[ReasonWriter, int, Reason], Sentence]] = {
    ReasonKind.TAKEN_TOGETHER: _taken_together,
    ReasonKind.TAKEN_NEXT: _taken_next,
    ReasonKind.SIMILAR_CONTENT: _similar,
    ReasonKind.SERIES: _same_creator,
    ReasonKind.GOAL_SKILL: _goal_skill,
    ReasonKind.INTEREST: _interest,
    ReasonKind.TRENDING: _trending,
    ReasonKind.POPULAR: _popular,
    ReasonKind.NEW: _new,
    ReasonKind.EXPLORE: _fixed(N_("Something different, to widen the view")),
    ReasonKind.LEVEL: _fixed(N_("Fits your level")),
    ReasonKind.PACE: _fixed(N_("Fits the time you have")),
}


def _verb(signal: str | None) -> str:
    """What the learner did with a course, by the recommender's word for it."""
    kind = BY_SIGNAL.get(signal or "")
    return (kind.spec.verb if kind else "") or EventKind.ENROLL.spec.verb
