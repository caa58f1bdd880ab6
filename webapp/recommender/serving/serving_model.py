"""Serving model: the promoted artifact, noticed by every worker by itself, bound to the catalog as it is now.

The directory of models is the only truth: who is promoted there is taken up within a second (the newest where nobody is), one
that is damaged is refused and the one that served before it serves, and when none is left pages fall back to counting enrollments.
"""

import os
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

import structlog
from flask import current_app

from recsys.errors import ArtifactError, RecsysError
from recsys.faults import Fault, fault_statement
from recsys.registry.promotion import SERVING_FILE, Promotion, Promotions, read_promotions, serving_fallback_order
from recsys.registry.store import directories
from recsys.rerank.policy import Policy
from recsys.types import Item, Recommendation, Statement
from webapp.models.ranking_policy import EVERYWHERE
from webapp.recommender.serving.catalog import CatalogMarker, catalog_marker, changed_published_and_other_ids, load_items
from webapp.recommender.serving.exposure import exposure_of
from webapp.recommender.serving.live_policies import LivePolicies, live_policies
from webapp.support.clock import now
from webapp.support.rate_limiter import RateLimiter

if TYPE_CHECKING:
    from recsys.serving.completion import FinishPredictor
    from recsys.serving.recommender import Recommender

log = structlog.get_logger(__name__)

POLICY = Policy(version="default-1")
VISITOR_SLATES_A_MINUTE = 4
"""Pages of visitors whose slates a process keeps: a sample, so that anonymous requests write within bounds."""
_REBUILD_SECONDS = 300.0
_OVERLAP = timedelta(seconds=60)
_MANY = 500

Signature = frozenset[tuple[str, int, int]]


class ModelState(StrEnum):
    """States of the serving model."""

    OK = "ok"  # the promoted artifact serves, or the newest where nobody was promoted
    FALLBACK = "fallback"  # the one that should was refused, another one serves
    NONE = "none"  # no usable artifact: popularity by plain counting


@dataclass(frozen=True, slots=True)
class Refused:
    """An artifact that is not served, and why."""

    version: str
    reason: Statement


@dataclass(frozen=True, slots=True)
class LiveStatus:
    """How the recommender stands, for /readyz and the admin pages."""

    state: ModelState
    version: str | None
    trained_at: datetime | None
    loaded_at: datetime | None
    refused: tuple[Refused, ...]
    promotion: Promotion | None = None
    """When, why and by whom it was made the serving one; None where nobody did."""
    previous: str | None = None
    """The version one step back leads to."""


@dataclass(frozen=True)
class Serving:
    """A model bound to the catalog of this moment."""

    version: str
    model: "Recommender"
    """Under the policy of EVERYWHERE."""
    policies: LivePolicies
    goal_peers: dict[int, list[Recommendation]]
    """What learners with a goal (by id) take; filled by who asks first, forgotten with the snapshot."""
    starts: dict[int, int]
    """How many learners started a course lately; kept in the same way."""

    def recommender_for(self, placement: str) -> "Recommender":
        """The model under the policy of a placement."""
        return self.model.with_policy(self.policies.policy_for(placement))


@dataclass(frozen=True)
class _Loaded:
    """What the directory held when it was last looked at, and the artifact taken from it."""

    signature: Signature
    refused: tuple[Refused, ...] = ()
    version: str | None = None
    model: "Recommender | None" = None
    own_signature: Signature = frozenset()
    loaded_at: datetime | None = None
    promotions: Promotions = field(default_factory=Promotions)


@dataclass(frozen=True)
class _Snapshot:
    version: str
    marker: CatalogMarker
    items: dict[int, Item]
    model: "Recommender"
    policies: LivePolicies
    built_at: float
    goal_peers: dict[int, list[Recommendation]] = field(default_factory=dict)
    starts: dict[int, int] = field(default_factory=dict)


