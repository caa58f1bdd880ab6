import numpy as np
import pandas as pd
import pytest

from recsys.data.dataset import Dataset
from recsys.errors import DataError
from recsys.types import Item
from tests.recsys import worlds


def frame(rows: list[tuple[object, ...]], *columns: str) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["user_id", "item_id", *columns])


def ids(data: Dataset, user: str) -> list[str]:
    return [data.items[i].item_id for i in data.histories.row(data.position_by_user_id[user])[0]]


def test_histories_are_ordered_by_time_whatever_the_order_of_the_file() -> None:
    data = Dataset.from_frames(frame([("u", "late", 30), ("v", "x", 5), ("u", "early", 10)], "timestamp"))
    assert ids(data, "u") == ["early", "late"]
    assert data.ordered


def test_file_order_holds_where_times_are_missing() -> None:
    data = Dataset.from_frames(frame([("u", "c", None), ("u", "a", 20), ("u", "b", None), ("u", "d", 10)], "timestamp"))
    assert ids(data, "u") == ["c", "d", "a", "b"]


def test_dates_and_numbers_are_times() -> None:
    data = Dataset.from_frames(frame([("u", "b", "2024-01-02T00:00:00Z"), ("u", "a", "2024-01-01 12:00:00")], "timestamp"))
    assert ids(data, "u") == ["a", "b"]
    assert data.histories.timestamps is not None
    assert data.histories.timestamps.tolist() == [1704110400.0, 1704153600.0]


def test_items_of_the_catalog_come_first_and_unknown_ones_follow() -> None:
    data = Dataset.from_frames(frame([("u", "extra"), ("u", "x")]), [Item("x", title="X"), Item("y")])
    assert [item.item_id for item in data.items] == ["x", "y", "extra"]
    assert data.items[0].title == "X"
    assert data.item_index("extra") == 2
    assert data.popularity.tolist() == [1, 0, 1]
    with pytest.raises(KeyError):
        data.item_index("nothing")


def test_items_can_be_a_frame_with_lists_in_cells() -> None:
    catalog = pd.DataFrame(
        {"item_id": [7, 8, 7], "title": ["A", None, "again"], "tags": ["x|y", "['p', ['q']]", ""], "level": ["Beginner ", "?", ""]}
    )
    data = Dataset.from_frames(frame([("u", 7)]), catalog)
    assert [(i.item_id, i.title, i.tags, i.level) for i in data.items] == [("7", "A", ("x", "y"), "beginner"), ("8", "", ("p", "q"), None)]


def test_popularity_counts_learners_once_and_no_dislikes() -> None:
    rows = [("u", "x", 1, 1.0), ("u", "x", 2, 1.0), ("v", "x", 1, -1.0), ("w", "x", 1, 0.5)]
    assert Dataset.from_frames(frame(rows, "timestamp", "weight")).popularity.tolist() == [2]


def test_rows_repeated_word_by_word_count_once() -> None:
    assert len(Dataset.from_frames(frame([("u", "x"), ("u", "x"), ("u", "y")])).histories.items) == 2


@pytest.mark.parametrize(
    ("rows", "column", "message"),
    [
        ([("u", "x", 1), (None, "y", 1)], "weight", "row 2, user_id: is missing"),
        ([("u", " ", 1)], "weight", "row 1, item_id: is missing"),
        ([("u", "x", "much")], "weight", "row 1, weight: is not a number"),
        ([("u", "x", "soon")], "timestamp", "row 1, timestamp: is neither a number nor a date"),
    ],
)
def test_unusable_rows_are_named(rows: list[tuple[object, ...]], column: str, message: str) -> None:
    with pytest.raises(DataError, match=message):
        Dataset.from_frames(frame(rows, column))


def test_missing_columns_are_named() -> None:
    with pytest.raises(DataError, match="item_id"):
        Dataset.from_frames(pd.DataFrame({"user_id": ["u"], "course": ["c"]}))


def test_whole_numbers_stay_whole_beside_a_gap() -> None:
    with pytest.raises(DataError, match="row 2"):
        Dataset.from_frames(frame([(17.0, "x"), (np.nan, "y")]))
    assert Dataset.from_frames(frame([(17.0, "x"), (18.0, "y")])).user_ids == ("17", "18")


def test_equal_data_have_equal_fingerprints() -> None:
    data = worlds.dataset()
    assert data.fingerprint == worlds.dataset().fingerprint
    assert data.fingerprint != worlds.dataset(seed=1).fingerprint
    assert data.fingerprint != Dataset.from_frames(worlds.interactions()).fingerprint


def test_order_is_recognized_from_the_events() -> None:
    untimed = worlds.interactions().drop(columns="timestamp")
    assert Dataset.from_frames(untimed).ordered
    assert not Dataset.from_frames(untimed.sample(frac=1, random_state=0)).ordered


@pytest.mark.parametrize("ascending", [True, False])
def test_rows_sorted_by_item_are_no_order(ascending: bool) -> None:
    untimed = worlds.interactions().drop(columns="timestamp")
    assert not Dataset.from_frames(untimed.sort_values(["user_id", "item_id"], ascending=ascending)).ordered


@pytest.mark.parametrize("digits", [1, 20, 320, 4_500])
def test_rows_sorted_by_numbers_of_any_length_are_no_order(digits: int) -> None:
    """As text, 10 stands before 9."""
    rising = [*("9" * (digits - 1) + last for last in "789"), *("1" + "0" * (digits - 1) + last for last in "012")]
    mixed = [rising[place] for place in (3, 0, 5, 1, 4, 2)]
    found = {
        name: Dataset.from_frames(frame([(f"u{user}", item_id) for user in range(20) for item_id in order])).ordered
        for name, order in {"rising": rising, "falling": rising[::-1], "mixed": mixed}.items()
    }
    assert found == {"rising": False, "falling": False, "mixed": True}


def test_leading_zeros_do_not_make_a_number_larger() -> None:
    rising = ["007", "08", "9", "0010", "11", "000012"]
    assert not Dataset.from_frames(frame([(f"u{user}", item_id) for user in range(20) for item_id in rising])).ordered


def test_other_events_need_the_same_learners_and_items() -> None:
    data = worlds.dataset()
    with pytest.raises(DataError):
        data.with_histories(data.histories.select(slice(0, 2)))


def test_items_know_when_they_were_published() -> None:
    frame = pd.DataFrame({"user_id": ["u", "u"], "item_id": ["dated", "other"]})
    published = Dataset.from_frames(frame, [Item("dated", published=5.0), Item("undated")]).published_at
    assert published[0] == 5.0
    assert np.isnan(published[1:]).tolist() == [True, True]
