"""Import of one file: chunk by chunk, each committed together with the note of how far it got.

An import that is killed and started again goes on after the last committed chunk; one that ran through and is started again
finds everything known. Rows that do not fit are named in a file and left out, all others are imported.
"""

import fcntl
import hashlib
import itertools
import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from sqlalchemy import select

from webapp.extensions import db
from webapp.importing.bulk import prepare_for_bulk, refresh_planner_statistics
from webapp.importing.cells import Row
from webapp.importing.courses import CourseSink
from webapp.importing.csv_records import Record, Records
from webapp.importing.interactions import InteractionSink
from webapp.importing.layout import BoundLayout, FileKind, recognize
from webapp.importing.layouts import LAYOUTS
from webapp.importing.outcome import ImportCounts
from webapp.importing.people import LearnerSink
from webapp.importing.problems import ImportRefused, Problem, ProblemFile
from webapp.models.operations import ImportRun, RunStatus
from webapp.policies import Actor, Permission, require
from webapp.services.rollups import (
    BEGINNING,
    RECOUNTED_AT_ONCE,
    RECOUNTS,
    count_days,
    course_takers_by_goal,
    replace_course_takers_by_goal,
    store_days,
    store_recent_starts,
)
from webapp.support.clock import now
from webapp.support.messages import gettext
from webapp.transactions import checkpoint, reading_part

CHUNK = 20_000
_CHUNK_CHARACTERS = 32_000_000  # of long rows fewer go together, so that memory has a bound
_SHOWN = 20

Progress = Callable[[int, float], None]
"""Hears the rows done and the share of the file read."""


@dataclass(frozen=True, slots=True)
class ImportRequest:
    """What to import and how. `renamed` maps the file's column names to our fields; `assumed` are ids of courses that an
    earlier file of the same dry run would have made."""

    path: Path
    kind: FileKind | None = None
    layout: str | None = None
    source: str | None = None
    renamed: Mapping[str, str] = field(default_factory=dict)
    dry_run: bool = False
    assumed: frozenset[str] = frozenset()


@dataclass(slots=True)
class Report:
    """How an import went. `resumed_at` is the number of rows an earlier, interrupted run had done."""

    file: str
    kind: FileKind
    layout: str
    source: str
    dry_run: bool
    rows: int = 0
    resumed_at: int = 0
    bad: int = 0
    warnings: int = 0
    outcome: ImportCounts = field(default_factory=ImportCounts)
    reasons: Counter[str] = field(default_factory=Counter)
    first_problems: list[Problem] = field(default_factory=list)
    problems_path: Path | None = None
    new_courses: frozenset[str] = frozenset()


class Sink(Protocol):
    """A sink: where the rows of one kind go. A `stateful` one has to see rows again that an interrupted run had done."""

    stateful: bool
    new_courses: set[str]

    def parse(self, row: Row) -> Any:
        """What the row says, None when it is broken."""

    def write(self, rows: Any) -> ImportCounts:
        """Bring the rows into the tables."""

    def finish(self) -> list[Problem]:
        """What can only be done when all rows are there."""


def identify_layout(request: ImportRequest) -> BoundLayout:
    """The layout of the file. Raises ImportRefused."""
    with Records(request.path) as records:
        return recognize(LAYOUTS, request.path.name, records.header, request.kind, request.layout, request.renamed)


def import_file(actor: Actor, request: ImportRequest, folder: Path, progress: Progress = lambda rows, share: None) -> Report:
    """Import one file; problems go to a file in `folder`. Commits after every chunk; a dry run writes nothing at all.

    Raises ImportRefused and Forbidden.
    """
    require(actor, Permission.IMPORT_DATA)
    bound = identify_layout(request)
    source = request.source or bound.layout.source
    if request.dry_run:
        report = Report(request.path.name, bound.layout.kind, bound.layout.name, source, dry_run=True)
        dry = _Import(request, bound, report, None, None, progress)
        dry.import_rows()
        report.new_courses = frozenset(dry.sink.new_courses)
        return report
    fingerprint = _fingerprint(request, source)
    with _import_lock(folder, bound.layout.kind, fingerprint):
        return _import(request, bound, source, fingerprint, folder, progress)


