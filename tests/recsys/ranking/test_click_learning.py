"""What the blend learns from slates that were served: only what the sources cannot know yet, and only where it gains."""

from dataclasses import replace
from functools import cache

import numpy as np
import pandas as pd
import pytest

from recsys.data.dataset import Dataset
from recsys.data.slates import LoggedPlace, LoggedSlates
from recsys.data.splits import leave_last
from recsys.ranking.blend import HybridModel
from recsys.ranking.click_learning import ClickedSlates, clicked_slates, without_held_out
from recsys.ranking.signals import Signal, SignalViews, coldness
from recsys.ranking.topk import mask_seen, top_k
from tests.recsys.ranking import slate_world

pytestmark = pytest.mark.xdist_group("logged")  # the fitted models are kept
DAY = slate_world.DAY


@cache
def data() -> Dataset:
    return slate_world.dataset()


@cache
def fitted(**options: float) -> HybridModel:
    return HybridModel().fit(data(), slates=slate_world.log(**options) if options else None)  # type: ignore[arg-type]


def liked(model: HybridModel) -> float:
    """The share of courses of the learner's own subject among the first five."""
    first = top_k(mask_seen(model.score(data().histories), data().histories), 5)
    own = [int(user[1:]) % slate_world.SUBJECTS for user in data().user_ids]
    return float(np.mean([[slate_world.subject(data().items[i].item_id) == o for i in row] for o, row in zip(own, first, strict=True)]))


def test_clicks_teach_what_histories_do_not_tell() -> None:
    plain, taught = fitted(), fitted(slates=2500)
    assert plain.click_fit_ is None
    fit = taught.click_fit_
    assert fit is not None
    assert fit.used
    assert fit.slates == 2500
    assert fit.gain is not None
    assert fit.gain_low is not None
    assert fit.gain > fit.gain_low > 0
    assert liked(taught) > liked(plain) + 0.1
    assert fit.examination[0] == pytest.approx(1)
    slope = np.polyfit(np.log(np.arange(1, slate_world.PLACES + 1)), np.log(fit.examination), 1)[0]
    assert slope == pytest.approx(-1, abs=0.25)


@pytest.mark.parametrize(
    ("options", "why"), [({"slates": 2500, "liked": slate_world.OTHER}, "no_gain"), ({"slates": 200}, "too_few_clicks")]
)
def test_slates_that_gain_nothing_leave_the_blend_as_it_is(options: dict[str, float], why: str) -> None:
    taught = fitted(**options)
    assert taught.click_fit_ is not None
    assert not taught.click_fit_.used
    assert taught.click_fit_.outcome == why
    assert taught.weights_.tobytes() == fitted().weights_.tobytes()


def test_a_gain_that_is_the_rounding_of_sums_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("recsys.ranking.click_learning._likelihood_gain", lambda *_: (2e-8, 1e-8))
    fit = HybridModel(search_budget=0).fit(data(), slates=slate_world.log(slates=600)).click_fit_
    assert fit is not None
    assert not fit.used


def test_the_same_slates_teach_the_same() -> None:
    again = HybridModel().fit(data(), slates=slate_world.log(slates=2500))
    assert again.weights_.tobytes() == fitted(slates=2500).weights_.tobytes()


def test_histories_without_dates_cannot_be_read_as_they_were() -> None:
    undated = Dataset.from_frames(slate_world.interactions().assign(timestamp=lambda rows: (rows["timestamp"] - slate_world.START) / DAY))
    model = HybridModel().fit(undated, slates=slate_world.log(300))
    assert model.click_fit_ is not None
    assert not model.click_fit_.used
    assert model.click_fit_.outcome == "no_dates"


# One learner by hand: a, b and c were taken on days 0, 10 and 20; the sources know a and b. Another took d and e on days 0 and 10.
HAND = pd.DataFrame(
    [("u", "a", 0), ("u", "b", 10), ("u", "c", 20), ("v", "d", 0), ("v", "e", 10)], columns=["user_id", "item_id", "timestamp"]
).assign(timestamp=lambda rows: slate_world.START + rows["timestamp"] * DAY)


MOMENTS = (("u", 15), ("u", 20), ("u", 20.1), ("w", 15))  # of a slate: c is taken on day 20, w is a stranger


