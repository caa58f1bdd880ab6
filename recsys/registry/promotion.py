"""Promotions: one small file beside the artifacts names the one that serves and all that served before.

Without the file the newest good artifact serves. With it the named one does, however many newer ones there are: a model that
was held back stays where it is and serves nobody. When the named one is damaged, those that served before it come first, the
latest of them on top, then all others by age.
"""

import fcntl
import json
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeAlias, TypeVar

from recsys.draft_files import open_draft_file
from recsys.errors import ArtifactError
from recsys.faults import Fault
from recsys.registry.store import Artifact, directories, flush, is_good, verify

SERVING_FILE = "serving.json"
Opened = TypeVar("Opened")
Open: TypeAlias = Callable[[Path], Opened]
OnRefused: TypeAlias = Callable[[Path, ArtifactError], None]
_FORMAT, _VERSION = "waymark-serving", 1
_LOCK_FILE = ".serving.lock"
_KEPT = 200  # promotions in the file; the oldest go first
_MAX_BYTES = 1_000_000


@dataclass(frozen=True, slots=True)
class Promotion:
    """An artifact began to serve: `at` is ISO-8601 in UTC, `previous` the name it took over from, `rollback` a step back.

    `why` is what a person wrote; `reasons` are the gate's, as JSON of `Statement`. Entries from before there were codes have the gate's
    sentences under `why`.
    """

    name: str
    at: str
    why: str
    by: str
    previous: str | None = None
    rollback: bool = False
    reasons: tuple[Mapping[str, Any], ...] = ()


@dataclass(frozen=True, slots=True)
class Promotions:
    """What the file says: every promotion, oldest first, and names that retention must not touch."""

    history: tuple[Promotion, ...] = ()
    pinned: tuple[str, ...] = ()

    @property
    def current(self) -> Promotion | None:
        """The promotion in force."""
        return self.history[-1] if self.history else None

    @property
    def rollback_versions(self) -> tuple[str, ...]:
        """Names by which one can step back, the serving one last; a step back takes away what it undid."""
        first = next(iter(self.history), None)
        # What served by its age alone, or was promoted before the file's memory begins.
        names = [first.previous] if first and first.previous and not first.rollback else []
        for entry in self.history:
            if entry.rollback and entry.name in names:
                while names[-1] != entry.name:
                    names.pop()
            else:
                names.append(entry.name)
        return tuple(names)


def read_promotions(root: Path) -> Promotions:
    """What has been promoted under `root`; nothing where there is no file. Raises ArtifactError when the file is damaged."""
    path = root / SERVING_FILE
    try:
        if path.stat().st_size > _MAX_BYTES:
            raise ArtifactError(Fault.PROMOTIONS_TOO_LARGE, file=SERVING_FILE)
        values = json.loads(path.read_text("utf-8"))
        if values["format"] != _FORMAT or values["version"] != _VERSION:
            raise ArtifactError(Fault.PROMOTIONS_FOREIGN, file=SERVING_FILE)
        history = tuple(_entry(**entry) for entry in values["history"])
        return Promotions(history, tuple(map(str, values["pinned"])))
    except FileNotFoundError:
        return Promotions()
    except OSError as error:
        raise ArtifactError(Fault.FILE_UNREADABLE, file=SERVING_FILE, error=error.strerror or error) from error
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise ArtifactError(Fault.PROMOTIONS_DAMAGED, file=SERVING_FILE, error=error) from error


def _nothing(_name: str) -> None:
    """What is done before a file is written, where nothing is."""


def _entry(reasons: Sequence[Mapping[str, Any]] = (), **values: Any) -> Promotion:
    """A promotion as the file holds it."""
    return Promotion(**values, reasons=tuple(dict(reason) for reason in reasons))


