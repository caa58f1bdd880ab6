"""Where torch is not installed nothing else is missing."""

import json
import subprocess
import sys

from recsys.candidates.neural import available, models

REFUSE = """
import sys
class Refuse:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] == "torch":
            raise ImportError(f"{name} is not installed")
sys.meta_path.insert(0, Refuse())
"""
EVERYTHING = """
import importlib, json, pkgutil, sys
import recsys
names = [m.name for m in pkgutil.walk_packages(recsys.__path__, "recsys.")]
needs = [n for n in names if n.startswith("recsys.candidates.neural.nets.") or n == "recsys.candidates.neural.training"]
for name in set(names) - set(needs):
    importlib.import_module(name)
from recsys.candidates import neural
print(json.dumps({"available": neural.available(), "models": list(neural.models()), "torch": "torch" in sys.modules, "needs": needs}))
"""


def run(code: str) -> dict[str, object]:
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    found: dict[str, object] = json.loads(done.stdout)
    return found


def test_without_torch_everything_imports_and_there_are_no_neural_models() -> None:
    found = run(REFUSE + EVERYTHING)
    assert found["available"] is False
    assert found["models"] == []
    assert len(found["needs"]) == 6  # the nets and their training loop, the only modules that need it


def test_importing_recsys_never_imports_torch() -> None:
    assert run(EVERYTHING)["torch"] is False


def test_a_neural_model_without_torch_says_what_is_missing() -> None:
    code = """
from recsys.candidates.neural import SelfAttentionModel
from recsys.errors import RecsysError
from tests.recsys import worlds
try:
    SelfAttentionModel().fit(worlds.dataset())
except RecsysError as error:
    print(__import__("json").dumps({"message": str(error)}))
"""
    assert "requirements-neural.txt" in str(run(REFUSE + code)["message"])


def test_the_family_is_listed_where_torch_is_installed() -> None:
    family = {"neural_embedding", "neumf", "two_tower", "factorization_machine", "session_gru", "self_attention"}
    assert set(models()) == (family if available() else set())
    assert all(name == model.name for name, model in models().items())
