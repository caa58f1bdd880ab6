from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from recsys.data.dataset import Dataset
from recsys.data.given_test import given_test_split, holds_out_evenly, is_future_of
from recsys.data.splits import Split, has_clock, leave_last, random_folds, random_holdout, time_split
from recsys.errors import DataError
from tests.recsys import worlds

START = 1.6e9


def build(text: str, start: float = 0) -> Dataset:
    """Learners separated by blanks, their items one letter each, in order."""
    rows = [(f"u{n}", item, start + 100 * n + step) for n, row in enumerate(text.split()) for step, item in enumerate(row)]
    return Dataset.from_frames(pd.DataFrame(rows, columns=["user_id", "item_id", "timestamp"]))


def letters(split: Split) -> list[tuple[str, str]]:
    """(train, test) of each tested learner."""
    named = [item.item_id for item in split.train.items]
    shown = split.train.histories.select(split.test_rows)
    return [
        ("".join(named[i] for i in shown.row(r)[0]), "".join(named[i] for i in split.test.row(r)[0])) for r in range(len(split.test_rows))
    ]


def test_leave_last_holds_out_the_newest_course() -> None:
    split = leave_last(build("abc d ef"))
    assert letters(split) == [("ab", "c"), ("e", "f")]
    assert split.test_rows.tolist() == [0, 2]
    assert split.train.n_users == 3
    assert not split.unknown.any()


def test_a_course_taken_again_is_not_the_newest() -> None:
    assert letters(leave_last(build("abcab aaa"))) == [("ab", "c")]


def test_leave_last_can_be_limited_to_some_learners() -> None:
    split = leave_last(build("abc def"), rows=np.array([1]))
    assert letters(split) == [("de", "f")]
    assert len(split.train.histories.row(0)[0]) == 3


def test_time_split_tests_new_courses_after_the_moment() -> None:
    split = time_split(build("abca cde", START), at=START + 2)
    assert letters(split) == [("ab", "c"), ("", "cde")]


def test_without_a_clock_there_is_no_split_by_time() -> None:
    data = build("abca cde", START)
    places = data.with_histories(replace(data.histories, timestamps=np.array([0.0, 1, 2, 3, 0, 1, 2])))
    for unclocked in (places, data.with_histories(replace(data.histories, timestamps=None))):
        for at in (None, 2.0):
            with pytest.raises(DataError, match=r"needs .*; use the split leave-last"):
                time_split(unclocked, at=at)
    assert letters(leave_last(places)) == [("ab", "c"), ("cd", "e")]


def test_places_in_a_sequence_are_no_clock() -> None:
    assert has_clock(worlds.dataset())
    frame = worlds.interactions()
    assert not has_clock(Dataset.from_frames(frame.assign(timestamp=np.arange(len(frame)))))
    assert not has_clock(Dataset.from_frames(frame.drop(columns="timestamp")))


def test_random_holdout_takes_a_share_and_never_all() -> None:
    data = build("abcdefghij ab a")
    split = random_holdout(data, 0.3, seed=1)
    assert [(len(train), len(test)) for train, test in letters(split)] == [(7, 3), (1, 1)]
    assert letters(split) == letters(random_holdout(data, 0.3, seed=1))
    assert letters(split) != letters(random_holdout(data, 0.3, seed=2))


def test_a_held_out_course_leaves_training_with_all_its_repeats() -> None:
    for seed in range(5):
        for train, test in letters(random_holdout(build("abab ccdd"), 0.5, seed)):
            assert not set(train) & set(test)


def test_folds_do_not_overlap() -> None:
    folds = random_folds(worlds.dataset(), 0.25, 3, seed=0)
    cells = [set(zip(f.test_rows[f.test.rows].tolist(), f.test.items.tolist(), strict=True)) for f in folds]
    big = {row for row, n in enumerate(np.diff(worlds.dataset().histories.indptr)) if n >= 4}
    for first in range(3):
        for second in range(first):
            assert not {cell for cell in cells[first] & cells[second] if cell[0] in big}


