"""What a process loads: pages need nothing that only a training or a command needs, and NLTK for texts alone that no training has read;
commands no SciPy or Numba either. Each costs every server memory."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from flask import Flask

from recsys.completion.attempt_frames import attempts_from_frame
from recsys.pipelines.train import train
from tests.factories import make_course, make_enrollment, make_user
from webapp.extensions import db
from webapp.models.course import Course
from webapp.recommender.serving.catalog import load_items
from webapp.services.sessions import SessionLimits, start_session
from webapp.transactions import unit_of_work

ROOT = Path(__file__).resolve().parents[2]
NEVER_COMMANDED = ("pandas", "sklearn", "joblib", "implicit", "slugify", "torch")
NEVER_SERVED = (
    *NEVER_COMMANDED,
    *("scipy.sparse.linalg", "scipy.stats", "scipy.optimize"),
    *("text_unidecode", "zxcvbn"),
    *("webapp.cli", "webapp.sample", "flask_migrate", "alembic", "mako"),
)
ONLY_WITH_A_MODEL = ("scipy", "numba", "llvmlite", "nltk")
REFUSES = """
import sys

def refuse(*names):
    loaded = sorted(sys.modules.keys() & set(names))
    assert not loaded, f"loaded: {loaded}"
"""
MAKES_AN_APPLICATION = """
from webapp.config import load_settings
from webapp.factory import create_app

app = create_app(load_settings())
"""
SERVES = """
from webapp.start import application

app = application()
session, *paths = sys.argv[1:]
client = app.test_client()
for visitor in (True, False):
    for path in paths:
        answer = client.get(path)
        assert answer.status_code == 200, (path, answer.status_code)
    with client.session_transaction() as cookie:
        cookie["_user_id"], cookie["_fresh"] = session, True
assert "scipy" in sys.modules, "no model served"
assert "chance to finish" in answer.text
"""


def _run(script: str, instance: Path, url: str, *arguments: str) -> None:
    env = os.environ | {"WAYMARK_INSTANCE_DIR": str(instance), "WAYMARK_DATABASE_URL": url, "WAYMARK_SCHEDULER": "off"}
    run = subprocess.run([sys.executable, "-c", script, *arguments], cwd=ROOT, env=env, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr[-3000:]


def _train(courses: list[Course], models: Path, has_read_all: bool) -> None:
    """A model with a chance to finish, of learners who took all of the courses but the last, and which has read it or not."""
    rng = np.random.default_rng(4)
    ids = [str(course.id) for course in courses[:-1]]
    n = 60 * len(ids)
    start, done = 1.6e9 + 3600.0 * np.arange(n), rng.random(n) < 0.7
    learned = {"user_id": rng.integers(0, n // 3, n), "item_id": np.resize(ids, n), "timestamp": start}
    frame = pd.DataFrame({**learned, "ended": start + 60, "completed": done, "dropped": ~done})
    with unit_of_work(writes=False):
        items = load_items() if has_read_all else load_items([course.id for course in courses[:-1]])
    train(pd.DataFrame(learned), list(items.values()), models, evaluate=False, attempts=attempts_from_frame(frame, mature_days=0))


def test_commands_load_no_model(tmp_path: Path) -> None:
    refused = f"refuse(*{NEVER_COMMANDED + ONLY_WITH_A_MODEL!r})"
    _run(REFUSES + MAKES_AN_APPLICATION + refused, tmp_path, f"sqlite:///{tmp_path}/none.db")


@pytest.mark.usefixtures("separate_app")
@pytest.mark.parametrize("has_read_all", [True, False], ids=["read by the training", "published since"])
def test_pages_of_visitors_and_learners_load_what_serves_a_model_and_no_more(
    separate_app: Flask, tmp_path: Path, has_read_all: bool
) -> None:
    courses = [make_course(f"Course of words {n}", "Data", skills=["SQL"], id=900_001 + n) for n in range(9)]
    learner = make_user()
    make_enrollment(learner, courses[0], "completed")
    session = start_session(learner, SessionLimits())
    db.session.commit()
    _train(courses, tmp_path / "models", has_read_all)
    refused = (*NEVER_SERVED, "nltk") if has_read_all else NEVER_SERVED
    paths = ("/", "/catalog", *(f"/courses/{course.slug}" for course in (courses[0], courses[-1], courses[1])))
    url = separate_app.extensions["settings"].database_url
    _run(REFUSES + SERVES + f"refuse(*{refused!r})", tmp_path, url, session, *paths)
