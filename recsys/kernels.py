"""Inner loops over scores and sparse rows, compiled: for one learner NumPy would spend more on calls than on sums.

Compiled by Numba at first use and kept beside this file (or where NUMBA_CACHE_DIR says), so that later processes only load them.
All arrays of values are float32, indices int32 or int64.
"""

import math
from collections.abc import Callable
from functools import partial
from typing import ParamSpec, TypeVar

import numba
import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]
Index = npt.NDArray[np.int64]
Places = npt.NDArray[np.int32]
P = ParamSpec("P")
R = TypeVar("R")
_STEP = 18  # bits below: steps of three percent
_STEPS = 1 << (31 - _STEP)
_ROUNDING = 1e-6
_GRID = 1024  # steps that values are counted in to find one of them


def _compiled(function: Callable[P, R], fastmath: frozenset[str] = frozenset()) -> Callable[P, R]:
    """Other threads run on meanwhile. Where nothing can be written the code is compiled anew by each process."""
    try:
        fast: Callable[P, R] = numba.njit(cache=True, nogil=True, fastmath=set(fastmath))(function)
    except RuntimeError:
        fast = numba.njit(nogil=True, fastmath=set(fastmath))(function)
    return fast


@partial(_compiled, fastmath=frozenset({"reassoc"}))
def _square_and_positive_sums(row: Floats) -> tuple[np.float32, np.float32]:
    """Sum of squares, sum of the positive numbers."""
    squares, positive = np.float32(0), np.float32(0)
    for value in row:
        squares += value * value
        positive += value if value > 0 else np.float32(0)
    return squares, positive


@_compiled
def signal_scales(raw: Floats, root: Floats, whole: Floats) -> None:
    """1 / root mean square and 1 / sum of the positive scores of every signal, (rows, signals), of raw scores (rows, signals, n_items);
    0 where there are none."""
    for row in range(raw.shape[0]):
        for signal in range(raw.shape[1]):
            squares, positive = _square_and_positive_sums(raw[row, signal])
            root[row, signal] = np.sqrt(raw.shape[2] / squares) if squares > 0 else 0
            whole[row, signal] = 1 / positive if positive > 0 else 0


@_compiled
def add_weighted_signals(total: Floats, raw: Floats, root: Floats, share: Floats, weights: Floats, logs: Floats) -> None:
    """total (rows, n_items) += Σ over signals of weight · raw · root + weight · √(positive raw · root), and the numbers whose logarithm is
    the third shape into `logs`, shaped as `raw`; `weights` are (rows, 3 · signals)."""
    for row in range(raw.shape[0]):
        for signal in range(raw.shape[1]):
            scores, sums, log = raw[row, signal], total[row], logs[row, signal]
            scale, part = root[row, signal], share[row, signal]
            plain = weights[row, 3 * signal] * scale
            rooted = weights[row, 3 * signal + 1] * np.float32(np.sqrt(scale))
            for item in range(len(scores)):
                above = scores[item] if scores[item] > 0 else np.float32(0)
                sums[item] += plain * scores[item] + rooted * np.sqrt(above)
                log[item] = np.float32(1) + above * part


@_compiled
def signal_parts(out: Floats, raw: Floats, root: Floats, share: Floats, weights: Floats, items: Index) -> None:
    """Parts of some items' scores by signal, for one learner: `out` (signals, len(items)), with the logarithms.

    The other arguments are those of `add_weighted_signals`, for a single row.
    """
    for signal in range(len(raw)):
        for n in range(len(items)):
            score = raw[signal, items[n]]
            above = max(score, np.float32(0))
            out[signal, n] = (
                weights[3 * signal] * score * root[signal]
                + weights[3 * signal + 1] * np.sqrt(above * root[signal])
                + weights[3 * signal + 2] * np.log(np.float32(1) + above * share[signal])
            )


