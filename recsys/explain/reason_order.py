"""Reasons of a recommendation: which of them people understand, and in which order they are read."""

from collections.abc import Iterable, Sequence
from operator import itemgetter

from recsys.folding import fold
from recsys.types import Reason, ReasonKind

SELF_EXPLAINING = frozenset(
    {ReasonKind.POPULAR, ReasonKind.TRENDING, ReasonKind.NEW, ReasonKind.EXPLORE, ReasonKind.LEVEL, ReasonKind.PACE}
)
"""Kinds that need no evidence to be understood."""
_weight = itemgetter(Reason._fields.index("weight"))


def arrange(reasons: Iterable[Reason]) -> tuple[Reason, ...]:
    """Order for reading: what a person can understand first, by size; then the rest, by size. Zero parts are dropped."""
    clear: list[Reason] = []
    vague: list[Reason] = []
    for reason in sorted(reasons, key=_weight, reverse=True):
        if reason.weight:
            (clear if is_understandable(reason) else vague).append(reason)
    return (*clear, *vague)


def is_understandable(reason: Reason) -> bool:
    """Can the reason stand on a card: it speaks for the item, and names its evidence or needs none?"""
    return reason.weight > 0 and (reason.evidence is not None or reason.kind in SELF_EXPLAINING)


def shared_labels(first: Sequence[str], second: Sequence[str], limit: int = 3) -> tuple[str, ...]:
    """Labels both hold, in the order of `first`."""
    other = set(map(fold, second))
    return tuple(label for label in first if fold(label) in other)[:limit]