def test_a_given_test_file_brings_its_own_learners_and_items() -> None:
    test = pd.DataFrame({"user_id": ["u1", "new", "u1", "u1", "u0"], "item_id": ["a", "b", "z", "a", "c"], "weight": [1, 1, 1, 1, -1]})
    split = given_test_split(build("ab cd"), test)
    assert split.train.user_ids == ("u0", "u1", "new")
    assert letters(split) == [("cd", "a"), ("", "b")]
    assert split.unknown.tolist() == [1, 0]


def test_splits_keep_every_event_or_hold_it_out() -> None:
    data = worlds.dataset()
    split = leave_last(data)
    assert len(split.train.histories.items) + len(split.test.items) == len(data.histories.items)


def test_a_sample_of_a_split_counts_held_out_courses() -> None:
    split = random_holdout(build("abcdef abcdefgh ab acdg bdfh"), fraction=0.5, seed=1)
    few = split.sampled(5, seed=0)
    assert 0 < len(few.test.items) <= 5
    assert few.train is split.train
    for row, learner in enumerate(few.test_rows):
        whole = int(np.flatnonzero(split.test_rows == learner)[0])
        assert few.test.row(row)[0].tolist() == split.test.row(whole)[0].tolist()
    assert len(split.sampled(1, seed=0).test_rows) == 1
    assert split.sampled(99, seed=0) is split


def timed(text: str) -> pd.DataFrame:
    """`build` as rows."""
    rows = [(f"u{n}", item, 100 * n + step) for n, row in enumerate(text.split()) for step, item in enumerate(row)]
    return pd.DataFrame(rows, columns=["user_id", "item_id", "timestamp"])


@pytest.mark.parametrize("text", ["abcdefgh " * 30, "ab " * 200])
def test_times_tell_a_random_part_from_the_future(text: str) -> None:
    """Of histories of two, half of a random part is the newest course: that is no future yet."""
    frame = timed(text)
    drawn = np.random.default_rng(0).random(len(frame)) < 0.3
    newest = ~frame["user_id"].duplicated(keep="last").to_numpy()
    assert is_future_of(Dataset.from_frames(frame[~drawn]), frame[drawn]) is False
    assert is_future_of(Dataset.from_frames(frame[~newest]), frame[newest]) is True
    assert is_future_of(Dataset.from_frames(frame[~newest]), frame[newest].assign(item_id="z")) is True


def test_numbers_tell_a_random_part_from_the_newest() -> None:
    frame = timed("abcdefgh " * 30 + "abc " * 30).drop(columns="timestamp")
    drawn = np.random.default_rng(0).random(len(frame)) < 0.3
    newest = ~frame["user_id"].duplicated(keep="last").to_numpy()
    assert not holds_out_evenly(Dataset.from_frames(frame[~drawn]), frame[drawn])
    assert holds_out_evenly(Dataset.from_frames(frame[~newest]), frame[newest])
    assert holds_out_evenly(Dataset.from_frames(frame[~newest]), pd.concat([frame[newest]] * 2))  # a row said twice is one course
    assert holds_out_evenly(Dataset.from_frames(frame[~newest]), frame[newest].assign(user_id="somebody else"))


def test_where_times_do_not_tell_nothing_is_said() -> None:
    frame = timed("abcd abcd")
    train, test = Dataset.from_frames(frame[frame["item_id"] != "d"]), frame[frame["item_id"] == "d"]
    assert is_future_of(train, test) is True
    assert is_future_of(train, test.drop(columns="timestamp")) is None
    assert is_future_of(train, test.assign(user_id="somebody else")) is None
    assert is_future_of(train, test.assign(timestamp=test["timestamp"] - 1)) is None  # at the moment of the newest in training
    assert is_future_of(Dataset.from_frames(frame.drop(columns="timestamp")), test) is None


def test_what_is_left_of_a_random_part_counts_as_unordered() -> None:
    assert worlds.dataset().ordered
    assert not random_holdout(worlds.dataset()).train.ordered
    assert leave_last(worlds.dataset()).train.ordered
