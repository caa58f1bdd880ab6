"""Course order: how many learners took one course after or before another, as counted by the last training."""

from collections.abc import Collection
from dataclasses import dataclass
from functools import cache

from sqlalchemy import Select, bindparam, select

from webapp.models.rollup import CoursePair
from webapp.transactions import read_rows

Pair = tuple[int, int]


@dataclass(frozen=True, slots=True)
class PairOrder:
    """Of two courses: how many learners took both, and how many of them the second one `after` the first or `before` it."""

    both: int = 0
    after: int = 0
    before: int = 0


def pair_orders(pairs: Collection[Pair]) -> dict[Pair, PairOrder]:
    """The orders of pairs (first, second) of courses, without those too few took both of; one statement by the key, none without pairs."""
    if not pairs:
        return {}
    firsts, seconds = {first for first, _second in pairs}, {second for _first, second in pairs}
    rows = read_rows(_pair_counts_statement(), firsts=list(firsts), seconds=list(seconds))
    wanted = set(pairs)
    return {(first, second): PairOrder(*counts) for first, second, *counts in rows if (first, second) in wanted}


@cache
def _pair_counts_statement() -> Select[int, int, int, int, int]:
    columns = (CoursePair.first_id, CoursePair.second_id, CoursePair.both, CoursePair.after, CoursePair.before)
    query = select(*columns).where(CoursePair.first_id.in_(bindparam("firsts", expanding=True)))
    return query.where(CoursePair.second_id.in_(bindparam("seconds", expanding=True)))
