"""Visit: what a request says of its reader beside what is stored. Plain data: pages read it from the request, the recommender uses it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Visit:
    """`seen` are the courses a visitor has opened, the last one at the end; of learners the event log knows that, and more.

    `segments` are groups that business rules may be limited to (the device); `languages` are those of the browser, as tags.
    """

    seen: tuple[int, ...] = ()
    segments: frozenset[str] = frozenset()
    languages: tuple[str, ...] = ()


UNKNOWN = Visit()
