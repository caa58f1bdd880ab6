"""What is never shown, and what waits."""

from recsys.data.histories import Histories
from recsys.rerank.exclusions import dislike_strength_by_item, items_excluded_for_learner, taken_items
from recsys.rerank.missing_prerequisites import Prerequisites
from recsys.types import Interaction, Item, Learner

LEARNER = Learner(
    history=(
        Interaction("enrolled", 1.0),
        Interaction("viewed", 0.1, kind="view"),
        Interaction("saved", 0.5, kind="save"),
        Interaction("finished", 2.0, kind="complete"),
        Interaction("dismissed", -1.0, kind="dismiss"),
        Interaction("forgiven", -1.0, kind="thumbs_down"),
        Interaction("forgiven", 0.5, kind="thumbs_up"),
    ),
    excluded=frozenset({"known"}),
)


def test_settled_dismissed_and_excluded_items_are_never_shown() -> None:
    assert items_excluded_for_learner(LEARNER) == {"enrolled", "finished", "dismissed", "known"}


def test_what_was_finished_is_never_shown_however_little_it_counts_by_now() -> None:
    learner = Learner(history=(Interaction("finished", 0.0, kind="complete"), Interaction("viewed", 0.0, kind="view")))
    assert items_excluded_for_learner(learner) == taken_items(learner) == {"finished"}


def test_the_latest_word_decides_about_a_dislike() -> None:
    assert dislike_strength_by_item(LEARNER) == {"dismissed": 1.0}


def test_only_what_was_taken_up_meets_a_prerequisite() -> None:
    assert taken_items(LEARNER) == {"enrolled", "finished"}


def test_prerequisites_are_counted_down() -> None:
    items = [Item("a"), Item("b", prerequisites=("a",)), Item("c", prerequisites=("a", "python", "c")), Item("d", prerequisites=("gone",))]
    index = Prerequisites.of(items)
    assert index.missing([]).tolist() == [0, 1, 2, 1]
    assert index.missing(["a", "elsewhere"]).tolist() == [0, 0, 1, 1]
    assert index.missing({"a", "python"}).tolist() == [0, 0, 0, 1]


def test_a_catalog_without_prerequisites_lacks_nothing() -> None:
    assert Prerequisites.of([Item("a"), Item("b")]).missing(["a"]).tolist() == [0, 0]


def test_prerequisites_of_a_batch_are_those_of_each_learner() -> None:
    items = [Item("a"), Item("b", prerequisites=("a",)), Item("c", prerequisites=("a", "b", "python"))]
    index = Prerequisites.of(items)
    histories = Histories.from_lists([[], [0], [0, 1], [0]], 3, [[], [1.0], [1.0, 2.0], [-1.0]])
    assert index.missing_per_learner(histories).tolist() == [[0, 1, 3], [0, 0, 2], [0, 0, 1], [0, 1, 3]]
    assert Prerequisites.of([Item("a")]).missing_per_learner(Histories.from_lists([[0]], 1)) is None