def _import(request: ImportRequest, bound: BoundLayout, source: str, fingerprint: str, folder: Path, progress: Progress) -> Report:
    prepare_for_bulk()
    run = _resume_or_start_run(request, bound, fingerprint)
    report = Report(
        request.path.name, bound.layout.kind, bound.layout.name, source, dry_run=False, resumed_at=run.rows_done, bad=run.rows_bad
    )
    report.outcome = ImportCounts(run.rows_new, run.rows_changed, run.rows_known)
    path = folder / f"{request.path.name.split('.')[0][:60]}-{bound.layout.kind}-{fingerprint[:8]}.problems.csv"
    try:
        _Import(request, bound, report, run, path, progress).import_rows()
    except BaseException:
        db.session.rollback()
        run.status, run.finished_at = RunStatus.FAILED, now()
        checkpoint()
        raise
    return report


def _resume_or_start_run(request: ImportRequest, bound: BoundLayout, fingerprint: str) -> ImportRun:
    """The interrupted run of the same file, else a new one."""
    same = (ImportRun.kind == bound.layout.kind.value, ImportRun.file_sha256 == fingerprint)
    unfinished = ImportRun.status.in_((RunStatus.RUNNING, RunStatus.FAILED))
    latest = db.session.scalars(select(ImportRun).where(*same).order_by(ImportRun.id.desc()).limit(1)).first()
    run = db.session.scalars(select(ImportRun).where(*same, unfinished).order_by(ImportRun.id.desc()).limit(1)).first()
    if run is None or run is not latest:
        run = ImportRun(kind=bound.layout.kind.value, layout=bound.layout.name, file_name=request.path.name[:255], file_sha256=fingerprint)
        run.rows_done = run.rows_new = run.rows_changed = run.rows_known = run.rows_bad = 0
        db.session.add(run)
    run.status, run.heartbeat_at, run.finished_at = RunStatus.RUNNING, now(), None
    checkpoint()
    return run


def _fingerprint(request: ImportRequest, source: str) -> str:
    """SHA-256 of the file and of what the result depends on besides."""
    with request.path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256")
    digest.update(json.dumps([source, request.layout, sorted(request.renamed.items())]).encode())
    return digest.hexdigest()


