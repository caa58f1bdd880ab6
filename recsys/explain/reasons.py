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
    source: str,
    kind: ReasonKind,
    total: float,
    contributions: npt.NDArray[np.float32],
    item_ids: Sequence[str],
) -> list[Reason]:
    """A source's part `total` of a score, shared out over the events that made it.

    `contributions` holds what each event (of `item_ids`, one event per item) adds to the source's own score. The blend rescales
    and shifts that score, so a positive part is shared out in proportion to the positive contributions; the two largest are
    named, the rest stays one reason without evidence. A part that is not positive, or that no event made, is one reason.
    """
    shares = np.maximum(contributions, 0).astype(np.float64)
    whole = float(shares.sum())
    if total <= 0 or whole <= 0:
        return [Reason(source, kind, total)]
    leading = [int(n) for n in np.argsort(-shares, kind="stable")[:_MAX_EVIDENCE] if shares[n] > 0]
    named = [Reason(source, kind, total * float(shares[n]) / whole, item_ids[n]) for n in leading]
    if np.count_nonzero(shares) == len(named):
        return named
    return [*named, Reason(source, kind, total - sum(reason.weight for reason in named))]


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
