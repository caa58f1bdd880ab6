"""The sample world as files: `python -m benchmarks.sample_world --out DIR [--learners 1500] [--seed 7]`.

Loads the world into a database of its own inside DIR (never into an installation), as `flask data sample` does but ending at a
fixed moment, and writes what the recommender is trained on: `interactions.csv` and `items.csv` in the house layout (see
recsys.data.layouts) and `learners.csv` with the level each learner states. Same arguments, same files.
"""

import argparse
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

import flask_migrate
import pandas as pd
from sqlalchemy import select

from recsys.types import Item
from webapp.config import Settings, load_settings
from webapp.extensions import db
from webapp.factory import create_app
from webapp.models.user import Profile
from webapp.policies import System
from webapp.recommender.training.dataset import catalog_items, interactions_frame
from webapp.sample.load import LEARNERS, SEED, load_sample
from webapp.transactions import unit_of_work

ENDS_AT = datetime(2026, 1, 5, tzinfo=UTC)
FILES = ("interactions.csv", "items.csv", "learners.csv")


def export(directory: Path, learners: int = LEARNERS, seed: int = SEED) -> Path:
    """Write the files into `directory` unless they are there already; returns it."""
    if all((directory / name).exists() for name in FILES):
        return directory
    directory.mkdir(parents=True, exist_ok=True)
    with loaded(directory, learners, seed):
        interactions_frame().to_csv(directory / "interactions.csv", index=False)
        items_frame(catalog_items()).to_csv(directory / "items.csv", index=False)
        stated = db.session.execute(select(Profile.user_id, Profile.level).order_by(Profile.user_id)).all()
        pd.DataFrame(stated, columns=["user_id", "level"]).to_csv(directory / "learners.csv", index=False)
    return directory


@contextmanager
def loaded(directory: Path, learners: int, seed: int) -> Iterator[None]:
    """The world in a database inside `directory`, to read from."""
    with create_app(_settings(directory)).app_context():
        flask_migrate.upgrade()
        with unit_of_work():
            load_sample(System(), learners, seed, at=ENDS_AT)
        with unit_of_work(writes=False):
            yield


def items_frame(items: list[Item]) -> pd.DataFrame:
    """Items in the house layout: lists are joined by `|`."""
    return pd.DataFrame([{name: "|".join(v) if isinstance(v, tuple) else v for name, v in asdict(item).items()} for item in items])


def _settings(directory: Path) -> Settings:
    return load_settings({"WAYMARK_INSTANCE_DIR": str(directory / "instance"), "WAYMARK_ENV": "development"})


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, required=True, help="where the files go")
    parser.add_argument("--learners", type=int, default=LEARNERS)
    parser.add_argument("--seed", type=int, default=SEED)
    options = parser.parse_args()
    directory = export(options.out, options.learners, options.seed)
    for name in FILES:
        print(directory / name)


if __name__ == "__main__":
    main()
