"""Model versions, job runs, imports and the audit log."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from webapp.extensions import db
from webapp.models.personal_data import OnErase, person_column_info, secret_column_info
from webapp.models.types import RunMessageType, StrEnumType, UtcDateTime
from webapp.registries.personal_data import PersonalData
from webapp.registries.run_messages import RunMessage
from webapp.support.clock import now


class ModelStatus(StrEnum):
    """The live model serves; a held one was worse than it when it was trained; a refused one failed its checks."""

    LIVE = "live"
    HELD = "held"
    RETIRED = "retired"
    REFUSED = "refused"


class ModelVersion(db.Model):  # type: ignore[misc,name-defined]
    """A trained model; the arrays lie in the artifact directory named `version`.

    `metrics` also holds what the gate decided (`gate`) and what was odd about the data (`quality`).
    """

    __tablename__ = "model_versions"

    id: Mapped[int] = mapped_column(primary_key=True)
    version: Mapped[str] = mapped_column(String(64), unique=True)
    status: Mapped[ModelStatus] = mapped_column(StrEnumType(ModelStatus), default=ModelStatus.LIVE, index=True)
    trained_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    seconds: Mapped[float] = mapped_column(default=0.0)
    data_fingerprint: Mapped[str] = mapped_column(String(64), default="")
    n_users: Mapped[int] = mapped_column(default=0)
    n_items: Mapped[int] = mapped_column(default=0)
    n_interactions: Mapped[int] = mapped_column(default=0)
    metrics: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    params: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    job_run_id: Mapped[int | None] = mapped_column(ForeignKey("job_runs.id", ondelete="SET NULL"))


class RunStatus(StrEnum):
    """State of a run of a job or an import."""

    QUEUED = "queued"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"


class JobRun(db.Model):  # type: ignore[misc,name-defined]
    """One run of a background job. `progress` is 0 to 1; a running row whose heartbeat stands still was killed.

    A job has at most one queued or running row, whichever process or machine asks for it. `process_birth` tells the process from a
    later one of the same number; one of its `own_process` may be ended together with the run.
    """

    __tablename__ = "job_runs"
    __table_args__ = (
        Index("ix_job_runs_job_started", "job_id", "started_at"),
        Index(
            "uq_job_runs_active",
            "job_id",
            unique=True,
            sqlite_where=text("status in ('queued', 'running')"),
            postgresql_where=text("status in ('queued', 'running')"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    job_id: Mapped[str] = mapped_column(String(64))
    trigger: Mapped[str] = mapped_column(String(16), default="schedule")
    status: Mapped[RunStatus] = mapped_column(StrEnumType(RunStatus), default=RunStatus.QUEUED)
    started_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    heartbeat_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    progress: Mapped[float] = mapped_column(default=0.0)
    message: Mapped[RunMessage | None] = mapped_column(RunMessageType, nullable=False)
    error: Mapped[str | None] = mapped_column(Text, info=secret_column_info())
    host: Mapped[str] = mapped_column(String(120), default="", info=secret_column_info())
    pid: Mapped[int | None] = mapped_column(info=secret_column_info())
    process_birth: Mapped[int | None] = mapped_column(BigInteger, info=secret_column_info())
    own_process: Mapped[bool] = mapped_column(default=False)
    params: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    deadline_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    cancel_requested_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    requested_by: Mapped[int | None] = mapped_column(
        ForeignKey("users.id", ondelete="SET NULL"), info=person_column_info(PersonalData.DECISIONS, OnErase.DETACH)
    )


INTERACTIONS_IMPORT = "interactions"
"""The kind of the imports that bring events, after which all that counts them is counted anew."""


class ImportRun(db.Model):  # type: ignore[misc,name-defined]
    """One import of one file. `rows_done` is where a restart goes on; bad rows are named in the file `errors_path`; a running
    row whose heartbeat is old was killed."""

    __tablename__ = "import_runs"
    __table_args__ = (Index("ix_import_runs_file", "kind", "file_sha256"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(16))
    layout: Mapped[str] = mapped_column(String(32))
    file_name: Mapped[str] = mapped_column(String(255))
    file_sha256: Mapped[str] = mapped_column(String(64))
    status: Mapped[RunStatus] = mapped_column(StrEnumType(RunStatus), default=RunStatus.RUNNING)
    started_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    heartbeat_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    rows_done: Mapped[int] = mapped_column(default=0)
    rows_new: Mapped[int] = mapped_column(default=0)
    rows_changed: Mapped[int] = mapped_column(default=0)
    rows_known: Mapped[int] = mapped_column(default=0)
    rows_bad: Mapped[int] = mapped_column(default=0)
    errors_path: Mapped[str | None] = mapped_column(String(255))


class AuditEntry(db.Model):  # type: ignore[misc,name-defined]
    """An administrative or automatic decision: who did what to what. Never updated."""

    __tablename__ = "audit_entries"
    __table_args__ = (Index("ix_audit_entries_time", "at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    # What an administrator did stays done.
    actor_id: Mapped[int | None] = mapped_column(
        ForeignKey("users.id", ondelete="SET NULL"), info=person_column_info(PersonalData.DECISIONS, OnErase.DETACH)
    )
    action: Mapped[str] = mapped_column(String(64))
    subject: Mapped[str] = mapped_column(String(120), default="")
    detail: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