@_compiled
def kth_largest(values: Floats, k: int) -> float:
    """The k-th largest of `values` (1 ≤ k ≤ len), as a sort would find it; entries of -inf stand last.

    Counted in even steps between the smallest and the largest, so that only what shares a step with it is sorted.
    """
    low, high, finite = np.float32(np.inf), np.float32(-np.inf), 0
    for value in values:
        if value > -np.inf:
            finite += 1
            low, high = min(low, value), max(high, value)
    if finite < k:
        return -np.inf
    width = np.float64(high) - np.float64(low)
    if not 0 < width < np.inf:
        return float(high if width == 0 else np.sort(values)[len(values) - k])
    scale, counts = (_GRID - 1) / width, np.zeros(_GRID, np.int64)
    for value in values:
        if value > -np.inf:
            counts[int((np.float64(value) - low) * scale)] += 1
    step, above = _GRID - 1, 0
    while above + counts[step] < k:
        above += counts[step]
        step -= 1
    shared, at = np.empty(counts[step], np.float32), 0
    for value in values:
        if value > -np.inf and int((np.float64(value) - low) * scale) == step:
            shared[at] = value
            at += 1
    return float(np.sort(shared)[at - (k - above)])


@_compiled
def largest(values: Floats, k: int) -> Index:
    """Positions of the k largest finite entries, ascending; of equal ones the first. Fewer where fewer are finite."""
    size = min(k, len(values))
    if size <= 0:
        return np.empty(0, np.int64)
    bound, kept, above = kth_largest(values, size), np.empty(size, np.int64), 0
    for value in values:
        above += value > bound
    equal, at = size - above, 0
    for position in range(len(values)):
        value = values[position]
        if value > bound or (value == bound and equal > 0 and value > -np.inf):
            equal -= value == bound
            kept[at] = position
            at += 1
    return kept[:at]


@_compiled
def standard_deviation_all_and_top_k(values: Floats, k: int) -> tuple[float, float]:
    """Standard deviation of all values, and of the k largest; 1 ≤ k ≤ len(values)."""
    bound, above = kth_largest(values, k), 0
    total, squares, top, top_squares = 0.0, 0.0, 0.0, 0.0
    for value in values:
        total += value
        if value > bound:
            above += 1
            top += value
    mean, top_mean = total / len(values), (top + (k - above) * bound) / k
    for value in values:
        squares += (value - mean) ** 2
        if value > bound:
            top_squares += (value - top_mean) ** 2
    top_squares += (k - above) * (bound - top_mean) ** 2
    return math.sqrt(squares / len(values)), math.sqrt(top_squares / k)


@_compiled
def mask_all_but_group_best(values: Floats, indptr: Index, members: Index) -> None:
    """Of each group of positions (`members`, CSR) the largest value stays, the first of equal ones, the others become -inf; all of them
    where one is -inf."""
    for group in range(len(indptr) - 1):
        best, most, whole = -1, np.float32(-np.inf), True
        for entry in range(indptr[group], indptr[group + 1]):
            value = values[members[entry]]
            whole &= value > -np.inf
            if value > most:
                best, most = members[entry], value
            values[members[entry]] = -np.inf
        if whole:
            values[best] = most


@_compiled
def add_rows(total: Floats, indptr: Places, indices: Places, data: Floats, rows: Places, factors: Floats) -> None:
    """total += Σ factor · row, over `rows` of a CSR matrix."""
    for n in range(len(rows)):
        factor = factors[n]
        if factor != 0:
            for entry in range(indptr[rows[n]], indptr[rows[n] + 1]):
                total[indices[entry]] += factor * data[entry]


@_compiled
def add_column(total: Floats, indptr: Places, indices: Places, data: Floats, column: int) -> None:
    """total += that column of the first len(total) rows of a CSR matrix."""
    for row in range(len(total)):
        for entry in range(indptr[row], indptr[row + 1]):
            if indices[entry] == column:
                total[row] += data[entry]


@_compiled
def add_dense_rows(total: Floats, matrix: Floats, rows: Places, factors: Floats) -> None:
    """total += Σ factor · row, over `rows` of a dense matrix."""
    for n in range(len(rows)):
        factor, row = factors[n], rows[n]
        if factor != 0:
            for column in range(matrix.shape[1]):
                total[column] += factor * matrix[row, column]


