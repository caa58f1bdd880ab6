"""Origin of a click: the slate and the position of the card that led here, as the address or a form says."""

from collections.abc import Mapping
from dataclasses import dataclass

from webapp.services.events import MAX_POSITION

_LONGEST_ID = 32


@dataclass(frozen=True, slots=True)
class Origin:
    """A card on a slate; nothing when it is not known."""

    slate_id: str | None = None
    position: int | None = None


def origin_of(values: Mapping[str, str]) -> Origin:
    """The origin named by `slate` or `slate_id` and `position`. What cannot be one is dropped: nobody types these."""
    slate_id = values.get("slate") or values.get("slate_id") or ""
    if not slate_id or len(slate_id) > _LONGEST_ID:
        return Origin()
    raw = values.get("position", "")
    number = int(raw) if raw.isascii() and raw.isdigit() and len(raw) <= 6 else 0
    return Origin(slate_id, number if 1 <= number <= MAX_POSITION else None)
