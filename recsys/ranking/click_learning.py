"""Click learning: clicks on logged slates as further choices for the blend, where they make it foresee newer slates better."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from recsys.data.dataset import Dataset
from recsys.data.histories import Histories
from recsys.data.slates import LoggedSlates
from recsys.data.splits import Split
from recsys.ranking.examination import Floats, ShownSlates, examination_of, weighted_choices
from recsys.ranking.pool_choices import candidate_features
from recsys.ranking.signals import SignalViews, signal_features
from recsys.ranking.softmax import Choices, fit_weights, log_likelihoods
from recsys.threads import one_thread

Ints = npt.NDArray[np.int64]
Weights = npt.NDArray[np.float32]
_BLOCK = 64
_MOST_PLACES = 30  # nobody scrolls further; what stands below is left out
_NEWEST = 0.2
FEWEST_CLICKED = 250  # clicked slates; the fifth of them that decides would say nothing
_ONE_SIDED = 1.645  # standard errors: 95 % sure that it is a gain


@dataclass(frozen=True)
class ClickFit:
    """What came of a log: `slates` were served, `clicked` of them have a click and nothing later that the sources had learned.

    `examination` is the chance of each place to be looked at over that of the most looked at. `gain` is what the clicked slates
    add on the newest of them, in nats a click of log-probability, with its lower bound (one-sided, 95 %); None where there was too
    little to measure. They are `used` where that bound is above 0; `outcome` is a code: `used`,
    `no_gain`, `too_few_clicks` (of the `needed` ones) or `no_dates`.
    """

    slates: int
    clicked: int
    used: bool
    outcome: str
    examination: tuple[float, ...] = ()
    gain: float | None = None
    gain_low: float | None = None
    needed: int = FEWEST_CLICKED

    def to_json(self) -> dict[str, Any]:
        """Plain values for a manifest."""
        return asdict(self)


@dataclass(frozen=True)
class ClickedSlates:
    """Slates with a click, the oldest first: what was `shown`, the number of each one's learner, and when (seconds since 1970)."""

    shown: ShownSlates
    learner: Ints
    served_at: Floats

    def take(self, rows: slice) -> "ClickedSlates":
        """The slates at these positions."""
        return ClickedSlates(self.shown.take(np.arange(len(self.learner))[rows]), self.learner[rows], self.served_at[rows])

    @staticmethod
    def join(parts: Sequence["ClickedSlates"], most: int) -> "ClickedSlates":
        """The newest `most` slates of several sets with as many places."""
        some = [part for part in parts if len(part.learner)] or parts[:1]  # one without slates has no features either
        served_at = np.concatenate([part.served_at for part in some])
        newest = np.argsort(served_at, kind="stable")[-most:]
        columns = ("features", "usable", "clicked", "score")
        features, usable, clicked, score = (np.concatenate([getattr(part.shown, name) for part in some])[newest] for name in columns)
        return ClickedSlates(
            ShownSlates(features, usable, clicked, score), np.concatenate([part.learner for part in some])[newest], served_at[newest]
        )


def clicked_slates(
    log: LoggedSlates, views: SignalViews, whole: Dataset, known: Dataset, most: int, known_before: Dataset | None = None
) -> ClickedSlates:
    """The newest `most` clicked slates, with features as they were when the slate was shown.

    `views` are of sources fitted on `known`, a part of `whole`: the newest courses are missing. Slates shown before anything of
    their learner that the sources know are left out, as they have seen what became of them; so are those which sources fitted on
    `known_before` can take. Histories are those of `whole` up to the slate.
    """
    rows = _learner_rows(log, whole)
    clicks = (log.reward > 0) & (log.position <= _MOST_PLACES)
    clicked = np.bincount(log.slate[clicks], minlength=log.n_slates) > 0
    usable = clicked & (log.served_at > _newest_event_time_by_learner(known)[rows])
    if known_before is not None:
        usable &= log.served_at <= _newest_event_time_by_learner(known_before)[rows]
    chosen = np.flatnonzero(usable)
    chosen = chosen[np.argsort(log.served_at[chosen], kind="stable")][-most:]
    histories = _as_of(whole.histories, rows[chosen], log.served_at[chosen])
    items, clicked_at, scores = _items_clicks_and_scores(log, chosen, whole)
    taken = np.isin(np.arange(len(items))[:, None] * whole.n_items + items, histories.rows * whole.n_items + histories.items)
    open_ = (items >= 0) & ~taken
    shown = ShownSlates(_features(views, histories, np.maximum(items, 0)), open_, clicked_at & open_, scores)
    return ClickedSlates(shown, log.learner[chosen], log.served_at[chosen])


