"""Half a year of simulated learning: who looks at what, enrolls, studies, finishes, drops and judges.

The model, for learner i, course j with topic t(j), in steps of a week; every number is a field of `Parameters`:

    interests   theta_i  ~ Dirichlet(.25 * popularity of topics), mixed half and half with the topics of i's goal (3 of 4 have one)
    ability     a_it     ~ N(.5, .6) + N(0, .3) per topic + .5 theta_it, on the scale of levels (0 beginner … 2 advanced);
                           finishing a course of level l raises it by .4 max(l + .8 - a_it, 0)
    time        w_i      ~ lognormal, median 130 minutes a week; a week's minutes are w_i * Gamma(4, 1/4); 3 of 4 weeks are used
    quality     q_j      ~ N(0, .5) + .4 for a known creator
    gap         g_ij     = level_j - a_it(j)

    utility     u_ij = 1.3 log(theta_it(j) + .02)           interest
                     + 1.6 need_ij                          share of what j teaches that i's goal needs and i does not hold
                     - .9 max(g_ij, 0)^2 - .5 max(-g_ij - .8, 0)^2      too hard, too easy
                     + .8 q_j + .3 log(1 + enrollments so far)          quality, popularity
                     + 1.8 next_ij - .9 missing_ij          a finished course is a prerequisite of j; prerequisites not finished
                     + .6 shared_ij                         skills shared with the course finished last
                     + .6 exp(-age_j / 21 days)             news
                     - .5 paid_j - .3 max(log2(minutes_j / 4 w_i), 0)   price, length against a month's time

    looking     a learner with less than two courses open looks at 1 + Poisson(1.6) courses, drawn without replacement with
                probability proportional to exp(u_ij) (Gumbel top-k); 35 % of looks come by a click in a list
    enrolling   the best looked at (u_ij + logistic noise) is taken with probability sigmoid(-.2 + .7 (u_ij - mean of i's top ten))
    not taking  the others are saved with 5 %, and when theta is below .05 "not for me" follows with 10 %
    studying    lessons in order, oldest course first; a lesson costs its minutes * pace_i * lognormal(.15) * (1 + .3 max(g_ij, 0))
    dropping    before each sitting: sigmoid(-.9 + 1.1 max(g_ij, 0) + .5 log2(1 + weeks still needed) - 2 theta_it(j)
                - 1.5 share done - .5 q_j); four in ten say so, the others just stop
    judging     a finished course is rated by 40 %: round(3.6 + .8 q_j - .6 max(g_ij, 0) + .6 theta_it(j) + N(0, .9)) in 1…5, a thumb is
                given by 25 % (up from a rating of 4, down below 3); a course dropped aloud is rated a star lower by 10 %, thumbed by 15 %
    leaving     each week with 3 %, after a course dropped with 10 %

Same seed and catalog, same behaviour. Times are seconds since the window's beginning; the loader puts its end at "now".
"""

import math
from dataclasses import dataclass, field

import numpy as np

from webapp.models.enrollment import EnrollmentStatus
from webapp.registries.events import EventKind
from webapp.sample.catalog_arrays import Floats, Ints, World
from webapp.sample.learners import Population, draw_population

WEEKS = 26
DAY = 86_400.0
WEEK = 7 * DAY
END = WEEKS * WEEK


@dataclass(frozen=True, slots=True)
class Parameters:
    """The numbers of the model, under the names of the formulas above."""

    interest: float = 1.3
    need: float = 1.6
    too_hard: float = 0.9
    too_easy: float = 0.5
    quality: float = 0.8
    popularity: float = 0.3
    next: float = 1.8
    missing: float = 0.9
    shared: float = 0.6
    news: float = 0.6
    news_days: float = 21.0
    paid: float = 0.5
    length: float = 0.3
    looks: float = 1.6
    click: float = 0.35
    enroll_base: float = -0.2
    enroll_slope: float = 0.7
    save: float = 0.05
    dismiss: float = 0.1
    week_used: float = 0.75
    drop_base: float = -0.9
    drop_gap: float = 1.1
    drop_weeks: float = 0.5
    drop_interest: float = 2.0
    drop_done: float = 1.5
    drop_quality: float = 0.5
    drop_said: float = 0.4
    rated: float = 0.4
    rated_dropped: float = 0.1
    thumb: float = 0.25
    thumb_dropped: float = 0.15
    leave: float = 0.03
    leave_dropped: float = 0.1
    learn: float = 0.4