@_compiled
def gather_cells(out: Floats, indptr: Places, indices: Places, data: Floats, rows: Places, factors: Floats, place: Places) -> None:
    """out[place[column], n] = factor · cell of the n-th of `rows` of a CSR matrix, for columns whose `place` is not -1."""
    for n in range(len(rows)):
        for entry in range(indptr[rows[n]], indptr[rows[n] + 1]):
            at = place[indices[entry]]
            if at >= 0:
                out[at, n] = factors[n] * data[entry]


@_compiled
def nearest_learners(
    indptr: Places, takers: Places, roots: Floats, items: Places, interest: Floats, shrinkage: float, k: int
) -> tuple[Index, Floats, Floats]:
    """The learners of highest shared interest / (|interest| · root + shrinkage), their shared interest and that similarity: all
    from a bar on that at least `k` reach, if there are as many. Those who took a newer item stand first.

    `takers` are the learners of each item (CSR), `roots` is of each learner. Shared interest is summed over the takers of each
    item; the bar is found by counting similarities in steps of three percent.
    """
    sums = np.zeros(len(roots), np.float32)
    many, square = 0, np.float32(0)
    for n in range(len(items)):
        if interest[n] != 0:
            many += indptr[items[n] + 1] - indptr[items[n]]
            square += interest[n] * interest[n]
    met, similar, steps = np.empty(many, np.int64), np.empty(many, np.float32), np.empty(many, np.int32)
    count = 0
    for n in range(len(items) - 1, -1, -1):
        if interest[n] != 0:
            for entry in range(indptr[items[n]], indptr[items[n] + 1]):
                learner = takers[entry]
                before = sums[learner]
                met[count] = learner
                count += before == 0
                sums[learner] = before + interest[n]
    size, least = np.float32(np.sqrt(square)), np.float32(shrinkage)
    counts = np.zeros(_STEPS, np.int64)
    bits = similar.view(np.int32)  # positive numbers are ordered as their bits are
    for n in range(count):
        similar[n] = sums[met[n]] / (size * roots[met[n]] + least)
        steps[n] = min(max(bits[n] >> _STEP, 0), _STEPS - 1)
        counts[steps[n]] += 1
    bar, reached = _STEPS, 0
    while bar > 0 and reached < k:
        bar -= 1
        reached += counts[bar]
    learners, shared, similarity = np.empty(reached, np.int64), np.empty(reached, np.float32), np.empty(reached, np.float32)
    kept = 0
    for n in range(count):
        if steps[n] >= bar:
            learners[kept], shared[kept], similarity[kept] = met[n], sums[met[n]], similar[n]
            kept += 1
    return learners, shared, similarity


@_compiled
def strongest_shared_item_by_learner(
    indptr: Places, taken: Places, learners: Index, items: Places, interest: Floats, n_items: int
) -> tuple[Index, Floats, Places]:
    """Where in `taken` (the items of each learner, CSR) the item of highest interest stands for each of `learners`, of equal ones
    the last; and by item the interest and the event (its place in `items`) that has it."""
    interest_in, event_of = np.zeros(n_items, np.float32), np.zeros(n_items, np.int32)
    for n in range(len(items)):
        if interest[n] != 0:
            interest_in[items[n]] = interest[n]
            event_of[items[n]] = n
    newest = np.empty(len(learners), np.int64)
    for n in range(len(learners)):
        most = np.float32(0)
        newest[n] = indptr[learners[n]]
        for entry in range(indptr[learners[n]], indptr[learners[n] + 1]):
            own = interest_in[taken[entry]]
            if own > 0 and own >= most:
                most = own
                newest[n] = entry
    return newest, interest_in, event_of


@_compiled
def add_votes(total: Floats, indptr: Places, taken: Places, learners: Index, sizes: Floats, anchors: Index, closeness: Floats) -> None:
    """total[item] += size · closeness[places after the anchor + half], over all items of `learners`; `closeness` covers -half to half,
    or is empty where all count alike."""
    half = len(closeness) // 2
    for n in range(len(learners)):
        for entry in range(indptr[learners[n]], indptr[learners[n] + 1]):
            near = closeness[entry - anchors[n] + half] if half else np.float32(1)
            total[taken[entry]] += sizes[n] * near