def promote(
    root: Path,
    name: str,
    why: str,
    by: str,
    open_one: Open[object] = verify,
    reasons: Sequence[Mapping[str, Any]] = (),
    before_writing: Callable[[str], None] = _nothing,
) -> Promotion:
    """Let an artifact serve from now on; durable when this returns. One that serves already stays as it is.

    `before_writing` is told its name once it is found good; where that raises, nothing changes.
    Raises ArtifactError when it is missing or `open_one` refuses it; `verify` only compares checksums. A damaged file of promotions
    is replaced by a fresh one.
    """
    _require_good(root, name, open_one)
    with _locked(root):
        promotions = _read_or_empty(root)
        serving = _serving_name(root, promotions)
        before_writing(name)
        if promotions.current is not None and serving == name:
            return promotions.current
        previous = serving if serving != name else None
        return _append(root, promotions, Promotion(name, _now(), why, by, previous, reasons=tuple(reasons)))


def roll_back(
    root: Path,
    why: str,
    by: str,
    open_one: Open[object] = verify,
    reasons: Sequence[Mapping[str, Any]] = (),
    only_from: str | None = None,
    before_writing: Callable[[str], None] = _nothing,
) -> Promotion:
    """Let the artifact serve that did so before the present one; again and again to step further back. `before_writing` as for `promote`.

    Removed ones and those `open_one` refuses are stepped over. `only_from` names the artifact to step back from: who has decided on one
    decides nothing about another. Raises ArtifactError when that one does not serve any more, and when there is nothing to go back to.
    """
    with _locked(root):
        promotions = read_promotions(root)
        serving = _serving_name(root, promotions)
        if only_from is not None and serving != only_from:
            raise ArtifactError(Fault.ANOTHER_MODEL_SERVES, model=only_from, serving=serving)
        for name in _rollback_targets(root, promotions):
            if name != serving and is_good(root / name, open_one):
                before_writing(name)
                return _append(root, promotions, Promotion(name, _now(), why, by, serving, rollback=True, reasons=tuple(reasons)))
    raise ArtifactError(Fault.NO_EARLIER_MODEL, folder=root)


def set_removal_protection(root: Path, name: str, pinned: bool = True) -> None:
    """Keep an artifact from being removed, or no longer.

    Raises ArtifactError when it is missing, or is to be kept and damaged. A missing one that is pinned can be let go.
    """
    if pinned:
        _require_good(root, name)
    with _locked(root):
        promotions = _read_or_empty(root)
        if name not in promotions.pinned:
            _require_present(root, name)
        names = [n for n in promotions.pinned if n != name] + ([name] if pinned else [])
        _write(root, replace(promotions, pinned=tuple(names)))


def serving_fallback_order(root: Path) -> list[Path]:
    """Directories in the order they should be tried: the promoted one, those that served before it, the others by age.

    Raises ArtifactError when the file of promotions is damaged.
    """
    return _fallback_order(root, read_promotions(root))


def load_serving(root: Path, on_refused: OnRefused | None = None) -> Artifact:
    """The artifact that serves, by checksums alone; see `open_serving`."""
    return open_serving(root, lambda directory: Artifact(directory, verify(directory)), on_refused)


def open_serving(root: Path, open_one: Open[Opened], on_refused: OnRefused | None = None) -> Opened:
    """What `open_one` makes of the artifact that serves: the first it does not refuse with an ArtifactError.

    `on_refused` hears of each that should have come before. A damaged file of promotions is told in the same way, and then age
    decides. Raises ArtifactError when none is good.
    """
    refused = 0
    try:
        order = serving_fallback_order(root)
    except ArtifactError as error:
        order, refused = directories(root), 1
        if on_refused is not None:
            on_refused(root / SERVING_FILE, error)
    for directory in order:
        try:
            return open_one(directory)
        except ArtifactError as error:
            refused += 1
            if on_refused is not None:
                on_refused(directory, error)
    if refused:
        raise ArtifactError(Fault.ALL_MODELS_REFUSED, folder=root, refused=refused)
    raise ArtifactError(Fault.NO_USABLE_MODEL, folder=root)