@contextmanager
def _import_lock(folder: Path, kind: FileKind, fingerprint: str) -> Iterator[None]:
    """Keeps two processes from importing the same file at once; a killed one leaves no lock behind."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{kind}-{fingerprint[:16]}.lock"
    with path.open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise ImportRefused(gettext("This file is being imported by another process.")) from None
        try:
            yield
        finally:
            path.unlink(missing_ok=True)


def _sink(request: ImportRequest, bound: BoundLayout, source: str) -> Sink:
    if bound.layout.kind is FileKind.COURSES:
        return CourseSink(bound.layout, source, request.dry_run, request.assumed)
    if bound.layout.kind is FileKind.LEARNERS:
        return LearnerSink(source, request.dry_run)
    return InteractionSink(bound.layout, source, request.dry_run, request.assumed)


def _next_chunk(numbered: Iterator[tuple[int, Record]]) -> list[tuple[int, Record]]:
    """The next rows that are written together."""
    chunk, characters = [], 0
    for number, record in itertools.islice(numbered, CHUNK):
        chunk.append((number, record))
        characters += len(record.raw)
        if characters >= _CHUNK_CHARACTERS:
            break
    return chunk


def _count_anew() -> None:
    """Count everything anew, as rows of any day have come in: read without a lock, then written in short parts, so that on SQLite others
    can write between them."""
    for find, recount in RECOUNTS:
        with reading_part():
            wrong = find()
        for start in range(0, len(wrong), RECOUNTED_AT_ONCE):
            recount(wrong[start : start + RECOUNTED_AT_ONCE])
            checkpoint()
    with reading_part():
        takers, counted = course_takers_by_goal(), count_days(BEGINNING)
    replace_course_takers_by_goal(takers)
    for group in counted.groups:
        checkpoint()
        store_days(group, counted)
    store_recent_starts(counted)


class _Import:
    """One import under way; without a run it is a dry one."""

    def __init__(
        self,
        request: ImportRequest,
        bound: BoundLayout,
        report: Report,
        run: ImportRun | None,
        path: Path | None,
        progress: Progress,
    ) -> None:
        self.request, self.bound, self.report, self.run, self.path, self.progress = request, bound, report, run, path, progress
        self.sink = _sink(request, bound, report.source)
        self.file: ProblemFile | None = None

    def import_rows(self) -> None:
        """Import the rows of a file: read, write and count them."""
        with Records(self.request.path) as records:
            numbered = zip(itertools.count(), records, strict=False)
            line = self._skip_done_rows(numbered)
            if self.path is not None:
                self.file = ProblemFile(self.path, self.report.file, line)
            try:
                while chunk := _next_chunk(numbered):
                    self._import_chunk(chunk)
                    self.progress(self.report.rows, records.share_read)
                self._finish()
            finally:
                if self.file is not None:
                    self.file.close()

    def _skip_done_rows(self, numbered: Iterator[tuple[int, Record]]) -> int:
        """Pass over the rows an interrupted run has done; the line of the last of them."""
        line = 0
        for number, record in itertools.islice(numbered, self.report.resumed_at):
            line = record.line
            if self.sink.stateful and record.reason is None:
                self.sink.parse(self._row(number, record))
        self.report.rows = self.report.resumed_at
        return line

    def _row(self, number: int, record: Record) -> Row:
        return Row(record, number, self.bound.index, self.bound.names)

    def _import_chunk(self, chunk: list[tuple[int, Record]]) -> None:
        good, problems, bad = [], [], 0
        for number, record in chunk:
            row = self._row(number, record)
            parsed = None
            if record.reason is None:
                parsed = self.sink.parse(row)
            else:
                row.complain("", record.reason)
            if parsed is None:
                bad += 1
            else:
                good.append(parsed)
            problems += row.problems
        self.report.outcome += self.sink.write(good)
        self.report.bad += bad
        self.report.rows += len(chunk)
        self._record_problems(problems)
        self._checkpoint(RunStatus.RUNNING)

    def _record_problems(self, problems: list[Problem]) -> None:
        self.report.warnings += sum(problem.severity == "warning" for problem in problems)
        self.report.reasons.update(problem.column or "row" for problem in problems if problem.severity == "error")
        self.report.first_problems += problems[: _SHOWN - len(self.report.first_problems)]
        if self.file is not None:
            self.file.add(problems)
            self.report.problems_path = self.path if self.file.was_created else None

    def _finish(self) -> None:
        if self.report.rows == 0:
            raise ImportRefused(gettext("%(file)s has a header and no rows.", file=self.report.file))
        self._record_problems(self.sink.finish())
        if self.run is None:
            return
        if self.bound.layout.kind is FileKind.INTERACTIONS:
            self.run.finished_at = now()  # from here on jobs store nothing that they counted before
            _count_anew()
        refresh_planner_statistics()
        self.run.finished_at = now()
        self._checkpoint(RunStatus.SUCCEEDED)

    def _checkpoint(self, status: RunStatus) -> None:
        """Commit the chunk together with how far it got."""
        run, outcome = self.run, self.report.outcome
        if run is None:
            return
        run.status, run.heartbeat_at, run.rows_done, run.rows_bad = status, now(), self.report.rows, self.report.bad
        run.rows_new, run.rows_changed, run.rows_known = outcome.new, outcome.changed, outcome.known
        run.errors_path = str(self.report.problems_path) if self.report.problems_path else None
        checkpoint()
