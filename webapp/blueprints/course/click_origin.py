"""Origin of a click: the slate and the position of the card that led here, as the address or a form says."""

from collections.abc import Mapping
from dataclasses import dataclass

from webapp.models.slate import LARGEST_SLATE_ID
from webapp.services.events import MAX_POSITION

_MOST_DIGITS = 19


@dataclass(frozen=True, slots=True)
class Origin:
    """A card on a slate; nothing when it is not known."""

    slate_id: int | None = None
    position: int | None = None


def origin_of(values: Mapping[str, str]) -> Origin:
    """The origin named by `slate` or `slate_id` and `position`. What cannot be one is dropped: nobody types these."""
    slate_id = _number(values.get("slate") or values.get("slate_id") or "", LARGEST_SLATE_ID)
    return Origin() if slate_id is None else Origin(slate_id, _number(values.get("position", ""), MAX_POSITION))


def _number(raw: str, largest: int) -> int | None:
    """A number from 1 to `largest` in plain digits."""
    number = int(raw) if raw.isascii() and raw.isdigit() and len(raw) <= _MOST_DIGITS else 0
    return number if 1 <= number <= largest else None
