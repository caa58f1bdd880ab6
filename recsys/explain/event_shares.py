"""Event shares: what each source adds to a score, shared out over the events behind it.

Every function here splits a number that was part of the score into reasons that sum to it again. Nothing is inferred
afterwards: a reason without a share in the score cannot appear.
"""

from collections.abc import Iterator, Sequence
from itertools import islice, repeat
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from recsys import kernels
from recsys.explain.reason_order import SELF_EXPLAINING
from recsys.types import Reason, ReasonKind


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
    leading = kernels.split_totals_by_top_events(totals, shares, np.array([part.kind in SELF_EXPLAINING for part in parts]))
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
