"""What is odd about training data: counts with examples, for people and for the manifest. Nothing is changed or refused here.

Findings of severity `warning` deserve a look, as they cost quality or point to a broken source; `info` describes the data.
"""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from recsys.data.dataset import Dataset
from recsys.data.histories import CLOCK
from recsys.data.items import CheckedItems
from recsys.data.validation import describe
from recsys.types import Columns, Item

EXAMPLES = 5
_DAY = 86_400.0
_FEWEST = 50  # learners with fewer events are never "many", whatever the others do


@dataclass(frozen=True, slots=True)
class Finding:
    """One check: how many of how many it speaks of, a share of `total`, and ids to look at (items or learners) or
    problems with their rows."""

    check: str
    severity: str
    count: int
    total: int
    text: str
    examples: tuple[str, ...] = ()

    @property
    def share(self) -> float:
        """`count` of `total`, 0 to 1."""
        return self.count / self.total if self.total else 0.0


@dataclass(frozen=True, slots=True)
class QualityReport:
    """All findings, warnings first; checks that found nothing are listed in `clean`."""

    findings: tuple[Finding, ...]
    clean: tuple[str, ...] = ()

    def to_json(self, with_learners: bool = False) -> dict[str, Any]:
        """Plain values for a manifest. Ids of learners are left out of what is stored unless asked for."""
        rows = [asdict(f) | {"examples": list(f.examples) if with_learners or f.check not in _PERSONAL else []} for f in self.findings]
        return {"findings": rows, "clean": list(self.clean)}

    def to_text(self) -> str:
        """One line a finding."""
        lines = [_line(finding) for finding in self.findings]
        return "\n".join([*lines, f"nothing found: {', '.join(self.clean)}"] if self.clean else lines)


def check_quality(
    dataset: Dataset, frame: pd.DataFrame | None = None, now: float | None = None, catalog: CheckedItems | None = None
) -> QualityReport:
    """Every check on a dataset. `frame` and `catalog` are what was read, for rows repeated or left out before the dataset was
    made; `now` is the moment (seconds since the epoch) after which times lie in the future."""
    found = [
        _repeated_rows(frame),
        _repeated_pairs(dataset),
        _before_publication(dataset),
        _in_the_future(dataset, now),
        _without_time(dataset),
        _busiest(dataset),
        _single(dataset),
        *_left_out(catalog),
        *_bare_items(dataset.items),
        _same_titles(dataset.items),
        _untaken(dataset),
        _density(dataset),
    ]
    findings = sorted((f for f in found if f.count), key=lambda f: f.severity != "warning")
    return QualityReport(tuple(findings), tuple(f.check for f in found if not f.count))


_PERSONAL = frozenset({"busiest_learners", "single_course_learners"})


def _repeated_rows(frame: pd.DataFrame | None) -> Finding:
    if frame is None or not len(frame):
        return Finding("repeated_rows", "warning", 0, 0, "")
    repeated = frame.duplicated()
    examples = tuple(frame.loc[repeated, Columns.ITEM].astype(str).drop_duplicates()[:EXAMPLES])
    return Finding("repeated_rows", "warning", int(repeated.sum()), len(frame), "rows stand twice word by word and count once", examples)


def _repeated_pairs(dataset: Dataset) -> Finding:
    events = dataset.histories
    cells = events.rows * np.int64(max(events.n_items, 1)) + events.items
    _, firsts = np.unique(cells, return_index=True)
    again = np.ones(len(cells), np.bool_)
    again[firsts] = False
    text = "events repeat a course the learner has already; in a history it counts once"
    return Finding("repeated_pairs", "info", int(again.sum()), len(cells), text, _items(dataset, events.items[again]))


def _before_publication(dataset: Dataset) -> Finding:
    events = dataset.histories
    published = dataset.published
    if events.timestamps is None or not len(published) or np.isnan(published).all():
        return Finding("before_publication", "warning", 0, 0, "")
    dated = np.isfinite(events.timestamps) & np.isfinite(published[events.items])
    early = dated & (events.timestamps < published[events.items] - _DAY)  # a day for time zones and dates without a time
    text = "events lie more than a day before their course was published"
    return Finding("before_publication", "warning", int(early.sum()), int(dated.sum()), text, _items(dataset, events.items[early]))


def _in_the_future(dataset: Dataset, now: float | None) -> Finding:
    times = dataset.histories.timestamps
    known = np.zeros(0) if times is None else times[np.isfinite(times)]
    if now is None or times is None or not len(known) or np.median(known) < CLOCK:  # counts, of which no future can be told
        return Finding("in_the_future", "warning", 0, 0, "")
    late = times > now + _DAY
    text = "events lie more than a day in the future"
    return Finding("in_the_future", "warning", int(late.sum()), len(known), text, _items(dataset, dataset.histories.items[late]))


