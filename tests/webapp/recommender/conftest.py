"""A small trained model, made once, and the courses it knows."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from flask import Flask

from recsys.pipelines.train import train
from recsys.types import Item
from webapp.models.course import Course
from webapp.recommender.serving.serving_model import LiveModel

FIRST_ID = 900_001
N_COURSES = 12
TOPICS = ("Data", "Design")
SKILLS = ("SQL", "Sketching")


def _topic(number: int) -> int:
    """Courses 0-5 are about data, 6-11 about design."""
    return number // (N_COURSES // 2)


@pytest.fixture(scope="session")
def artifact(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model of two circles of learners: one takes data courses in their order, the other design courses."""
    rng = np.random.default_rng(5)
    rows = []
    for user in range(60):
        circle = user % 2
        start = int(rng.integers(0, 3))
        for step in range(3 + int(rng.integers(0, 2))):
            number = circle * 6 + (start + step) % 6
            rows.append((f"u{user}", str(FIRST_ID + number), 1.7e9 + user * 1000 + step * 86400.0, 1.0))
    frame = pd.DataFrame(rows, columns=["user_id", "item_id", "timestamp", "weight"])
    items = [
        Item(str(FIRST_ID + n), f"{TOPICS[_topic(n)]} course {n}", topics=(TOPICS[_topic(n)].lower(),), skills=(SKILLS[_topic(n)].lower(),))
        for n in range(N_COURSES)
    ]
    return train(frame, items, tmp_path_factory.mktemp("models"), seed=1, evaluate=False)


@pytest.fixture
def models_dir(artifact: Path, tmp_path: Path) -> Path:
    """A directory of models with a copy of the trained one."""
    shutil.copytree(artifact, tmp_path / "models" / artifact.name)
    return tmp_path / "models"


@pytest.fixture
def live(app: Flask, models_dir: Path) -> Iterator[LiveModel]:
    """The application's model, looking at its directory on every call."""
    before = app.extensions["recommender"]
    app.extensions["recommender"] = LiveModel(models_dir, check_seconds=0)
    yield app.extensions["recommender"]
    app.extensions["recommender"] = before


@pytest.fixture
def courses(make_course: Callable[..., Course]) -> list[Course]:
    """The courses the model was trained on."""
    return [
        make_course(
            id=FIRST_ID + n, title=f"{TOPICS[_topic(n)]} course {n}", topic=TOPICS[_topic(n)], skills=[SKILLS[_topic(n)]], lessons=0
        )
        for n in range(N_COURSES)
    ]