@dataclass(frozen=True, slots=True)
class SimEvent:
    """A row of the event log, by position in catalog and population; `lesson` counts within the course."""

    kind: EventKind
    learner: int
    course: int
    at: float
    value: float | None = None
    lesson: int | None = None


@dataclass(slots=True)
class SimEnrollment:
    """An enrollment; `lessons` holds (seconds, minutes spent) of each finished lesson, in order."""

    learner: int
    course: int
    at: float
    status: EnrollmentStatus = EnrollmentStatus.ACTIVE
    last: float = 0.0
    lessons: list[tuple[float, int]] = field(default_factory=list)
    given_up: bool = False


@dataclass(slots=True)
class Behaviour:
    """Simulated behaviour: what happened. `verdicts` and `saved` are what is in force at the end, by (learner, course)."""

    population: Population
    events: list[SimEvent] = field(default_factory=list)
    taken: list[SimEnrollment] = field(default_factory=list)
    verdicts: dict[tuple[int, int], tuple[EventKind, float]] = field(default_factory=dict)
    saved: dict[tuple[int, int], float] = field(default_factory=dict)


def simulate(world: World, n_learners: int, seed: int, parameters: Parameters | None = None) -> Behaviour:
    """The behaviour of `n_learners` in this world, events ordered by time."""
    rng = np.random.default_rng(seed)
    simulation = _Simulation(world, draw_population(world, n_learners, WEEKS, rng), rng, parameters or Parameters())
    for week in range(WEEKS):
        simulation.step(week)
    simulation.result.events.sort(key=lambda event: event.at)
    return simulation.result


def _sigmoid(x: float) -> float:
    return 1 / (1 + math.exp(-x))


