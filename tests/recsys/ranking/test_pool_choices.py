"""What the blend learns from: which courses stood to choose from when one was taken."""

from dataclasses import replace

import numpy as np
import pytest

from recsys.candidates.popularity import PopularityModel
from recsys.data.dataset import Dataset
from recsys.data.splits import Split, leave_last, random_holdout
from recsys.ranking.pool_choices import choices_of
from recsys.ranking.signals import Signal, SignalViews, coldness
from recsys.ranking.softmax import Choices
from tests.recsys import worlds

MIDDLE = 1.7e9 + 60 * 3600  # half of the learners have come by then


def published(**moments: float) -> Dataset:
    """The two subjects, some courses with the moment they were published."""
    items = [replace(item, published=moments.get(item.item_id)) for item in worlds.items()]
    return Dataset.from_frames(worlds.interactions(), items)


def learned(split: Split, pool: int = 100) -> Choices:
    sources = {"popularity": PopularityModel().fit(split.train)}
    return choices_of(SignalViews([Signal("popularity")], sources, coldness(split.train.popularity)), split, pool)


def taken_before(split: Split) -> np.ndarray:
    return np.diff(split.train.histories.indptr)[split.test_rows]


def test_every_course_that_is_not_taken_could_have_been() -> None:
    split = leave_last(worlds.dataset())
    choices = learned(split)
    assert choices.usable.sum(axis=1).tolist() == (split.train.n_items - taken_before(split)).tolist()


def test_a_course_that_was_not_published_yet_could_not() -> None:
    split = leave_last(published(untaken=MIDDLE))
    choices = learned(split)
    before = split.test.timestamps < MIDDLE
    assert 0 < before.sum() < len(before)
    assert choices.usable.sum(axis=1).tolist() == (split.train.n_items - taken_before(split) - before).tolist()


def test_it_leaves_its_place_in_the_pool_to_another() -> None:
    data = worlds.dataset()
    favorite = data.items[int(data.popularity.argmax())].item_id
    choices = learned(leave_last(published(**{favorite: 1.8e9})), pool=2)
    assert len(choices.chosen)
    assert (choices.usable.sum(axis=1) == 2).all()


def test_what_was_taken_before_the_date_it_bears_is_learned_from() -> None:
    split = leave_last(published(a1=1.8e9, b1=1.8e9))
    choices, told = learned(split), leave_last(worlds.dataset())
    assert len(choices.chosen) == len(told.test_rows)
    assert choices.usable[np.arange(len(choices.chosen)), choices.chosen].all()


@pytest.mark.parametrize("how", ["random", "places"])
def test_where_times_say_nothing_of_what_came_next_all_courses_stand_to_choose(how: str) -> None:
    data = published(untaken=1.8e9)
    if how == "random":
        split = random_holdout(data, seed=0)
    else:
        events = replace(data.histories, timestamps=data.histories.age[::-1].astype(np.float64))
        split = leave_last(data.with_histories(events))
    choices = learned(split)
    assert (choices.usable.sum(axis=1) == split.train.n_items - taken_before(split) - (np.diff(split.test.indptr) - 1)).all()
