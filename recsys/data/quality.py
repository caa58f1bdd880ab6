"""Data quality: checks of training data as counts with examples. Nothing is changed or refused here.

Findings of severity `warning` deserve a look, as they cost quality or point to a broken source; `info` describes the data.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from recsys.data.dataset import Dataset
from recsys.data.histories import CLOCK
from recsys.data.items import CheckedItems
from recsys.data.validation import RowProblem
from recsys.folding import fold
from recsys.types import Columns, Item

EXAMPLES = 5
_DAY = 86_400.0
_FEWEST = 50  # learners with fewer events are never "many", whatever the others do


@dataclass(frozen=True, slots=True)
class Finding:
    """Result of one check, a code: `count` of `total`, `params` of the check, and examples: ids of items or learners, or cells of a
    catalog that were not used."""

    check: str
    severity: str
    count: int
    total: int
    params: Mapping[str, float | bool] = field(default_factory=dict)
    examples: tuple[str | RowProblem, ...] = ()

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
        return {
            "findings": [_finding_to_json(f, with_learners or f.check not in _PERSONAL) for f in self.findings],
            "clean": list(self.clean),
        }


def check_quality(
    dataset: Dataset, frame: pd.DataFrame | None = None, now: float | None = None, catalog: CheckedItems | None = None
) -> QualityReport:
    """Every check on a dataset. `frame` and `catalog` are what was read, for rows repeated or left out before the dataset was
    made; `now` is the moment (seconds since the epoch) after which times lie in the future."""
    results = [
        _repeated_rows(frame),
        _repeated_pairs(dataset),
        _before_publication(dataset),
        _in_the_future(dataset, now),
        _without_time(dataset),
        _busiest(dataset),
        _single_course_learners(dataset),
        *_catalog_findings(catalog),
        *_bare_items(dataset.items),
        _same_titles(dataset.items),
        _untaken(dataset),
        _density(dataset),
    ]
    findings = sorted((f for f in results if f.count), key=lambda f: f.severity != "warning")
    return QualityReport(tuple(findings), tuple(f.check for f in results if not f.count))


_PERSONAL = frozenset({"busiest_learners", "single_course_learners"})


def _repeated_rows(frame: pd.DataFrame | None) -> Finding:
    if frame is None or not len(frame):
        return Finding("repeated_rows", "warning", 0, 0)
    repeated = frame.duplicated()
    examples = tuple(frame.loc[repeated, Columns.ITEM].astype(str).drop_duplicates()[:EXAMPLES])
    return Finding("repeated_rows", "warning", int(repeated.sum()), len(frame), examples=examples)


def _repeated_pairs(dataset: Dataset) -> Finding:
    events = dataset.histories
    cells = events.rows * np.int64(max(events.n_items, 1)) + events.items
    _, firsts = np.unique(cells, return_index=True)
    repeats = np.ones(len(cells), np.bool_)
    repeats[firsts] = False
    return Finding("repeated_pairs", "info", int(repeats.sum()), len(cells), examples=_item_examples(dataset, events.items[repeats]))


def _before_publication(dataset: Dataset) -> Finding:
    events = dataset.histories
    published = dataset.published_at
    if events.timestamps is None or not len(published) or np.isnan(published).all():
        return Finding("before_publication", "warning", 0, 0)
    dated = np.isfinite(events.timestamps) & np.isfinite(published[events.items])
    early = dated & (events.timestamps < published[events.items] - _DAY)  # a day for time zones and dates without a time
    return Finding(
        "before_publication", "warning", int(early.sum()), int(dated.sum()), examples=_item_examples(dataset, events.items[early])
    )


def _in_the_future(dataset: Dataset, now: float | None) -> Finding:
    times = dataset.histories.timestamps
    known = np.zeros(0) if times is None else times[np.isfinite(times)]
    if now is None or times is None or not len(known) or np.median(known) < CLOCK:  # counts, of which no future can be told
        return Finding("in_the_future", "warning", 0, 0)
    late = times > now + _DAY
    return Finding("in_the_future", "warning", int(late.sum()), len(known), examples=_item_examples(dataset, dataset.histories.items[late]))


def _without_time(dataset: Dataset) -> Finding:
    events = dataset.histories
    missing = np.ones(len(events.items), np.bool_) if events.timestamps is None else ~np.isfinite(events.timestamps)
    return Finding("without_time", "info", int(missing.sum()), len(missing), {"ordered": bool(dataset.ordered)})


def _busiest(dataset: Dataset) -> Finding:
    lengths = np.diff(dataset.histories.indptr)
    if not len(lengths):
        return Finding("busiest_learners", "warning", 0, 0)
    # Lengths are spread over powers of ten: far out is far out on their logarithm (median and its absolute deviation).
    logs = np.log1p(lengths[lengths > 0])
    middle = float(np.median(logs)) if len(logs) else 0.0
    spread = 1.4826 * float(np.median(np.abs(logs - middle))) if len(logs) else 0.0
    limit = max(_FEWEST, float(np.expm1(middle + 6 * max(spread, 0.25))))
    many = np.flatnonzero(lengths > limit)
    params = {"limit": round(limit, 6), "share": round(float(lengths[many].sum() / max(lengths.sum(), 1)), 6)}
    order = many[np.argsort(-lengths[many], kind="stable")]
    return Finding("busiest_learners", "warning", len(many), len(lengths), params, _learner_examples(dataset, order))


def _single_course_learners(dataset: Dataset) -> Finding:
    one = np.flatnonzero(np.diff(dataset.histories.matrix().indptr) == 1)
    return Finding("single_course_learners", "info", len(one), dataset.n_users, examples=_learner_examples(dataset, one))


def _catalog_findings(catalog: CheckedItems | None) -> list[Finding]:
    """Rows of a catalog that are no item, and items with cells that nothing could be made of."""
    problems = catalog.problems if catalog else ()
    findings = []
    for check, whole in (("items_left_out", True), ("items_with_unread_cells", False)):
        own = [problem for problem in problems if (problem.column == Columns.ITEM) is whole]
        rows = len({problem.row for problem in own})
        findings.append(Finding(check, "warning", rows, catalog.rows if catalog else 0, examples=tuple(own[:EXAMPLES])))
    return findings


def _bare_items(items: Sequence[Item]) -> list[Finding]:
    lacks: tuple[tuple[str, Callable[[Item], bool]], ...] = (
        ("items_without_text", lambda i: not (i.title or i.description).strip()),
        ("items_without_level", lambda i: i.level is None),
        ("items_without_topic", lambda i: not (i.topics or i.tags)),
    )
    findings = []
    for check, lacking in lacks:
        ids = [item.item_id for item in items if lacking(item)]
        findings.append(Finding(check, "warning", len(ids), len(items), examples=tuple(ids[:EXAMPLES])))
    return findings


def _same_titles(items: Sequence[Item]) -> Finding:
    titles = pd.Series([fold(item.title) for item in items], dtype=object)
    twice = titles.duplicated(keep=False) & (titles != "")
    ids = [item.item_id for item, shared in zip(items, twice, strict=True) if shared]
    return Finding("same_titles", "warning", len(ids), len(items), examples=tuple(ids[:EXAMPLES]))


def _untaken(dataset: Dataset) -> Finding:
    never = np.flatnonzero(dataset.popularity == 0) if dataset.n_items else np.zeros(0, np.int64)
    return Finding("untaken_items", "info", len(never), dataset.n_items, examples=_item_examples(dataset, never))


def _density(dataset: Dataset) -> Finding:
    filled, cells = int(dataset.histories.matrix().nnz), dataset.n_users * dataset.n_items
    return Finding("density", "info", filled, cells)


def _item_examples(dataset: Dataset, indices: npt.NDArray[Any]) -> tuple[str, ...]:
    distinct = dict.fromkeys(indices[: 100 * EXAMPLES].tolist())
    return tuple(dataset.items[index].item_id for index in list(distinct)[:EXAMPLES])


def _learner_examples(dataset: Dataset, rows: npt.NDArray[np.int64]) -> tuple[str, ...]:
    return tuple(dataset.user_ids[row] for row in rows[:EXAMPLES])


def _finding_to_json(finding: Finding, with_examples: bool) -> dict[str, Any]:
    """A finding in plain values; of a catalog's cell its place, and not what stands in it."""
    examples = [{"row": e.row, "column": e.column} if isinstance(e, RowProblem) else e for e in finding.examples]
    kept = ("check", "severity", "count", "total", "params")
    return {**{name: getattr(finding, name) for name in kept}, "examples": examples if with_examples else []}
