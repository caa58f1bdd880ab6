"""Reasons from the parts a score really consists of.

Every function here splits a number that was part of the score into reasons that sum to it again. Nothing is inferred
afterwards: a reason without a share in the score cannot appear.
"""

from collections.abc import Iterable, Sequence

import numpy as np
import numpy.typing as npt

from recsys.types import Reason, ReasonKind

_SELF_EXPLAINING = frozenset(
    {ReasonKind.POPULAR, ReasonKind.TRENDING, ReasonKind.NEW, ReasonKind.EXPLORE, ReasonKind.LEVEL, ReasonKind.PACE}
)
_MAX_EVIDENCE = 2


def split_by_events(
    source: str, kind: ReasonKind, totals: Sequence[float], contributions: npt.NDArray[np.float32], item_ids: Sequence[str]
) -> list[list[Reason]]:
    """A source's parts of several scores (`totals`), each shared out over the events that made it.

    `contributions` (len(totals), events) holds what each event (of `item_ids`, one event per item) adds to the source's own
    score. The blend rescales that score, so a positive part is shared out in proportion to the positive contributions; the
    two largest are named, the rest stays one reason without evidence. A part that is not positive, or that no event made, is
    one reason.
    """
    shares = np.maximum(contributions, 0)
    sums, named = shares.sum(axis=1).tolist(), _leading(shares, item_ids)
    more = [bool(row.any()) for row in shares]
    found = []
    for total, whole, largest, others in zip(totals, sums, named, more, strict=True):
        if total <= 0 or whole <= 0:
            found.append([Reason(source, kind, total)])
            continue
        reasons = [Reason(source, kind, total * size / whole, item_id) for item_id, size in largest if size > 0]
        if others:
            reasons.append(Reason(source, kind, total - sum(reason.weight for reason in reasons)))
        found.append(reasons)
    return found


def _leading(shares: npt.NDArray[np.float32], item_ids: Sequence[str]) -> list[list[tuple[str, float]]]:
    """The largest shares of each row with their items; they are taken out of `shares`."""
    rows, found = np.arange(len(shares)), []
    for _ in range(min(_MAX_EVIDENCE, shares.shape[1])):
        events = shares.argmax(axis=1)
        found.append(list(zip([item_ids[e] for e in events.tolist()], shares[rows, events].tolist(), strict=True)))
        shares[rows, events] = 0
    return [list(row) for row in zip(*found, strict=True)] if found else [[] for _ in rows]


def arrange(reasons: Iterable[Reason]) -> tuple[Reason, ...]:
    """Order for reading: what a person can understand first, by size; then the rest, by size. Zero parts are dropped."""
    return tuple(sorted((r for r in reasons if r.weight != 0), key=lambda r: (not understandable(r), -r.weight)))


def understandable(reason: Reason) -> bool:
    """Can the reason stand on a card: it speaks for the item, and names its evidence or needs none?"""
    return reason.weight > 0 and (reason.evidence is not None or reason.kind in _SELF_EXPLAINING)


def shared_labels(first: Sequence[str], second: Sequence[str], limit: int = 3) -> tuple[str, ...]:
    """Labels both hold, in the order of `first`."""
    other = {label.casefold() for label in second}
    return tuple(label for label in first if label.casefold() in other)[:limit]
