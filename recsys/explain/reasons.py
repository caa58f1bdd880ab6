"""Reasons of a recommendation, from the parts its score really consists of.

Every function here splits a number that was part of the score into reasons that sum to it again. Nothing is inferred
afterwards: a reason without a share in the score cannot appear.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice, repeat
from operator import itemgetter
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from recsys import kernels
from recsys.types import Reason, ReasonKind

_SELF_EXPLAINING = frozenset(
    {ReasonKind.POPULAR, ReasonKind.TRENDING, ReasonKind.NEW, ReasonKind.EXPLORE, ReasonKind.LEVEL, ReasonKind.PACE}
)
_weight = itemgetter(Reason._fields.index("weight"))


class SourcePart(NamedTuple):
    """What a source adds to the scores of n items: `totals` (n,), and what each event adds to the source's own scores,
    `contributions` (n, events), None where no event is behind them."""

    source: str
    kind: ReasonKind
    totals: Sequence[float]
    contributions: npt.NDArray[np.float32] | None = None


def split_by_events(parts: Sequence[SourcePart], item_ids: Sequence[str]) -> list[list[Reason]]:
    """The reasons of each of n items, in reading order: every part shared out over the events that made it (of `item_ids`, one event
    per item).

    The blend rescales a source's score, so a positive part is shared out in proportion to the positive contributions; the
    two largest are named, the rest stays one reason without evidence. A part that is not positive, or that no event made, is
    one reason.
    """
    if not parts:
        return []
    totals = np.array([part.totals for part in parts], np.float64)
    shares = np.zeros((*totals.shape, len(item_ids)), np.float32)
    for share, part in zip(shares, parts, strict=True):
        if part.contributions is not None:
            share[:] = part.contributions
    leading = kernels.leading_parts(totals, shares, np.array([part.kind in _SELF_EXPLAINING for part in parts]))
    there = leading[0] != 0
    weights, sources, events = (column[there].tolist() for column in leading)
    ids: list[str | None] = [*item_ids, None]  # -1 names nobody
    fields = zip(
        map([part.source for part in parts].__getitem__, sources),
        map([part.kind for part in parts].__getitem__, sources),
        weights,
        map(ids.__getitem__, events),
        repeat(()),
    )
    # A page makes hundreds: a NamedTuple's own way of filling in defaults takes five times as long.
    made: Iterator[Reason] = map(tuple.__new__, repeat(Reason), fields)
    return [list(islice(made, count)) for count in there.sum(axis=1).tolist()]


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