def record_serving_artifact(root: Path, why: str, by: str, reasons: Sequence[Mapping[str, Any]] = ()) -> Promotion | None:
    """Name the artifact that serves by age as the serving one, before a newer one is stored that must not push it aside.

    None when nothing could serve; the promotion in force when there is one.
    """
    promotions = _read_or_empty(root)
    if promotions.current is not None:
        return promotions.current
    serving = _serving_name(root, promotions)
    return None if serving is None else promote(root, serving, why, by, reasons=reasons)


def protected_names(root: Path) -> frozenset[str]:
    """Names retention must not touch: what serves, what one step back leads to, and what is pinned."""
    promotions = _read_or_empty(root)
    return frozenset((*promotions.rollback_versions[-2:], *promotions.pinned))


def _fallback_order(root: Path, promotions: Promotions) -> list[Path]:
    stored = {directory.name: directory for directory in directories(root)}
    line = [name for name in reversed(promotions.rollback_versions) if name in stored]
    served = [entry.name for entry in reversed(promotions.history) if entry.name in stored]
    # A promoted artifact that is gone stays in the order: that it is missing has to be told.
    gone = [root / promotions.current.name] if promotions.current and promotions.current.name not in stored else []
    return gone + [stored[name] for name in dict.fromkeys([*line, *served, *stored])]


def _serving_name(root: Path, promotions: Promotions) -> str | None:
    """The name in force; without one the newest good artifact's."""
    if promotions.current is not None:
        return promotions.current.name
    return next((d.name for d in directories(root) if is_good(d)), None)


def _rollback_targets(root: Path, promotions: Promotions) -> list[str]:
    """Where steps back lead, the nearest first."""
    if promotions.history:
        return list(reversed(promotions.rollback_versions[:-1]))
    good = [d.name for d in directories(root) if is_good(d)]
    return good[1:]


def _append(root: Path, promotions: Promotions, entry: Promotion) -> Promotion:
    _write(root, replace(promotions, history=(*promotions.history, entry)[-_KEPT:]))
    return entry


def _write(root: Path, promotions: Promotions) -> None:
    """Replace the file in one step that survives a power cut: a reader meets the old one or the new one."""
    body = {"format": _FORMAT, "version": _VERSION, "pinned": promotions.pinned, "history": [asdict(e) for e in promotions.history]}
    draft, stream = open_draft_file(root, ".serving-")
    try:
        with stream:
            json.dump(body, stream, indent=1, ensure_ascii=False)
            stream.flush()
            os.fsync(stream.fileno())
        draft.replace(root / SERVING_FILE)
    except BaseException:
        with suppress(OSError):
            draft.unlink()
        raise
    flush(root)


def _read_or_empty(root: Path) -> Promotions:
    """What the file says; nothing when it is damaged."""
    try:
        return read_promotions(root)
    except ArtifactError:
        return Promotions()


def _require_good(root: Path, name: str, open_one: Open[object] = verify) -> None:
    _require_present(root, name)
    open_one(root / name)


def _require_present(root: Path, name: str) -> None:
    if name not in {directory.name for directory in directories(root)}:
        raise ArtifactError(Fault.MODEL_UNKNOWN, model=name, folder=root)


@contextmanager
def _locked(root: Path) -> Iterator[None]:
    """One writer at a time, across threads and processes; ends with the process that holds it.

    Raises ArtifactError when the lock or what is done under it fails for want of permission or space.
    """
    if not root.is_dir():
        raise ArtifactError(Fault.NOT_A_MODELS_FOLDER, folder=root)
    try:
        with (root / _LOCK_FILE).open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
    except OSError as error:
        raise ArtifactError(Fault.PROMOTIONS_NOT_WRITTEN, file=SERVING_FILE, folder=root, error=error.strerror or error) from error


def _now() -> str:
    return datetime.now(UTC).isoformat()