def served(name: str, user: str, day: float | None, *items: str, clicked: str = "") -> list[LoggedPlace]:
    moment = None if day is None else slate_world.START + day * DAY
    return [LoggedPlace(name, user, n, item, 1.0, float(item in clicked), "", moment) for n, item in enumerate(items, start=1)]


def by_hand(*slates: list[LoggedPlace], most: int = 99, earlier: bool = False) -> ClickedSlates:
    """What the slates teach by sources that do not know the newest courses; with `earlier`, nor the newest but one."""
    whole = Dataset.from_frames(HAND)
    known, before = leave_last(whole).train, None
    if earlier:
        known, before = leave_last(known).train, known
    log = LoggedSlates.from_places(place for slate in slates for place in slate)
    signals = (Signal("popularity"), Signal("ease"))
    sources = {"popularity": HybridModel(sources=["popularity"]).fit(known).sources_["popularity"]}
    sources["ease"] = HybridModel(sources=["ease"]).fit(known).sources_["ease"]
    return clicked_slates(log, SignalViews(signals, sources, coldness(known.popularity)), whole, known, most, before)


def test_only_slates_the_sources_have_not_seen_the_end_of_teach() -> None:
    found = by_hand(
        served("early", "u", 5, "b", "d", clicked="b"),  # the sources know that b was taken
        served("later", "u", 15, "c", "d", clicked="c"),
        served("same", "u", 10, "c", "d", clicked="c"),  # what happened at that very moment may have come after
        served("undated", "u", None, "c", "d", clicked="c"),
        served("unclicked", "u", 15, "c", "d"),
        served("stranger", "w", 1, "c", "d", clicked="d"),
        served("visitor", "", 1, "c", "d", clicked="d"),
    )
    assert len(found.learner) == 3
    assert found.shown.clicked.tolist() == [[False, True], [False, True], [True, False]]
    assert len(set(found.learner.tolist())) == 3


def test_older_slates_teach_by_sources_that_know_less() -> None:
    slates = [served("older", "u", 5, "b", "d", clicked="b"), served("newer", "u", 15, "c", "d", clicked="d")]
    slates += [served("stranger", "w", 1, "c", "d", clicked="d")]
    newer, older = by_hand(*slates), by_hand(*slates, earlier=True)
    assert newer.shown.clicked.tolist() == [[False, True], [False, True]]
    assert older.shown.clicked.tolist() == [[True, False]]
    both = ClickedSlates.join([newer, older], 2)
    assert (np.diff(both.served_at) > 0).all()
    assert both.shown.clicked.tolist() == [[True, False], [False, True]]


def test_what_had_been_taken_or_is_unknown_was_no_choice() -> None:
    found = by_hand(served("s", "u", 15, "a", "c", "gone", "d", "e", clicked="c"))
    assert found.shown.usable.tolist() == [[False, True, False, True, True]]


def test_histories_are_those_of_the_moment() -> None:
    """What the learner took later changes nothing, what they had taken by then does."""
    early, same, late, stranger = (by_hand(served("s", *when, "c", "d", "e", clicked="d")) for when in MOMENTS)
    assert np.array_equal(early.shown.features, same.shown.features)
    assert not np.array_equal(early.shown.features[:, 1:], late.shown.features[:, 1:])
    assert not np.array_equal(early.shown.features, stranger.shown.features)
    assert [found.shown.usable[0, 0] for found in (early, same, late, stranger)] == [True, True, False, True]


def test_the_newest_slates_are_kept_in_order() -> None:
    slates = [served(f"s{day}", "u", day, "c", "d", clicked="c" if day % 2 else "d") for day in (18, 12, 15, 13)]
    found = by_hand(*slates, most=3)
    assert found.shown.clicked[:, 0].tolist() == [True, True, False]


def test_slates_that_tell_what_the_test_asks_for_are_left_out() -> None:
    whole = Dataset.from_frames(HAND)
    log = LoggedSlates.from_places(
        [
            *served("tells", "u", 15, "d", "c", clicked="c"),
            *served("shows", "u", 16, "c", "d", clicked="d"),
            *served("silent", "u", 17, "d", "e", clicked="d"),
            *served("another", "v", 5, "c", "b", clicked="c"),
        ]
    )
    told = without_held_out(log, leave_last(whole))
    assert np.isnan(told.served_at).tolist() == [True, True, False, False]
    assert np.array_equal(replace(told, served_at=log.served_at).reward, log.reward)
