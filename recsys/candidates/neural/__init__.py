"""Neural models, an extra install (requirements-neural.txt) behind the same contract as the rest of the family.

Importing anything of `recsys` never imports torch: it takes two seconds and is often absent. The classes here hold
parameters and arrays; torch is first imported when one is fitted or scores.
"""

from importlib.util import find_spec

from recsys.candidates.base import Model
from recsys.candidates.neural.factorization_machine import FactorizationMachineModel
from recsys.candidates.neural.neumf import NeuMfModel
from recsys.candidates.neural.neural_embedding import NeuralEmbeddingModel
from recsys.candidates.neural.self_attention import SelfAttentionModel
from recsys.candidates.neural.session_gru import SessionGruModel
from recsys.candidates.neural.two_tower import TwoTowerModel

_FAMILY: tuple[type[Model], ...] = (
    NeuralEmbeddingModel,
    NeuMfModel,
    TwoTowerModel,
    FactorizationMachineModel,
    SessionGruModel,
    SelfAttentionModel,
)


def available() -> bool:
    """Is torch installed? Looks without importing it."""
    try:
        return find_spec("torch") is not None
    except (ImportError, ValueError):
        return False


def models() -> dict[str, type[Model]]:
    """The neural models by name; empty where torch is not installed."""
    return {model.name: model for model in _FAMILY} if available() else {}
