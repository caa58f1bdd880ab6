"""Parameters are chosen on held-out courses of the training data."""

import json
import math
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from recsys.candidates import MODELS
from recsys.candidates.base import Model, Quality
from recsys.candidates.directed_ridge import DirectedModel
from recsys.candidates.ease import EaseModel
from recsys.candidates.item_item_base import POWERS, gram
from recsys.candidates.item_knn import ItemKnnModel
from recsys.candidates.transitions import TransitionModel
from recsys.data.dataset import Dataset
from recsys.data.splits import leave_last
from recsys.ranking.blend import HybridModel
from recsys.ranking.tuning import ndcg_of, tuned_sources
from recsys.types import Item


def sparse_world(told: bool) -> Dataset:
    """Twenty subjects of eight courses, two learners each; topics (where they are `told`) say what belongs together."""
    rng = np.random.default_rng(0)
    items = [Item(f"{subject}-{n}", topics=(f"subject{subject}",) if told else ()) for subject in range(20) for n in range(8)]
    chosen = [(learner, rng.permutation(8)[:4]) for learner in range(40)]
    rows = [(f"u{learner}", f"{learner % 20}-{course}", step) for learner, courses in chosen for step, course in enumerate(courses)]
    return Dataset.from_frames(pd.DataFrame(rows, columns=["user_id", "item_id", "timestamp"]), items)


def tuned(world: Dataset, content: bool) -> EaseModel:
    split = leave_last(world)
    return EaseModel().tune(split.train, lambda model: ndcg_of(model, split), content=content)


def test_side_information_is_used_where_it_finds_more() -> None:
    split = leave_last(sparse_world(told=True))
    plain, sided = (tuned(sparse_world(told=True), content) for content in (False, True))
    assert plain.side == 0 < sided.side
    assert ndcg_of(sided, split) > ndcg_of(plain, split)


def test_without_anything_written_nothing_is_added() -> None:
    world = sparse_world(told=False)
    assert tuned(world, content=True).params() == tuned(world, content=False).params()


def test_other_counts_are_solved_with_the_same_side_information() -> None:
    world = sparse_world(told=True)
    sided = tuned(world, content=True)
    expected = EaseModel(**sided.params()).fit(world).weights_
    np.testing.assert_array_equal(sided.refit(world).weights_, expected)
    np.testing.assert_array_equal(sided.refit(world, gram(world.histories.matrix())).weights_, expected)


@pytest.mark.parametrize(("sources", "reads"), [(["ease", "content"], True), (["ease", "popularity"], False)])
def test_a_blend_without_content_reads_none_elsewhere(sources: list[str], reads: bool) -> None:
    ease = HybridModel(sources=sources).fit(sparse_world(told=True)).sources_["ease"]
    assert (ease.params()["side"] > 0) == reads


@pytest.mark.parametrize("best", POWERS)
def test_the_power_of_highest_quality_is_chosen(best: float) -> None:
    world = sparse_world(told=False)
    assert ItemKnnModel().tune(world, nearness(power=best)).params()["power"] == best


def nearness(**wanted: float) -> Quality:
    """A quality that is highest where parameters are as wanted, each counting by how many grid steps or so it is away."""
    return lambda model: -sum(abs(math.log((model.params()[name] + 1) / (value + 1))) for name, value in wanted.items())


@pytest.mark.parametrize(
    ("model", "ordered", "wanted"),
    [
        (DirectedModel, True, {"fade": 0.0, "balance": 0.25, "penalty": 200.0}),
        (DirectedModel, True, {"fade": 0.35, "balance": 0.0, "penalty": 20.0}),
        (DirectedModel, False, DirectedModel().params()),
        (EaseModel, True, {"power": 1.6, "penalty": 1000.0}),
        (EaseModel, False, {"power": 0.0, "penalty": 20.0}),
    ],
)
def test_every_parameter_is_led_to_where_quality_is_highest(model: type[Model], ordered: bool, wanted: dict[str, float]) -> None:
    world = replace(sparse_world(told=False), ordered=ordered)
    found = model().tune(world, nearness(**wanted))
    assert {name: found.params()[name] for name in wanted} == wanted
    expected = model(**found.params()).fit(world).score(world.histories)
    np.testing.assert_array_equal(found.score(world.histories), expected)


def test_where_order_means_nothing_nothing_fades_and_no_power_is_tried() -> None:
    world, asked = replace(sparse_world(told=False), ordered=False), []

    def quality(model: Model) -> float:
        asked.append(model)
        return 0.0

    found = TransitionModel().tune(world, quality)
    assert (found.params()["power"], asked) == (0.0, [])
    assert EaseModel().tune(world, quality).params()["power"] == 0


def test_a_walk_ends_where_quality_falls_and_tries_each_side_once() -> None:
    world, tried = sparse_world(told=False), []

    def quality(model: Model) -> float:
        tried.append(tuple(model.params()[name] for name in ("fade", "balance", "penalty")))
        return 0.0 if model.params() == DirectedModel().params() else -1.0

    assert DirectedModel().tune(world, quality).params() == DirectedModel().params()
    assert tried == [(0.35, 0.25, 50), (0, 0.25, 50), (0.35, 0, 50), (0.35, 0.25, 20), (0.35, 0.25, 100)]


def test_no_search_begins_after_its_time() -> None:
    names = ["ease", "item_knn", "directed", "user_knn"]
    found = tuned_sources(names, leave_last(sparse_world(told=True)), until=0.0)
    assert {name: source.params() for name, source in found.items()} == {name: MODELS[name]().params() for name in names}


def test_a_fit_with_what_was_found_is_the_same_without_a_search(monkeypatch: pytest.MonkeyPatch) -> None:
    world = sparse_world(told=True)
    searched = HybridModel().fit(world)
    for model in MODELS.values():
        monkeypatch.setattr(model, "tune", None)
    again = HybridModel(tuned=json.loads(json.dumps(searched.tuned_parameters()))).fit(world)
    np.testing.assert_array_equal(again.weights_, searched.weights_)
    np.testing.assert_array_equal(again.score(world.histories), searched.score(world.histories))
    assert again.tuned_parameters() == searched.tuned_parameters()
