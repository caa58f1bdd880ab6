"""The simulated learners: interests, goal, ability, time, habits."""

from dataclasses import dataclass

import numpy as np

from webapp.sample.catalog_arrays import Floats, Ints, World
from webapp.sample.names import random_names

NO_GOAL = -1
_WITH_GOAL = 0.75
_FROM_START = 0.3
_INTERESTS_SHOWN = 3


@dataclass(frozen=True)
class Population:
    """N learners. `interests` (N×T) sum to 1, `ability` (N×T) is on the scale of levels, `needs` (N×S) are those of the goal.

    `goal` is a row of the goals or NO_GOAL; `joined_week` counts from the beginning of the simulated time; `hour` is the
    hour of the day (UTC) at which a learner usually sits down.
    """

    names: list[str]
    goal: Ints
    interests: Floats
    ability: Floats
    needs: Floats
    weekly_minutes: Floats
    pace: Floats
    hour: Floats
    joined_week: Ints

    def level(self, learner: int) -> int:
        """What the learner would say of themselves: 0 beginner, 1 intermediate, 2 advanced."""
        return int(np.clip(np.floor(self.ability[learner] @ self.interests[learner]), 0, 2))

    def topics(self, learner: int) -> list[int]:
        """The topics the learner would name as interests, the strongest first."""
        strongest = np.argsort(-self.interests[learner])[:_INTERESTS_SHOWN]
        return [int(topic) for topic in strongest if self.interests[learner, topic] > 0.15]


def draw_population(world: World, count: int, weeks: int, rng: np.random.Generator) -> Population:
    """`count` learners, as behaviour.py describes them."""
    n_goals = len(world.needs)
    goal = np.where(rng.random(count) < _WITH_GOAL, rng.choice(n_goals, size=count, p=rng.dirichlet(np.full(n_goals, 8.0))), NO_GOAL)
    liked = rng.dirichlet(np.full(world.n_topics, 10.0)) * world.n_topics
    free = rng.dirichlet(0.25 * liked, count)
    interests = np.where((goal != NO_GOAL)[:, None], (free + world.goal_topics[goal]) / 2, free)
    ability = rng.normal(0.5, 0.6, (count, 1)) + rng.normal(0, 0.3, interests.shape) + 0.5 * interests
    later = np.floor(weeks * (1 - rng.random(count) ** 0.8)).astype(np.int64)
    return Population(
        names=random_names(count, rng),
        goal=goal.astype(np.int64),
        interests=interests,
        ability=ability,
        needs=np.where((goal != NO_GOAL)[:, None], world.needs[goal], 0.0),
        weekly_minutes=np.clip(rng.lognormal(np.log(130), 0.55, count), 30, 720),
        pace=rng.lognormal(0, 0.2, count),
        hour=rng.normal(15, 4, count) % 24,
        joined_week=np.where(rng.random(count) < _FROM_START, 0, later),
    )
