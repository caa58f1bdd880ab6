"""Import of learners and creators: accounts without e-mail and password, identified by the id their source gave them."""

import hashlib
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from webapp.extensions import db
from webapp.importing import cells
from webapp.importing.bulk import ids_by, insert_new
from webapp.importing.cells import Row
from webapp.importing.outcome import ImportCounts
from webapp.importing.vocabulary import Vocabulary, warn_of_long_names
from webapp.models.user import Profile, ProfileTopic, Role, User
from webapp.support.clock import now
from webapp.support.messages import gettext
from webapp.support.text import by_folded, fold


class Accounts:
    """Ids of a source's accounts by external id; makes those that are missing. In a dry run made ones get negative ids."""

    def __init__(self, source: str, dry: bool, role: Role = Role.LEARNER) -> None:
        self.source, self.dry, self.role = source, dry, role
        self.ids = ids_by(User, User.external_id, None, User.source == source, User.role == role)

    def create_missing(self, external: Mapping[str, Mapping[str, Any]]) -> int:
        """Make the accounts that are missing, with these columns; how many that were."""
        missing = [name for name in external if name not in self.ids]
        if self.dry:
            self.ids.update((name, -1 - len(self.ids) - place) for place, name in enumerate(missing))
        elif missing:
            insert_new(User, [self._row(name, external[name]) for name in missing])
            self.ids |= ids_by(User, User.external_id, missing, User.source == self.source)
        return len(missing)

    def _row(self, external_id: str, columns: Mapping[str, Any]) -> dict[str, Any]:
        row: dict[str, Any] = {"source": self.source, "external_id": external_id, "role": self.role, "active": False, "created_at": now()}
        return row | {"name": gettext("Learner %(id)s", id=external_id), "fs_uniquifier": uuid.uuid4().hex, **columns}


class Creators:
    """Accounts of a source's creators, by folded name."""

    def __init__(self, source: str, dry: bool) -> None:
        self._accounts = Accounts(source, dry, Role.CREATOR)
        self._ids = ids_by(User, User.name_folded, None, User.source == source, User.role == Role.CREATOR)

    def create_missing(self, names: Iterable[str]) -> None:
        """Make the creators that are missing."""
        missing = {folded: name for folded, name in by_folded(names).items() if folded not in self._ids}
        self._accounts.create_missing({_creator_key(folded): {"name": name} for folded, name in missing.items()})
        self._ids |= {folded: self._accounts.ids[_creator_key(folded)] for folded in missing}

    def id_of(self, name: str) -> int | None:
        """The account of a creator."""
        return self._ids.get(fold(name))


def _creator_key(folded: str) -> str:
    return "creator:" + hashlib.blake2b(folded.encode(), digest_size=10).hexdigest()


@dataclass(slots=True)
class LearnerIn:
    """A row of a learners file."""

    external_id: str
    name: str | None
    created_at: datetime | None
    level: str | None
    weekly_minutes: int | None
    topics: tuple[str, ...] = field(default=())


class LearnerSink:
    """Writes learners: account, and a profile where the file says something about them."""

    stateful = True

    def __init__(self, source: str, dry: bool) -> None:
        self._accounts, self._vocabulary = Accounts(source, dry), Vocabulary(dry)
        self._seen = cells.SeenIds()
        self.new_courses: set[str] = set()
        self._dry = dry

    def parse(self, row: Row) -> LearnerIn | None:
        """The learner of a row, unless it has problems."""
        level = row.parse_field("level", cells.level, None)
        learner = LearnerIn(
            external_id=row.parse_field("learner_id", cells.identifier, "", required=True),
            name=row.parse_field("name", cells.short_text_parser(cells.MAX_NAME), None),
            created_at=row.parse_field("created", cells.moment, None),
            level=level.value if level else None,
            weekly_minutes=row.parse_field("weekly_minutes", cells.week_minutes, None),
            topics=row.parse_field("topics", cells.few_names, cells.NO_NAMES),
        )
        self._seen.check(row, "learner_id", learner.external_id)
        warn_of_long_names(row, "topics", learner.topics)
        return None if row.has_errors else learner

    def write(self, learners: Sequence[LearnerIn]) -> ImportCounts:
        """Add the learners that are not there yet."""
        new = list({row.external_id: row for row in learners if row.external_id not in self._accounts.ids}.values())
        self._accounts.create_missing({learner.external_id: _columns(learner) for learner in new})
        if not self._dry:
            self._add_profiles([learner for learner in new if learner.level or learner.weekly_minutes or learner.topics])
        return ImportCounts(new=len(new), known=len(learners) - len(new))

    def _add_profiles(self, learners: Sequence[LearnerIn]) -> None:
        self._vocabulary.ensure_topics(name for learner in learners for name in learner.topics)
        ids = self._accounts.ids
        insert_new(
            Profile,
            [{"user_id": ids[row.external_id], "level": row.level, "weekly_minutes": row.weekly_minutes} for row in learners],
        )
        topics = {(ids[row.external_id], topic) for row in learners for topic in self._vocabulary.topic_ids(row.topics)}
        insert_new(ProfileTopic, [{"user_id": user, "topic_id": topic} for user, topic in sorted(topics)])

    def finish(self) -> list[Any]:
        """End of the import: nothing is left to do."""
        db.session.flush()
        return []


def _columns(learner: LearnerIn) -> dict[str, Any]:
    columns: dict[str, Any] = {}
    if learner.name:
        columns["name"] = learner.name
    if learner.created_at:
        columns["created_at"] = learner.created_at
    return columns