@_compiled
def split_votes(
    out: Floats,
    indptr: Places,
    taken: Places,
    learners: Index,
    sizes: Floats,
    anchors: Index,
    closeness: Floats,
    shared: Floats,
    interest_in: Floats,
    event_of: Places,
    place: Places,
) -> None:
    """The votes for some items (`place` of an item is its row of `out`, -1 for others) shared out over the asker's events by
    what each adds to the interest `shared` with the voter; `event_of` names the event (column) behind an item."""
    half = len(closeness) // 2
    longest = 1
    for learner in learners:
        longest = max(longest, indptr[learner + 1] - indptr[learner])
    wanted, common = np.empty(longest, np.int64), np.empty(longest, np.int64)
    for n in range(len(learners)):
        n_wanted, n_common = 0, 0
        for entry in range(indptr[learners[n]], indptr[learners[n] + 1]):
            wanted[n_wanted] = common[n_common] = entry
            n_wanted += place[taken[entry]] >= 0
            n_common += interest_in[taken[entry]] > 0
        for entry in wanted[:n_wanted]:
            near = closeness[entry - anchors[n] + half] if half else np.float32(1)
            part = sizes[n] * near / shared[n]
            for other in common[:n_common]:
                out[place[taken[entry]], event_of[taken[other]]] += part * interest_in[taken[other]]


@_compiled
def _insert_part(
    weights: npt.NDArray[np.float64],
    sources: Index,
    events: Index,
    count: int,
    weight: float,
    source: int,
    event: int,
    clear: npt.NDArray[np.bool_],
) -> None:
    """Put a part among the first `count`, ordered as in `split_totals_by_top_events`; equal ones stay in the order they came."""
    shown, at = weight > 0 and (event >= 0 or clear[source]), count
    while at > 0:
        before = weights[at - 1] > 0 and (events[at - 1] >= 0 or clear[sources[at - 1]])
        if before > shown or (before == shown and weights[at - 1] >= weight):
            break
        weights[at], sources[at], events[at] = weights[at - 1], sources[at - 1], events[at - 1]
        at -= 1
    weights[at], sources[at], events[at] = weight, source, event


@_compiled
def split_totals_by_top_events(
    totals: npt.NDArray[np.float64], shares: Floats, clear: npt.NDArray[np.bool_]
) -> tuple[npt.NDArray[np.float64], Index, Index]:
    """Every number of `totals` (sources, n) shared out over the events behind it, `shares` (sources, n, events).

    A positive total goes to events in proportion to their positive shares: the two largest by name, the others as one part; a total
    that is not positive, or that no event made, is one part. Returned per n, three places a source at most: weight, source and
    event (-1 for none) of each part, those that are positive and have an event or a `clear` source first, then by falling weight,
    0 past the end.
    """
    n_sources, n = totals.shape
    weights, sources = np.zeros((n, 3 * n_sources)), np.zeros((n, 3 * n_sources), np.int64)
    events = np.full((n, 3 * n_sources), -1)
    own_weights, own_events = np.empty(3), np.empty(3, np.int64)
    for item in range(n):
        count = 0
        for source in range(n_sources):
            total, whole, most, more, first, second = totals[source, item], 0.0, 0.0, 0.0, -1, -1
            for event in range(shares.shape[2]):
                share = shares[source, item, event]
                if share > 0:
                    whole += share
                    if share > most:
                        most, more, first, second = share, most, event, first
                    elif share > more:
                        more, second = share, event
            own_weights[:], own_events[:] = 0, -1
            if total <= 0 or whole <= 0:
                own_weights[0] = total
            else:
                rest = whole - most - more > _ROUNDING * whole
                own_events[0], own_events[1] = first, second
                own_weights[0] = total * most / whole if more > 0 else total
                own_weights[1] = total * more / whole if rest else total - own_weights[0]
                own_weights[2] = total - own_weights[0] - own_weights[1] if rest else 0
            for part in range(3):
                weight, event = own_weights[part], own_events[part]
                if weight == 0:
                    continue
                _insert_part(weights[item], sources[item], events[item], count, weight, source, event, clear)
                count += 1
    return weights, sources, events
