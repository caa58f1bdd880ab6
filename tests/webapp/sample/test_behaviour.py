from collections import defaultdict

import numpy as np
import pytest

from webapp.models.enrollment import EnrollmentStatus
from webapp.registries.events import EventKind
from webapp.sample.behaviour import END, WEEK, WEEKS, Behaviour, Parameters, SimEvent, simulate
from webapp.sample.catalog_arrays import World, arrays_of_catalog
from webapp.sample.catalog_reader import load_catalog
from webapp.sample.learners import NO_GOAL

LEARNERS = 250


@pytest.fixture(scope="module")
def world() -> World:
    return arrays_of_catalog(load_catalog())


@pytest.fixture(scope="module")
def behaviour(world: World) -> Behaviour:
    return simulate(world, LEARNERS, seed=3)


def by_pair(behaviour: Behaviour) -> dict[tuple[int, int], list[SimEvent]]:
    found = defaultdict(list)
    for event in behaviour.events:
        found[event.learner, event.course].append(event)
    return found


def test_the_same_seed_gives_the_same_behavior(world: World, behaviour: Behaviour) -> None:
    again = simulate(world, LEARNERS, seed=3)
    assert again.events == behaviour.events
    assert again.population.names == behaviour.population.names
    assert simulate(world, LEARNERS, seed=4).events != behaviour.events


def test_every_kind_of_behavior_occurs_inside_the_half_year(behaviour: Behaviour) -> None:
    assert {event.kind for event in behaviour.events} >= {
        EventKind.VIEW, EventKind.CLICK, EventKind.ENROLL, EventKind.PROGRESS, EventKind.COMPLETE, EventKind.DROP, EventKind.RATING,
        EventKind.THUMBS_UP, EventKind.THUMBS_DOWN, EventKind.DISMISS, EventKind.SAVE,
    }  # fmt: skip
    times = [event.at for event in behaviour.events]
    assert times == sorted(times)
    assert 0 <= times[0] <= times[-1] < END


def test_courses_are_looked_at_then_taken_then_studied_in_order(behaviour: Behaviour) -> None:
    enrolled = 0
    for events in by_pair(behaviour).values():
        kinds = [event.kind for event in events]
        if EventKind.ENROLL not in kinds:
            assert not {EventKind.PROGRESS, EventKind.COMPLETE, EventKind.DROP} & set(kinds)
            continue
        enrolled += 1
        assert kinds.count(EventKind.ENROLL) == 1
        assert EventKind.VIEW in kinds[: kinds.index(EventKind.ENROLL)]
        studied = [event.lesson for event in events if event.kind == EventKind.PROGRESS]
        assert studied == list(range(len(studied)))
        assert kinds.index(EventKind.ENROLL) < min([i for i, kind in enumerate(kinds) if kind == EventKind.PROGRESS], default=len(kinds))
    assert enrolled == len(behaviour.taken)


def test_enrollments_agree_with_the_events(world: World, behaviour: Behaviour) -> None:
    completed = {(event.learner, event.course) for event in behaviour.events if event.kind == EventKind.COMPLETE}
    dropped = {(event.learner, event.course) for event in behaviour.events if event.kind == EventKind.DROP}
    for taken in behaviour.taken:
        pair = (taken.learner, taken.course)
        all_lessons = len(taken.lessons) == len(world.lesson_minutes[taken.course])
        assert (taken.status == EnrollmentStatus.COMPLETED) == all_lessons == (pair in completed)
        assert (taken.status == EnrollmentStatus.DROPPED) == (pair in dropped)
        assert all(minutes >= 1 for _, minutes in taken.lessons)


def test_nobody_sees_a_course_before_it_is_published(world: World, behaviour: Behaviour) -> None:
    for event in behaviour.events:
        assert event.at >= END - world.age_days[event.course] * 86_400
        assert event.at >= behaviour.population.joined_week[event.learner] * WEEK


def test_learners_take_what_they_are_interested_in(world: World, behaviour: Behaviour) -> None:
    interests = behaviour.population.interests
    taken = np.array([interests[row.learner, world.topic[row.course]] for row in behaviour.taken])
    anything = interests[:, world.topic].mean()
    assert taken.mean() > 2 * anything


def test_a_goal_draws_towards_the_skills_it_needs(world: World, behaviour: Behaviour) -> None:
    needed = (behaviour.population.needs > 0) @ world.teaches.T > 0
    has_goal = behaviour.population.goal != NO_GOAL
    taken = np.array([needed[row.learner, row.course] for row in behaviour.taken if has_goal[row.learner]])
    assert taken.mean() > 2 * needed[has_goal].mean()


def test_hard_courses_are_finished_less_often(world: World) -> None:
    steep = simulate(world, LEARNERS, seed=3, parameters=Parameters(drop_gap=6.0))
    flat = simulate(world, LEARNERS, seed=3, parameters=Parameters(drop_gap=0.0))

    def finished_above_level(behaviour: Behaviour) -> float:
        above = [
            row for row in behaviour.taken
            if world.level[row.course] - behaviour.population.ability[row.learner, world.topic[row.course]] > 0.5
        ]  # fmt: skip
        return float(np.mean([row.status == EnrollmentStatus.COMPLETED for row in above]))

    assert finished_above_level(steep) < finished_above_level(flat) / 2


def test_the_half_year_is_half_a_year() -> None:
    assert WEEKS * 7 == 182