class _Simulation:
    """State while the weeks go by; N learners, J courses."""

    def __init__(self, world: World, population: Population, rng: np.random.Generator, parameters: Parameters) -> None:
        n, j = len(population.names), world.n_courses
        self.world, self.population, self.rng, self.p = world, population, rng, parameters
        self.result = Behaviour(population)
        self.quality: Floats = rng.normal(0, 0.5, j) + 0.4 * world.known_creator
        self.ability = population.ability.copy()
        self.count: Floats = np.zeros(j)
        self.seen = np.zeros((n, j), np.bool_)  # taken or dismissed: not looked at again
        self.finished = np.zeros((n, j), np.bool_)
        self.last_finished: Ints = np.full(n, -1)
        self.gone = np.zeros(n, np.bool_)
        self.open: list[list[SimEnrollment]] = [[] for _ in range(n)]
        self.clock = [0.0] * n  # nobody does two things at once
        # The same as plain lists: one by one, numbers come out of those several times faster.
        self.topic: list[int] = world.topic.tolist()
        self.level: list[float] = world.level.tolist()
        self.minutes: list[float] = world.minutes.tolist()
        self.lessons: list[list[float]] = [minutes.tolist() for minutes in world.lesson_minutes]
        self.liked: list[float] = self.quality.tolist()
        self.pace: list[float] = population.pace.tolist()
        self.weekly: list[float] = population.weekly_minutes.tolist()
        self.taught = world.teaches > 0
        self.likeness = self._skill_overlap_of_courses()

    def _skill_overlap_of_courses(self) -> Floats:
        """Share of the skills of a course (column) that another (row) teaches, weighted."""
        shared = (self.taught @ self.world.teaches.T).astype(float)
        return np.asarray(shared / self.world.teaches.sum(axis=1))

    def step(self, week: int) -> None:
        """One week of everyone who is there."""
        here = np.flatnonzero(~self.gone & (self.population.joined_week <= week))
        here = here[self.rng.random(len(here)) < self.p.week_used]
        looking = np.array([i for i in here if len(self.open[i]) < 2], np.int64)
        utility = self._utility(looking, week) if len(looking) else np.zeros((0, self.world.n_courses))
        rows = {int(i): row for i, row in zip(looking, utility, strict=True)}
        for i in here.tolist():
            sessions = self._session_start_times(i, week)
            self.clock[i] = max(self.clock[i] + 600, sessions[0])
            if i in rows:
                self._browse(i, rows[i])
            dropped = self._study(i, sessions)
            self.gone[i] = self.rng.random() < (self.p.leave_dropped if dropped else self.p.leave)

    def _utility(self, who: Ints, week: int) -> Floats:
        """u_ij of the learners `who`; minus infinity for courses not there yet or known already."""
        p, w = self.p, self.world
        theta = self.population.interests[who][:, w.topic]
        gap = w.level - self.ability[who][:, w.topic]
        age = w.age_days - (WEEKS - week) * 7  # at the week's beginning
        held = (self.finished[who].astype(float) @ self.taught) > 0
        wanted = self.population.needs[who] * ~held
        need = (wanted > 0) @ w.teaches.T / w.teaches.sum(axis=1)
        done = self.finished[who].astype(float)
        follows = (done @ w.requires.T.astype(float)) > 0
        missing = w.requires.sum(axis=1) - done @ w.requires.T.astype(float)
        last = self.last_finished[who]
        shared = np.where((last >= 0)[:, None], self.likeness[last], 0.0)
        months = w.minutes / (4 * self.population.weekly_minutes[who][:, None])
        utility = (
            p.interest * np.log(theta + 0.02) + p.need * need
            - p.too_hard * np.maximum(gap, 0) ** 2 - p.too_easy * np.maximum(-gap - 0.8, 0) ** 2
            + p.quality * self.quality + p.popularity * np.log1p(self.count)
            + p.next * follows - p.missing * missing + p.shared * shared
            + p.news * np.exp(-np.maximum(age, 0) / p.news_days)
            - p.paid * w.paid - p.length * np.maximum(np.log2(months), 0)
        )  # fmt: skip
        return np.asarray(np.where((age < 1) | self.seen[who], -np.inf, utility), float)

    def _session_start_times(self, i: int, week: int) -> list[float]:
        """When the learner sits down this week, in order."""
        days = self.rng.permutation(7)[: 1 + min(int(self.rng.poisson(1.8)), 5)]
        hours = self.population.hour[i] + 1.5 * self.rng.standard_normal(len(days))
        return sorted(
            week * WEEK + day * DAY + min(max(hour, 0.0), 23.5) * 3600 for day, hour in zip(days.tolist(), hours.tolist(), strict=True)
        )

    def _log_event(self, kind: EventKind, i: int, j: int, value: float | None = None, lesson: int | None = None) -> None:
        if self.clock[i] < END:
            self.result.events.append(SimEvent(kind, i, j, self.clock[i], value, lesson))

    def _browse(self, i: int, utility: Floats) -> None:
        rng, p = self.rng, self.p
        gumbel = utility + rng.gumbel(size=len(utility))
        looked = np.argsort(-gumbel)[: 1 + int(rng.poisson(p.looks))]
        looked = looked[np.isfinite(utility[looked])]
        if not len(looked):
            return
        for j in looked.tolist():
            self.clock[i] += 20 + rng.exponential(60)
            if rng.random() < p.click:
                self._log_event(EventKind.CLICK, i, j)
            self._log_event(EventKind.VIEW, i, j)
        best = int(looked[np.argmax(utility[looked] + rng.logistic(scale=0.5, size=len(looked)))])
        top = np.partition(utility, -10)[-10:].mean()
        taken = rng.random() < _sigmoid(p.enroll_base + p.enroll_slope * float(utility[best] - top))
        if taken and self.clock[i] < END:
            self._enroll(i, best)
        for j in looked.tolist():
            if not (taken and j == best):
                self._dismiss_or_save(i, j)

    def _enroll(self, i: int, j: int) -> None:
        self.clock[i] += 30
        self._log_event(EventKind.ENROLL, i, j)
        taken = SimEnrollment(i, j, self.clock[i], last=self.clock[i])
        self.result.taken.append(taken)
        self.result.saved.pop((i, j), None)
        self.open[i].append(taken)
        self.seen[i, j] = True
        self.count[j] += 1

    def _dismiss_or_save(self, i: int, j: int) -> None:
        """What a learner does with a course looked at and not taken: mostly nothing."""
        chance = self.rng.random()
        if self.clock[i] >= END:
            return
        if self._interest(i, j) < 0.05 and chance < self.p.dismiss:
            self._log_event(EventKind.DISMISS, i, j)
            self.result.verdicts[i, j] = (EventKind.DISMISS, self.clock[i])
            self.seen[i, j] = True
        elif chance > 1 - self.p.save and (i, j) not in self.result.saved:
            self._log_event(EventKind.SAVE, i, j)
            self.result.saved[i, j] = self.clock[i]

    def _study(self, i: int, sessions: list[float]) -> bool:
        """Spend the week's minutes on open courses, the oldest first, a sitting's share at a time; whether one was dropped."""
        minutes, dropped = self.weekly[i] * self.rng.gamma(4, 0.25), False
        for start in sessions:
            self.clock[i] = max(self.clock[i], start)
            if self.open[i] and self.rng.random() < self._dropout_chance(self.open[i][0]):
                self._drop(self.open[i][0])
                dropped = True
            left = minutes / len(sessions)
            while left > 0 and self.open[i] and self.clock[i] < END:
                left -= self._study_lesson(self.open[i][0])
        return dropped

    def _dropout_chance(self, taken: SimEnrollment) -> float:
        """The chance that the learner gives the course up now."""
        p, i, j = self.p, taken.learner, taken.course
        share = len(taken.lessons) / len(self.lessons[j])
        weeks = (1 - share) * self.minutes[j] / self.weekly[i]
        tired = p.drop_base + p.drop_gap * max(self._level_gap(i, j), 0) + p.drop_weeks * math.log2(1 + weeks)
        return _sigmoid(tired - p.drop_interest * self._interest(i, j) - p.drop_done * share - p.drop_quality * self.liked[j])

    def _study_lesson(self, taken: SimEnrollment) -> float:
        """The next lesson of a course; the minutes it took."""
        i, j = taken.learner, taken.course
        nominal, position = self.lessons[j], len(taken.lessons)
        pace = self.pace[i] * math.exp(0.15 * self.rng.standard_normal()) * (1 + 0.3 * max(self._level_gap(i, j), 0))
        spent = nominal[position] * pace
        self.clock[i] = min(self.clock[i] + spent * 60, END)
        if self.clock[i] < END:
            taken.lessons.append((self.clock[i], max(round(spent), 1)))
            taken.last = self.clock[i]
            self._log_event(EventKind.PROGRESS, i, j, float(100 * (position + 1) // len(nominal)), position)
            if position + 1 == len(nominal):
                self._finish(taken)
        return spent

    def _level_gap(self, i: int, j: int) -> float:
        return self.level[j] - float(self.ability[i, self.topic[j]])

    def _interest(self, i: int, j: int) -> float:
        return float(self.population.interests[i, self.topic[j]])

    def _finish(self, taken: SimEnrollment) -> None:
        i, j, topic = taken.learner, taken.course, self.topic[taken.course]
        taken.status = EnrollmentStatus.COMPLETED
        self._log_event(EventKind.COMPLETE, i, j)
        self._judge(taken, self.p.rated, 3.6, self.p.thumb)
        self.open[i].remove(taken)
        self.finished[i, j] = True
        self.last_finished[i] = j
        self.ability[i, topic] += self.p.learn * max(self.level[j] + 0.8 - self.ability[i, topic], 0)

    def _judge(self, taken: SimEnrollment, chance: float, middle: float, thumb: float) -> None:
        i, j = taken.learner, taken.course
        liked = middle + 0.8 * self.liked[j] - 0.6 * max(self._level_gap(i, j), 0) + 0.6 * self._interest(i, j)
        stars = min(max(round(liked + 0.9 * self.rng.standard_normal()), 1), 5)
        wants, shows = self.rng.random(2)
        self.clock[i] += 40
        if self.clock[i] >= END:
            return
        if wants < chance:
            self._log_event(EventKind.RATING, i, j, float(stars))
        if shows < thumb and stars != 3:
            kind = EventKind.THUMBS_UP if stars > 3 else EventKind.THUMBS_DOWN
            self._log_event(kind, i, j)
            self.result.verdicts[i, j] = (kind, self.clock[i])

    def _drop(self, taken: SimEnrollment) -> None:
        i = taken.learner
        self.open[i].remove(taken)
        taken.given_up = True
        self.clock[i] += 300
        if self.clock[i] < END and self.rng.random() < self.p.drop_said:
            taken.status = EnrollmentStatus.DROPPED
            taken.last = self.clock[i]
            self._log_event(EventKind.DROP, i, taken.course)
            self._judge(taken, self.p.rated_dropped, 2.6, self.p.thumb_dropped)