def _without_time(dataset: Dataset) -> Finding:
    events = dataset.histories
    missing = np.ones(len(events.items), np.bool_) if events.timestamps is None else ~np.isfinite(events.timestamps)
    text = "events have no time" + ("; their order is that of the rows" if dataset.ordered else " and no order either")
    return Finding("without_time", "info", int(missing.sum()), len(missing), text)


def _busiest(dataset: Dataset) -> Finding:
    lengths = np.diff(dataset.histories.indptr)
    if not len(lengths):
        return Finding("busiest_learners", "warning", 0, 0, "")
    # Lengths are spread over powers of ten: far out is far out on their logarithm (median and its absolute deviation).
    logs = np.log1p(lengths[lengths > 0])
    middle = float(np.median(logs)) if len(logs) else 0.0
    spread = 1.4826 * float(np.median(np.abs(logs - middle))) if len(logs) else 0.0
    limit = max(_FEWEST, float(np.expm1(middle + 6 * max(spread, 0.25))))
    many = np.flatnonzero(lengths > limit)
    share = lengths[many].sum() / max(lengths.sum(), 1)
    text = f"learners have more than {limit:,.0f} events, {share:.1%} of all: crawlers, tests or shared accounts"
    order = many[np.argsort(-lengths[many], kind="stable")]
    return Finding("busiest_learners", "warning", len(many), len(lengths), text, _learners(dataset, order))


def _single(dataset: Dataset) -> Finding:
    one = np.flatnonzero(np.diff(dataset.histories.matrix().indptr) == 1)
    text = "learners took one course only: nothing can be learned about what goes together, nor be held out"
    return Finding("single_course_learners", "info", len(one), dataset.n_users, text, _learners(dataset, one))


def _left_out(catalog: CheckedItems | None) -> list[Finding]:
    """Rows of a catalog that are no item, and items with cells that nothing could be made of."""
    problems = catalog.problems if catalog else ()
    checks = (
        ("items_left_out", "rows of the catalog were left out: no id, or one that stands further up", True),
        ("items_with_unread_cells", "rows of the catalog have a level, duration or date that counts as empty: it cannot be read", False),
    )
    found = []
    for check, text, whole in checks:
        own = [problem for problem in problems if (problem.column == Columns.ITEM) is whole]
        told = tuple(describe([problem]) for problem in own[:EXAMPLES])
        found.append(Finding(check, "warning", len({problem.row for problem in own}), catalog.rows if catalog else 0, text, told))
    return found


def _bare_items(items: Sequence[Item]) -> list[Finding]:
    lacks: tuple[tuple[str, str, Callable[[Item], bool]], ...] = (
        ("items_without_text", "items have neither title nor description", lambda i: not (i.title or i.description).strip()),
        ("items_without_level", "items have no level", lambda i: i.level is None),
        ("items_without_topic", "items have neither topics nor tags", lambda i: not (i.topics or i.tags)),
    )
    found = []
    for check, text, lacking in lacks:
        ids = [item.item_id for item in items if lacking(item)]
        found.append(Finding(check, "warning", len(ids), len(items), text, tuple(ids[:EXAMPLES])))
    return found


def _same_titles(items: Sequence[Item]) -> Finding:
    titles = pd.Series([item.title.strip().casefold() for item in items], dtype=object)
    twice = titles.duplicated(keep=False) & (titles != "")
    ids = [item.item_id for item, shared in zip(items, twice, strict=True) if shared]
    return Finding("same_titles", "warning", len(ids), len(items), "items share their title with another", tuple(ids[:EXAMPLES]))


def _untaken(dataset: Dataset) -> Finding:
    never = np.flatnonzero(dataset.popularity == 0) if dataset.n_items else np.zeros(0, np.int64)
    text = "items were taken by nobody: only their text speaks for them"
    return Finding("untaken_items", "info", len(never), dataset.n_items, text, _items(dataset, never))


def _density(dataset: Dataset) -> Finding:
    filled, cells = int(dataset.histories.matrix().nnz), dataset.n_users * dataset.n_items
    return Finding("density", "info", filled, cells, "of all pairs of a learner and an item are filled; the rest is what there is to guess")


def _items(dataset: Dataset, indices: npt.NDArray[Any]) -> tuple[str, ...]:
    distinct = dict.fromkeys(indices[: 100 * EXAMPLES].tolist())
    return tuple(dataset.items[index].item_id for index in list(distinct)[:EXAMPLES])


def _learners(dataset: Dataset, rows: npt.NDArray[np.int64]) -> tuple[str, ...]:
    return tuple(dataset.user_ids[row] for row in rows[:EXAMPLES])


def _line(finding: Finding) -> str:
    share = f"{finding.share:.4%}" if finding.check == "density" else f"{finding.share:.1%}"
    examples = f" (such as {', '.join(finding.examples)})" if finding.examples else ""
    return f"{finding.severity:<8}{finding.count:>12,} of {finding.total:,} ({share}) {finding.text}{examples}"
