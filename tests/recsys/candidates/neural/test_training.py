"""The training loop ends when it should and leaves no traces."""

import numpy as np
import pytest

pytest.importorskip("torch", reason="the neural models are an extra install (requirements-neural.txt)")

import torch

from recsys.candidates.neural import FactorizationMachineModel, NeuralEmbeddingModel
from recsys.candidates.neural.training import hold_out
from recsys.data.dataset import Dataset
from recsys.data.histories import Histories
from recsys.errors import ArtifactError
from tests.recsys import worlds


@pytest.fixture(scope="module")
def data() -> Dataset:
    return worlds.dataset()


def test_it_ends_when_held_out_courses_are_ranked_no_better(data: Dataset) -> None:
    model = FactorizationMachineModel(patience=2).fit(data)
    assert model.stopped_ == "best"
    assert 0 < model.epochs_ < model.epochs - 2


def test_it_ends_with_its_time_and_can_score(data: Dataset) -> None:
    model = FactorizationMachineModel(seconds=0.0).fit(data)
    assert model.stopped_ == "seconds"
    assert model.epochs_ == 1
    assert np.isfinite(model.score(data.histories)).all()


def test_it_ends_after_its_passes(data: Dataset) -> None:
    model = FactorizationMachineModel(epochs=3).fit(data)
    assert model.stopped_ == "epochs"
    assert model.epochs_ <= 3


def test_the_seed_decides_and_the_random_numbers_of_others_stay_theirs(data: Dataset) -> None:
    torch.manual_seed(5)
    expected = torch.rand(3)
    torch.manual_seed(5)
    threads = torch.get_num_threads()
    first = NeuralEmbeddingModel(epochs=2, seed=1, threads=threads + 1).fit(data)
    assert torch.equal(torch.rand(3), expected)
    assert torch.get_num_threads() == threads
    again = NeuralEmbeddingModel(epochs=2, seed=1, threads=threads + 1).fit(data)
    other = NeuralEmbeddingModel(epochs=2, seed=2, threads=threads + 1).fit(data)
    assert np.array_equal(first.weights_, again.weights_)
    assert not np.array_equal(first.weights_, other.weights_)


def test_held_out_courses_are_not_trained_on(data: Dataset) -> None:
    split = hold_out(data, seed=0)
    assert len(split.test.items) == data.n_users
    for row, learner in enumerate(split.test_rows):
        assert not set(split.test.row(row)[0]) & set(split.train.histories.row(int(learner))[0])
    last = [data.histories.row(int(learner))[0][-1] for learner in split.test_rows]
    assert split.test.items.tolist() == last


def test_weights_of_another_net_are_refused(data: Dataset) -> None:
    model = FactorizationMachineModel(epochs=1).fit(data)
    model.weights_ = model.weights_[:-1]
    model._net = None
    with pytest.raises(ArtifactError):
        model.score(Histories.from_lists([[0]], data.n_items))
