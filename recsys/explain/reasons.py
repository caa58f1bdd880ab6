"""Reasons from the parts a score really consists of.

Every function here splits a number that was part of the score into reasons that sum to it again. Nothing is inferred
afterwards: a reason without a share in the score cannot appear.
"""

from collections.abc import Iterable, Sequence
from operator import itemgetter
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from recsys.types import Reason, ReasonKind

_SELF_EXPLAINING = frozenset(
    {ReasonKind.POPULAR, ReasonKind.TRENDING, ReasonKind.NEW, ReasonKind.EXPLORE, ReasonKind.LEVEL, ReasonKind.PACE}
)
_ROUNDING = 1e-6
_weight = itemgetter(Reason._fields.index("weight"))


class Part(NamedTuple):
    """What a source adds to the scores of n items: `totals` (n,), and what each event adds to the source's own scores,
    `contributions` (n, events), None where no event is behind them."""

    source: str
    kind: ReasonKind
    totals: Sequence[float]
    contributions: npt.NDArray[np.float32] | None = None


def split_by_events(parts: Sequence[Part], item_ids: Sequence[str]) -> list[list[Reason]]:
    """The reasons of each of n items: every part shared out over the events that made it (of `item_ids`, one event per item).

    The blend rescales a source's score, so a positive part is shared out in proportion to the positive contributions; the
    two largest are named, the rest stays one reason without evidence. A part that is not positive, or that no event made, is
    one reason. For all sources and items at once: calls on small arrays cost more than the sums.
    """
    reasons: list[list[Reason]] = [[] for _ in parts[0].totals] if parts else []
    made = [part for part in parts if part.contributions is not None and part.contributions.size]
    for part in parts:
        if part.contributions is None or not part.contributions.size:
            for found, total in zip(reasons, part.totals, strict=True):
                found.append(Reason(part.source, part.kind, total))
    if made:
        shares = np.maximum(np.stack([part.contributions for part in made if part.contributions is not None]), 0)
        for (source, kind, totals, _), leading in zip(made, _leading(shares), strict=True):
            for found, total, of_item in zip(reasons, totals, zip(*leading, strict=True), strict=True):
                _share_out(found, source, kind, total, of_item, item_ids)
    return reasons


def _leading(shares: npt.NDArray[np.float32]) -> Iterable[tuple[list[float], ...]]:
    """For each source of `shares` (sources, n, events) five lists over items: the sum, which event added most and how much, which
    comes second and how much. Changes `shares`."""
    source, item = np.arange(shares.shape[0])[:, None], np.arange(shares.shape[1])
    whole = shares.sum(axis=2)
    first = shares.argmax(axis=2)
    most = shares[source, item, first]
    shares[source, item, first] = 0
    second = shares.argmax(axis=2)
    more = shares[source, item, second]
    return zip(whole.tolist(), first.tolist(), most.tolist(), second.tolist(), more.tolist(), strict=True)


def _share_out(found: list[Reason], source: str, kind: ReasonKind, total: float, leading: Sequence[float], ids: Sequence[str]) -> None:
    """Add the reasons of one part of one score."""
    whole, first, most, second, more = leading
    if total <= 0 or whole <= 0:
        found.append(Reason(source, kind, total))
    elif more <= 0:
        found.append(Reason(source, kind, total, ids[int(first)]))
    else:
        of_first = total * most / whole
        only_two = whole - most - more <= _ROUNDING * whole
        of_second = total - of_first if only_two else total * more / whole
        found += Reason(source, kind, of_first, ids[int(first)]), Reason(source, kind, of_second, ids[int(second)])
        if not only_two:
            found.append(Reason(source, kind, total - of_first - of_second))


def arrange(reasons: Iterable[Reason]) -> tuple[Reason, ...]:
    """Order for reading: what a person can understand first, by size; then the rest, by size. Zero parts are dropped."""
    clear: list[Reason] = []
    vague: list[Reason] = []
    for reason in sorted(reasons, key=_weight, reverse=True):
        if reason.weight:
            (clear if understandable(reason) else vague).append(reason)
    return (*clear, *vague)


def understandable(reason: Reason) -> bool:
    """Can the reason stand on a card: it speaks for the item, and names its evidence or needs none?"""
    return reason.weight > 0 and (reason.evidence is not None or reason.kind in _SELF_EXPLAINING)


def shared_labels(first: Sequence[str], second: Sequence[str], limit: int = 3) -> tuple[str, ...]:
    """Labels both hold, in the order of `first`."""
    other = {label.casefold() for label in second}
    return tuple(label for label in first if label.casefold() in other)[:limit]
