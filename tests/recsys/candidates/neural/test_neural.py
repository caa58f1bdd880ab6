"""Each neural model keeps the contract, and does what it is named for."""

import pytest

pytest.importorskip("torch", reason="the neural models are an extra install (requirements-neural.txt)")

from recsys.candidates.neural import (
    FactorizationMachineModel,
    NeuMfModel,
    NeuralEmbeddingModel,
    SelfAttentionModel,
    SessionGruModel,
    TwoTowerModel,
)
from tests.recsys.candidates.conformance import ModelConformance


class TestNeuralEmbedding(ModelConformance):
    kind = NeuralEmbeddingModel
    parted = False


class TestNeuMf(ModelConformance):
    kind = NeuMfModel
    parted = False


class TestTwoTower(ModelConformance):
    kind = TwoTowerModel
    parted = False


class TestFactorizationMachine(ModelConformance):
    kind = FactorizationMachineModel
    parted = False


class TestSessionGru(ModelConformance):
    kind = SessionGruModel
    parted = False


class TestSelfAttention(ModelConformance):
    kind = SelfAttentionModel
    parted = False