class LiveModel:
    """Holds the serving model of this process. Threads may share it; what they are handed is immutable."""

    def __init__(self, models_dir: Path, check_seconds: float = 1.0, clock: Callable[[], float] = time.monotonic) -> None:
        self.models_dir = models_dir
        self.check_seconds = check_seconds
        self._clock = clock
        self.visitor_slates = RateLimiter(VISITOR_SLATES_A_MINUTE, 60)
        self._loaded: _Loaded | None = None
        self._snapshot: _Snapshot | None = None
        self._checked_at = float("-inf")
        self._load_lock = threading.Lock()
        self._catalog_lock = threading.Lock()

    def serving(self) -> Serving | None:
        """The model for this request, None when there is no usable artifact. One statement while nothing has changed."""
        loaded = self._current()
        if loaded.version is None or loaded.model is None:
            return None
        snapshot = self._bind_to_catalog(loaded.version, loaded.model)
        return Serving(snapshot.version, snapshot.model, snapshot.policies, snapshot.goal_peers, snapshot.starts)

    def finishing(self) -> "FinishPredictor | None":
        """The chance to finish, bound to the courses that `serving` was last bound to; None before, and where the model has none. Asks the
        database nothing."""
        snapshot = self._snapshot
        return snapshot.model.finish_predictor if snapshot else None

    def status(self) -> LiveStatus:
        """How the recommender stands now; needs no database."""
        loaded = self._current()
        if loaded.model is None:
            return LiveStatus(ModelState.NONE, None, None, None, loaded.refused)
        state = ModelState.FALLBACK if loaded.refused else ModelState.OK
        trained_at = datetime.fromisoformat(loaded.model.manifest.created_at)
        current, line = loaded.promotions.current, loaded.promotions.rollback_versions
        promotion = current if current is not None and current.name == loaded.version else None
        previous = line[-2] if promotion is not None and len(line) > 1 else None
        return LiveStatus(state, loaded.version, trained_at, loaded.loaded_at, loaded.refused, promotion, previous)

    def check_on_next_call(self) -> None:
        """Look at the directory on the next call, however lately it was looked at: this process has just changed it."""
        self._checked_at = float("-inf")

    def check_now(self) -> None:
        """Look at the directory now and load what serves, however lately it was looked at: a page about the model must not show the one
        before."""
        with self._load_lock:
            self._loaded = self._keep_or_load_model(self._loaded)
            self._checked_at = self._clock()

    def _current(self) -> _Loaded:
        """What is loaded, after a look at the directory when the last one is old enough.

        One thread looks and loads; meanwhile the others go on with what there is.
        """
        loaded = self._loaded
        if loaded is not None and self._clock() - self._checked_at < self.check_seconds:
            return loaded
        if not self._load_lock.acquire(blocking=loaded is None):
            return loaded  # type: ignore[return-value]
        try:
            if self._loaded is None or self._clock() - self._checked_at >= self.check_seconds:
                self._loaded = self._keep_or_load_model(self._loaded)
                self._checked_at = self._clock()
            return self._loaded
        finally:
            self._load_lock.release()

    def _keep_or_load_model(self, before: _Loaded | None) -> _Loaded:
        signature = _signature(self.models_dir)
        if before is not None and before.signature == signature:
            return before
        promotions, order, refused = _promotions_and_order(self.models_dir)
        loaded = _Loaded(signature, promotions=promotions)
        for directory in order:
            own = _signature(directory)
            if before is not None and before.version == directory.name and before.own_signature == own:
                kept = replace(loaded, version=before.version, model=before.model, own_signature=own, loaded_at=before.loaded_at)
                return replace(kept, refused=tuple(refused))
            try:
                model = _load_recommender_from_directory(directory)
            except (RecsysError, OSError, ValueError, KeyError) as error:
                log.warning("model_refused", version=directory.name, reason=str(error))
                refused.append(Refused(directory.name, _reason(error)))
                continue
            log.info("model_loaded", version=directory.name)
            taken = replace(loaded, version=directory.name, model=model, own_signature=own, loaded_at=now())
            return replace(taken, refused=tuple(refused))
        return replace(loaded, refused=tuple(refused))

    def _bind_to_catalog(self, version: str, model: "Recommender") -> _Snapshot:
        """The model bound to the published courses; rebuilt when one of them has changed, so that a new course is eligible
        on the next page of every worker."""
        marker = catalog_marker()
        if (snapshot := self._snapshot) and self._is_current(snapshot, version, marker):
            return snapshot
        with self._catalog_lock:
            snapshot = self._snapshot
            if snapshot is None or not self._is_current(snapshot, version, marker):
                self._snapshot = snapshot = self._refreshed_snapshot(snapshot, version, model, marker)
            return snapshot

    def _is_current(self, snapshot: _Snapshot, version: str, marker: CatalogMarker) -> bool:
        return snapshot.version == version and snapshot.marker == marker and not self._is_snapshot_expired(snapshot)

    def _is_snapshot_expired(self, snapshot: _Snapshot) -> bool:
        """What is new and how often it was shown changes with time alone."""
        return self._clock() - snapshot.built_at >= _REBUILD_SECONDS

    def _refreshed_snapshot(self, old: _Snapshot | None, version: str, model: "Recommender", marker: CatalogMarker) -> _Snapshot:
        policies = old.policies if old is not None and old.marker.policies_at == marker.policies_at else live_policies(POLICY)
        items = load_items() if old is None or self._is_snapshot_expired(old) else _refreshed_items(old, marker)
        if old is not None and items == old.items:
            items = old.items  # one copy, which workers may share with the process they were forked from
        if old is not None and old.version == version and items == old.items and not self._is_snapshot_expired(old):
            # Only counters of courses or policies have changed: what the model looks at is the same.
            kept = old.model if policies is old.policies else old.model.with_policy(policies.policy_for(EVERYWHERE))
            return _Snapshot(version, marker, items, kept, policies, old.built_at)
        bound = model.with_catalog(list(items.values()), now=now().timestamp(), exposure=exposure_of(items.values()))
        return _Snapshot(version, marker, items, bound.with_policy(policies.policy_for(EVERYWHERE)), policies, self._clock())


