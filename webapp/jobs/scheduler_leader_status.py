"""Whether somebody runs the scheduler, asked from outside: no process of this installation needs to be the one."""

import fcntl
import os
from dataclasses import dataclass, replace
from pathlib import Path

from sqlalchemy import text

from webapp.config import Settings
from webapp.extensions import db
from webapp.jobs.leader_lock import ADVISORY_KEY

_LOW = 2**32


@dataclass(frozen=True, slots=True)
class Leadership:
    """How scheduling stands. Who leads, where that is known: a process by its number and host, or a server by its address.
    `switched_on` is this one's setting."""

    led: bool
    pid: str = ""
    host: str = ""
    address: str = ""
    switched_on: bool = True


def current_leader(settings: Settings) -> Leadership:
    """Who holds the scheduler's lock at this moment."""
    held = (
        _advisory_lock_holder()
        if settings.database_url.startswith("postgresql")
        else _file_lock_holder(settings.instance_dir / "scheduler.lock")
    )
    return replace(held, switched_on=settings.scheduler)


def _file_lock_holder(path: Path) -> Leadership:
    """A shared lock is refused while the leader holds its own; ours is gone again before anybody could mind."""
    try:
        file = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return Leadership(False)
    try:
        fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError:
        host, _, pid = os.read(file, 400).decode(errors="replace").strip().rpartition(" ")
        return Leadership(True, pid, host) if host else Leadership(True)
    finally:
        os.close(file)
    return Leadership(False)


def _advisory_lock_holder() -> Leadership:
    query = text(
        "select l.pid, host(a.client_addr) from pg_locks l left join pg_stat_activity a on a.pid = l.pid"
        " where l.locktype = 'advisory' and l.granted and l.classid::bigint = :high and l.objid::bigint = :low and l.objsubid = 1"
        " and l.database = (select oid from pg_database where datname = current_database())"
    )
    row = db.session.execute(query, {"high": ADVISORY_KEY // _LOW, "low": ADVISORY_KEY % _LOW}).first()
    return Leadership(row is not None, address=(row[1] or "") if row is not None else "")
