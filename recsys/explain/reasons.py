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


def split_by_events(
    source: str, kind: ReasonKind, totals: Sequence[float], contributions: npt.NDArray[np.float32], item_ids: Sequence[str]
) -> list[list[Reason]]:
    """A source's parts of several scores (`totals`), each shared out over the events that made it.

    `contributions` (len(totals), events) holds what each event (of `item_ids`, one event per item) adds to the source's own
    score. The blend rescales that score, so a positive part is shared out in proportion to the positive contributions; the
    two largest are named, the rest stays one reason without evidence. A part that is not positive, or that no event made, is
    one reason.
    """
    if contributions.size == 0 or not contributions.any():
        return [[Reason(source, kind, total)] for total in totals]
    return [
        [Reason(source, kind, total)] if total <= 0 else _shared_out(source, kind, total, row, item_ids)
        for total, row in zip(totals, contributions.tolist(), strict=True)
    ]


def _shared_out(source: str, kind: ReasonKind, total: float, row: Sequence[float], item_ids: Sequence[str]) -> list[Reason]:
    """One positive part over its events. In plain Python: rows are short, and calls on small arrays cost more than the sums."""
    whole, many = 0.0, 0
    first = second = (0.0, 0)
    for event, size in enumerate(row):
        if size > 0:
            whole += size
            many += 1
            if size > first[0]:
                first, second = (size, event), first
            elif size > second[0]:
                second = (size, event)
    if not many:
        return [Reason(source, kind, total)]
    reasons = [Reason(source, kind, total * size / whole, item_ids[event]) for size, event in (first, second) if size > 0]
    if many > len(reasons):
        reasons.append(Reason(source, kind, total - sum(reason.weight for reason in reasons)))
    return reasons


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
