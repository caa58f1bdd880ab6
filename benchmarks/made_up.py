"""Made-up interactions in the shape of published tables that this project may not keep: files for `python -m recsys evaluate`.

    python -m benchmarks.made_up --like movielens|canvas --out DIR [--hold newest|random] [--no-times] [--seed 0]

writes DIR/train.csv and DIR/test.csv (user_id, item_id, timestamp). `movielens`: 6,040 learners × 3,700 courses, about 880,000 rows;
each takes, in one sitting, what a taste in twelve dimensions and a long tail of popularity make likeliest (Gumbel noise). `canvas`: 2,500
learners × 150 courses in ten topics, three to six each over months; every course has one that often follows it. `--hold`: the newest course
of every learner, or a random fifth of all rows.
"""

import argparse
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd

Row = tuple[str, str, float]
_START = 1.5e9
_MONTH = 30 * 86_400.0


def like_movielens(rng: np.random.Generator, learners: int = 6_040, courses: int = 3_700, dimensions: int = 12) -> Iterator[Row]:
    """Long histories of steady taste."""
    tastes, courses_at = rng.normal(size=(learners, dimensions)), rng.normal(size=(courses, dimensions))
    tail = -0.9 * np.log(np.arange(1, courses + 1))
    for learner in range(learners):
        count = int(np.clip(rng.lognormal(4.6, 0.9), 20, 1_500))
        wanted = 0.9 * courses_at @ tastes[learner] + tail + rng.gumbel(size=courses)
        sitting = _START + rng.uniform(0, 36 * _MONTH)
        for step, course in enumerate(rng.permutation(np.argsort(-wanted)[:count])):
            yield f"u{learner}", f"c{course}", sitting + 30.0 * step


def like_canvas(rng: np.random.Generator, learners: int = 2_500, courses: int = 150, topics: int = 10) -> Iterator[Row]:
    """Short histories, in which courses follow each other."""
    topic, liked = rng.integers(topics, size=courses), 0.9 * rng.gumbel(size=courses)
    follows = np.array([rng.choice(np.flatnonzero(topic == own)) for own in topic])
    for learner in range(learners):
        interest = np.log(rng.dirichlet(np.full(topics, 0.25))[topic] + 0.01) + liked
        moment, taken = _START + rng.uniform(0, 24 * _MONTH), np.zeros(courses, bool)
        last = None
        for _ in range(int(rng.integers(3, 7))):
            wanted = interest + rng.gumbel(size=courses)
            if last is not None:
                wanted[follows[last]] += 2.5
            last = int(np.where(taken, -np.inf, wanted).argmax())
            taken[last] = True
            yield f"u{learner}", f"c{last}", moment
            moment += rng.exponential(_MONTH)


WORLDS = {"movielens": like_movielens, "canvas": like_canvas}


def write(like: str, hold: str, times: bool, seed: int, out: Path) -> tuple[int, int]:
    """Make the files; how many rows each has."""
    rng = np.random.default_rng(seed)
    rows = pd.DataFrame(WORLDS[like](rng), columns=["user_id", "item_id", "timestamp"])
    newest = ~rows["user_id"].duplicated(keep="last").to_numpy()
    held = newest if hold == "newest" else rng.random(len(rows)) < 0.2
    out.mkdir(parents=True, exist_ok=True)
    told = rows if times else rows.drop(columns="timestamp")
    told[~held].to_csv(out / "train.csv", index=False)
    told[held].to_csv(out / "test.csv", index=False)
    return int((~held).sum()), int(held.sum())


def main() -> None:
    """Read the arguments, write the files."""
    parser = argparse.ArgumentParser(description="Made-up interactions in the shape of published tables.")
    parser.add_argument("--like", choices=tuple(WORLDS), required=True)
    parser.add_argument("--hold", choices=("newest", "random"), default="random", help="what the test file holds (default: random)")
    parser.add_argument("--no-times", action="store_true", help="leave times out")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path, required=True, help="where the files go")
    options = parser.parse_args()
    train, test = write(options.like, options.hold, not options.no_times, options.seed, options.out)
    print(f"{train:,} rows to train on, {test:,} to be found, in {options.out}")


if __name__ == "__main__":
    main()
