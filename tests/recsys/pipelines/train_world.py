"""Trains on one world, with times and without, into the folders `ordered` and `unordered` of the one named: for tests that compare
processes."""

import sys
from pathlib import Path

import numpy as np
import pandas as pd

from recsys.completion.attempt_frames import attempts_from_frame
from recsys.pipelines.train import train
from recsys.types import Item

COURSES, CIRCLES, LEARNERS = 72, 4, 150
DAY = 86_400.0
WORDS = ("bread", "yeast", "canvas", "brush", "python", "frame", "chess", "opening", "violin", "scale", "garden", "seed")
LEVELS = ("beginner", "intermediate", "advanced")


def items() -> list[Item]:
    """Courses of six circles, with words of their own and some in common."""
    rng = np.random.default_rng(1)
    return [
        Item(
            f"c{n}",
            title=" ".join([*rng.choice(WORDS, 3), *WORDS[n % CIRCLES * 2 :][:2]]),
            topics=(f"t{n % CIRCLES}",),
            level=LEVELS[n % 3],
            duration_minutes=int(rng.integers(30, 900)),
        )
        for n in range(COURSES)
    ]


def interactions() -> pd.DataFrame:
    """Learners walk through their circle with times; weights differ."""
    rng = np.random.default_rng(2)
    rows = []
    for learner in range(LEARNERS):
        first, length = rng.integers(COURSES // CIRCLES), rng.integers(2, 9)
        steps = np.cumsum(rng.integers(1, 4, length))
        courses = CIRCLES * ((first + steps) % (COURSES // CIRCLES)) + learner % CIRCLES
        rows += [
            (f"u{learner}", f"c{course}", 1.7e9 + learner * DAY / 2 + step * DAY, rng.uniform(0.2, 1))
            for step, course in enumerate(courses)
        ]
    return pd.DataFrame(rows, columns=["user_id", "item_id", "timestamp", "weight"])


def main(root: Path) -> None:
    """Train twice."""
    frame = interactions()
    rng = np.random.default_rng(3)
    done = rng.random(len(frame)) < 0.6
    taken = frame[["user_id", "item_id", "timestamp"]].assign(ended=frame["timestamp"] + 3600, completed=done, dropped=~done)
    attempts, activity = attempts_from_frame(taken, mature_days=0), frame[["user_id", "timestamp"]]
    train(frame, items(), root / "ordered", seed=5, attempts=attempts, activity=activity)
    shuffled = frame.drop(columns="timestamp").sample(frac=1, random_state=4)
    train(shuffled, items(), root / "unordered", seed=5)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
