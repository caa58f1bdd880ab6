"""A source is deleted with its file and its lines in the list of the family, and everything else works on."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from recsys.candidates import MODELS
from recsys.pipelines.train import train
from tests.recsys import worlds

ROOT = Path(__file__).parents[3]
FILES = sorted({model.__module__.rsplit(".", 1)[1] for model in MODELS.values()})
USE = """
import sys
from pathlib import Path
import recsys
from recsys.candidates import MODELS
from recsys.pipelines.train import train
from recsys.serving.recommender import Recommender
from recsys.types import Interaction, Item, Learner
from tests.recsys import worlds

assert Path(recsys.__file__).is_relative_to(root)
assert MODELS and not any(model.__module__.endswith("." + gone) for model in MODELS.values())
trained = train(worlds.interactions(40), worlds.items(), root / "models", evaluate=False)
new = Item("new", title="Pandas", description=worlds.WORDS["a"])
for directory in (trained, stored):
    recommender = Recommender.load(directory)
    recommender = recommender.with_catalog([*recommender.items, new])
    learner = Learner(history=(Interaction("a1"), Interaction("a2")))
    slate = recommender.for_learner(learner).recommend(5)
    assert slate[0].item_id.startswith("a"), slate
    for found in slate:
        assert abs(sum(reason.weight for reason in found.reasons) - found.score) < 1e-3
    assert all(reason.source != gone for found in slate for reason in found.reasons)
    for same_for_all in (recommender.popular(3), recommender.trending(3)):
        assert same_for_all[0].item_id.startswith("a")
    assert recommender.similar("new", 1)[0].item_id.startswith("a")
"""

FORKS = """
import os, sys
from pathlib import Path
import numba, numpy, pandas, regex, scipy.sparse, scipy.linalg, threadpoolctl

use, stored, roots, *names = sys.argv[1:]
failed = []
for name in names:
    child = os.fork()
    if not child:
        root = Path(roots, name)
        sys.path.insert(0, str(root))
        exec(use, {"gone": name, "stored": Path(stored), "root": root})
        print(name, flush=True)
        os._exit(0)
    if os.waitpid(child, 0)[1]:
        failed.append(name)
sys.exit(f"failed without: {failed}" if failed else 0)
"""
"""A process of its own for each file, started from one that has loaded what is not ours: that takes longer than all the rest."""


@pytest.fixture(scope="module")
def stored(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model that was trained with the whole family."""
    return train(worlds.interactions(40), worlds.items(), tmp_path_factory.mktemp("models"), evaluate=False)


def delete(name: str, root: Path) -> None:
    """A copy of the library below `root` without the file of a source."""
    shutil.copytree(ROOT / "recsys", root / "recsys", ignore=shutil.ignore_patterns("__pycache__"))
    (root / "recsys/__pycache__").symlink_to(ROOT / "recsys/__pycache__")  # kernels are compiled once, not once a copy
    (root / "recsys/candidates" / f"{name}.py").unlink()
    listing = root / "recsys/candidates/__init__.py"
    text = listing.read_text("utf-8")
    (imported,) = re.findall(rf"^from recsys\.candidates\.{name} import (.+)\n", text, re.M)
    text = re.sub(rf"^from recsys\.candidates\.{name} import .+\n", "", text, flags=re.M)
    for model in imported.split(", "):
        text = re.sub(rf"^ +{model},\n", "", text, flags=re.M)
    listing.write_text(text, "utf-8")


def test_the_rest_trains_recommends_and_explains(stored: Path, tmp_path: Path) -> None:
    for name in FILES:
        delete(name, tmp_path / name)
    env = os.environ | {"PYTHONPATH": str(ROOT), "OPENBLAS_NUM_THREADS": "1"}
    command = [sys.executable, "-P", "-c", FORKS, USE, str(stored), str(tmp_path), *FILES]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=env, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == FILES
