"""Each neural model keeps the contract, and does what it is named for."""

import numpy as np
import pytest

pytest.importorskip("torch", reason="the neural models are an extra install (requirements-neural.txt)")

import torch

from recsys.candidates.base import Model
from recsys.candidates.neural import (
    FactorizationMachineModel,
    NeuMfModel,
    NeuralEmbeddingModel,
    SelfAttentionModel,
    SessionGruModel,
    TwoTowerModel,
)
from recsys.candidates.neural.nets.building_blocks import pool, softmax_loss
from recsys.candidates.neural.nets.factorization import FactorizationMachineNet
from recsys.candidates.neural.nets.neumf import NeuMfNet
from recsys.data.dataset import Dataset
from recsys.types import Item
from tests.recsys import worlds
from tests.recsys.candidates.conformance import ModelConformance


class Neural(ModelConformance):
    parted = False


class ReadsInOrder(Neural):
    def test_the_next_course_beats_the_one_before(self, data: Dataset, model: Model) -> None:
        scores = model.score(self.rows(data, "a1 a2"))[0]
        assert scores[data.item_index("a3")] > scores[data.item_index("a0")]

    def test_order_changes_what_comes_next(self, data: Dataset, model: Model) -> None:
        there, back = model.score(self.rows(data, "b1 b2", "b2 b1"))
        assert there[data.item_index("b3")] > there[data.item_index("b0")]
        assert not np.allclose(there, back)


class TestNeuralEmbedding(Neural):
    kind = NeuralEmbeddingModel

    def test_no_vector_of_a_learner_is_stored(self, data: Dataset, model: Model) -> None:
        assert isinstance(model, NeuralEmbeddingModel)
        items, d = data.n_items, model.dimensions
        assert len(model.weights_) == (items + 1) * d + items + (d + 1) * d


class TestNeuMf(Neural):
    kind = NeuMfModel

    def test_all_pairs_score_as_the_paper_joins_them(self) -> None:
        torch.manual_seed(1)
        net = NeuMfNet(n_items=3, dimensions=4, dropout=0.0, power=0.0, negatives=1).eval()
        known, lengths = torch.tensor([[2, 0]]), torch.tensor([2])
        with torch.no_grad():
            factors = net.factor_history.weight[[2, 0]].sum(dim=0) / 2**0.5
            deep = net.deep_history.weight[[2, 0]].sum(dim=0) / 2**0.5
            both = torch.cat([deep.expand(3, 4), net.deep_items.weight], dim=1)  # [learner; item] through one first layer
            first = torch.cat([net.learner_layer.weight, net.item_layer.weight], dim=1)
            hidden = torch.relu(net.second(torch.relu(both @ first.T + net.learner_layer.bias)))
            expected = (factors * net.factor_items.weight) @ net.factor_out + net.deep_out(hidden)[:, 0] + net.bias
            assert net.scores(known, lengths)[0].numpy() == pytest.approx(expected.numpy(), abs=1e-6)


class TestTwoTower(Neural):
    kind = TwoTowerModel

    def test_a_course_nobody_took_is_placed_by_its_content(self) -> None:
        catalog = (*worlds.items(), Item("new", title="new", description=worlds.WORDS["a"], topics=("a",)))
        data = Dataset.from_frames(worlds.interactions(), catalog)
        scores = TwoTowerModel().fit(data).score(self.rows(data, "a0 a1", "b0 b1"))
        new, other = data.item_index("new"), data.item_index("untaken")
        assert scores[0, new] - scores[0, other] > scores[1, new] - scores[1, other]


class TestFactorizationMachine(Neural):
    kind = FactorizationMachineModel

    def test_the_fast_form_is_the_sum_over_pairs(self) -> None:
        torch.manual_seed(2)
        facts = torch.tensor([[1.0, 0.0, 1.0], [1.0, 0.6, 0.8]])
        net = FactorizationMachineNet(facts, dimensions=4, dropout=0.0, power=0.0).eval()
        with torch.no_grad():
            net.bias.normal_()
            net.about_bias.normal_()
            found = net.scores(torch.tensor([[1, 0]]), torch.tensor([2]))[0]
            for item in range(2):
                values = torch.cat([torch.full((2,), 2**-0.5), torch.ones(1), facts[item]])
                vectors = torch.cat([net.history.weight[[1, 0]], net.items.weight[[item]], net.about])
                pairs = [(i, j) for i in range(6) for j in range(i) if i > 1]  # but those within the history
                expected = net.bias[item] + facts[item] @ net.about_bias
                expected += sum((vectors[i] @ vectors[j]) * values[i] * values[j] for i, j in pairs)
                assert found[item].item() == pytest.approx(expected.item(), abs=1e-5)


class TestSessionGru(ReadsInOrder):
    kind = SessionGruModel


class TestSelfAttention(ReadsInOrder):
    kind = SelfAttentionModel


def test_pooled_events_fade_with_age() -> None:
    vectors = torch.tensor([[[1.0], [1.0], [9.0]], [[9.0], [9.0], [9.0]]])
    found = pool(vectors, torch.tensor([2, 0]), power=1.0)
    assert found[:, 0].tolist() == pytest.approx([1.5 / 1.5**0.5, 0.0])


def test_the_softmax_leaves_out_what_is_known() -> None:
    scores = torch.log(torch.tensor([[5.0, 1.0, 3.0, 4.0]]))
    loss = softmax_loss(scores, torch.tensor([[0, 4]]), torch.tensor([[-1, 1, 2]]))
    assert loss.item() == pytest.approx(-(np.log(1 / 8) + np.log(3 / 8)) / 2, abs=1e-6)