def learn_with_clicks(slates: ClickedSlates, served: int, choices: Choices, penalty: float, weights: Weights) -> tuple[Weights, ClickFit]:
    """Weights learned from `choices` and the slates together where the slates gain, else `weights`, those of `choices` alone.

    The gain is measured on the newest fifth of the slates with all else learned from those before: by clicks that weigh the
    inverse of their place's examination, the spread over learners. Both weights are first brought to the scale that suits the
    older slates, so that order alone decides: of a few courses shown people are less sure than of a whole catalog, and to have
    learned that ranks nothing. `served` is how many slates there were.
    """
    clicked = len(slates.learner)
    if clicked < FEWEST_CLICKED:
        return weights, ClickFit(served, clicked, False, "too_few_clicks")
    cut = round(clicked * (1 - _NEWEST))
    before, newest = slates.take(slice(cut)), slates.take(slice(cut, None))
    seen = examination_of(before.shown)
    clicks, _ = weighted_choices(before.shown, seen)
    joined = _fit_with_clicks(choices, clicks, penalty, weights)
    with one_thread():  # a sum's last digits depend on the number of threads, and the manifest keeps it
        gain, low = _likelihood_gain(newest, seen, _rescale_to_clicks(weights, clicks), _rescale_to_clicks(joined, clicks))
    whole = examination_of(slates.shown)
    used = round(low, 6) > 0  # less is the rounding of sums
    fit = ClickFit(
        served,
        clicked,
        used,
        "used" if used else "no_gain",
        tuple(round(float(chance), 4) for chance in whole),
        round(gain, 6),
        round(low, 6),
    )
    return _fit_with_clicks(choices, weighted_choices(slates.shown, whole)[0], penalty, weights) if used else weights, fit


def _fit_with_clicks(choices: Choices, clicks: Choices, penalty: float, weights: Weights) -> Weights:
    return fit_weights(choices, penalty, np.full(len(weights), -np.inf), clicks) if len(clicks.chosen) else weights


def _rescale_to_clicks(weights: Weights, clicks: Choices) -> Weights:
    """The weights times the factor, 0 at least, that makes the clicks most probable."""
    scores = Choices((clicks.features @ weights)[:, :, None], clicks.chosen, clicks.usable, clicks.weight)
    return weights * fit_weights(scores, 1.0, np.zeros(1))


def _likelihood_gain(slates: ClickedSlates, examination: Floats, one: Weights, other: Weights) -> tuple[float, float]:
    """How much likelier the other weights make the clicks, per click, and its lower bound; learners are the unit of chance."""
    choices, slate = weighted_choices(slates.shown, examination)
    if choices.weight is None or not len(choices.chosen):
        return 0.0, 0.0
    gains = choices.weight * (log_likelihoods(choices, other) - log_likelihoods(choices, one))
    mean = float(gains.mean())
    _, learner = np.unique(slates.learner[slate], return_inverse=True)
    error = float(np.sqrt(np.sum(np.bincount(learner, weights=gains - mean) ** 2))) / len(gains)
    return mean, mean - _ONE_SIDED * error


def without_held_out(log: LoggedSlates, split: Split) -> LoggedSlates:
    """The log for training on `split.train`: slates that showed their learner a course held out for the test lose their moment, and
    with it their use. They would tell what is to be found."""
    learner, course = _learner_rows(log, split.train)[log.slate], _item_indices(log, split.train)
    held = split.test_rows[split.test.rows] * split.train.n_items + split.test.items
    tells = (learner >= 0) & (course >= 0) & np.isin(learner * split.train.n_items + course, held)
    return replace(log, served_at=np.where(np.bincount(log.slate[tells], minlength=log.n_slates) > 0, np.nan, log.served_at))


def _learner_rows(log: LoggedSlates, dataset: Dataset) -> Ints:
    """The row of each slate's learner, -1 where it has none."""
    return np.array([dataset.position_by_user_id.get(name, -1) for name in log.learner_ids], np.int64)[log.learner]


def _item_indices(log: LoggedSlates, dataset: Dataset) -> Ints:
    """The item at each place, -1 for one the data do not know."""
    return np.array([dataset.position_by_item_id.get(name, -1) for name in log.item_ids], np.int64)[log.item]


def _newest_event_time_by_learner(dataset: Dataset) -> Floats:
    """The moment of each learner's newest event, -inf where none has one, and for a learner who is not known, in the last place."""
    events, newest = dataset.histories, np.full(dataset.n_users + 1, -np.inf)
    if events.timestamps is not None:
        np.fmax.at(newest, events.rows, events.timestamps)
    return newest


def _as_of(histories: Histories, rows: Ints, moments: Floats) -> Histories:
    """The histories of `rows` (-1 for an unknown learner) before each moment; events without a time came before."""
    own = histories.select(np.maximum(rows, 0))
    late = np.zeros(len(own.items), bool) if own.timestamps is None else own.timestamps >= moments[own.rows]
    return own.keep(~late & (rows >= 0)[own.rows])


def _items_clicks_and_scores(log: LoggedSlates, chosen: Ints, dataset: Dataset) -> tuple[Ints, npt.NDArray[np.bool_], Floats]:
    """Items (-1 where there was none that is known), clicks and scores (0 where not known) of the chosen slates, (slates, places)."""
    width = min(log.n_positions, _MOST_PLACES)
    row = np.full(log.n_slates, -1, np.int64)
    row[chosen] = np.arange(len(chosen))
    kept = (row[log.slate] >= 0) & (log.position <= width)
    at = row[log.slate[kept]], log.position[kept] - 1
    shape = len(chosen), width
    items, clicked, scores = np.full(shape, -1, np.int64), np.zeros(shape, bool), np.zeros(shape)
    items[at], clicked[at], scores[at] = _item_indices(log, dataset)[kept], log.reward[kept] > 0, np.nan_to_num(log.score[kept])
    return items, clicked, scores


def _features(views: SignalViews, histories: Histories, items: Ints) -> npt.NDArray[np.float32]:
    parts = []
    for start in range(0, len(items), _BLOCK):
        rows = histories.select(slice(start, start + _BLOCK))
        parts.append(candidate_features(signal_features(views.raw(rows)), rows, items[start : start + _BLOCK]))
    return np.concatenate(parts) if parts else np.empty((*items.shape, 0), np.float32)