def live_model() -> LiveModel:
    """The live model of the current application."""
    model: LiveModel = current_app.extensions["recommender"]
    return model


def _load_recommender_from_directory(directory: Path) -> "Recommender":
    # Loaded late: it brings SciPy and Numba, which commands and tests without a model do not need.
    from recsys.serving.recommender import Recommender  # noqa: PLC0415

    return Recommender.load(directory).with_policy(POLICY)


def _reason(error: Exception) -> Statement:
    """Why an artifact is refused; what is no error of the recommender's keeps its own words."""
    return error.statement if isinstance(error, RecsysError) else fault_statement(Fault.MODEL_UNLOADABLE, error=error)


def _refreshed_items(old: _Snapshot, marker: CatalogMarker) -> dict[int, Item]:
    """The old items with what has changed since. The overlap catches transactions that committed late."""
    if old.marker.changed_at is None:
        return load_items()
    published, gone = changed_published_and_other_ids(old.marker.changed_at - _OVERLAP)
    if len(published) + len(gone) > _MANY:
        return load_items()
    items = {course_id: item for course_id, item in old.items.items() if course_id not in gone} | load_items(published)
    return dict(sorted(items.items())) if len(items) == marker.published else load_items()


def _promotions_and_order(root: Path) -> tuple[Promotions, list[Path], list[Refused]]:
    """Who was promoted, and artifacts in the order they are tried; by age alone when the file that says so is damaged."""
    try:
        return read_promotions(root), serving_fallback_order(root), []
    except ArtifactError as error:
        log.warning("promotions_unreadable", reason=str(error))
        return Promotions(), directories(root), [Refused(SERVING_FILE, error.statement)]


def _signature(root: Path) -> Signature:
    """Name, time and size of every file below, without hidden directories: some dozens of stat calls."""
    entries = []
    for folder, folders, files in os.walk(root):
        folders[:] = [name for name in folders if not name.startswith(".")]
        entries.append((folder, 0, 0))
        for name in files:
            path = os.path.join(folder, name)
            try:
                stat = os.stat(path)
            except OSError:
                continue
            entries.append((path, stat.st_mtime_ns, stat.st_size))
    return frozenset(entries)
