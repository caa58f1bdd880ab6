"""Slate quotas of niche and protected items (an item may be both). They bind as late as they can be met.

Early places decide accuracy, so a quota should take the last ones. The places still needed for `niche` and `protected` missing
items, of which at most `both` can serve twice, are niche + protected - min(niche, protected, both). Once that many places
are left, only an item that lowers the number may be taken.
"""

from collections.abc import Sequence

NICHE, PROTECTED, BOTH = 1, 2, 3
"""Kinds of items, 0 for neither: the bits say which quota an item serves."""


class Quotas:
    """The quotas of a slate under way; what candidates cannot fill is not asked for. `needed` places must serve one."""

    __slots__ = ("_both", "_niche", "_protected", "needed")

    def __init__(self, niche: int, protected: int, kinds: Sequence[int]) -> None:
        """`kinds` holds how many candidates there are of each kind, 0 to 3."""
        self._both = kinds[BOTH]
        self._niche = min(niche, kinds[NICHE] + self._both)
        self._protected = min(protected, kinds[PROTECTED] + self._both)
        self.needed = _needed(self._niche, self._protected, self._both)

    def kinds_reducing_needed_places(self) -> tuple[bool, bool, bool, bool]:
        """Which kinds lower the number of places needed."""
        niche, protected, both = (_needed(*self._left_after(kind)) < self.needed for kind in (NICHE, PROTECTED, BOTH))
        return False, niche, protected, both

    def count_item(self, kind: int) -> None:
        """An item of this kind was taken."""
        if kind and self.needed:
            self._niche, self._protected, self._both = self._left_after(kind)
            self.needed = _needed(self._niche, self._protected, self._both)

    def _left_after(self, kind: int) -> tuple[int, int, int]:
        return max(self._niche - (kind & 1), 0), max(self._protected - (kind >> 1), 0), self._both - (kind == BOTH)


def _needed(niche: int, protected: int, both: int) -> int:
    return niche + protected - min(niche, protected, both) if niche and protected else niche + protected
