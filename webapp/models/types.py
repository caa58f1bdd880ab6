"""Column types the models share."""

import json
import zlib
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import BigInteger, DateTime, Integer, LargeBinary, String
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator

from webapp.registries.run_messages import RunMessage, read_message

_KIND = 24
_MESSAGE = 300  # characters of a run's message
# SQLite only numbers rows by itself in a column declared INTEGER.
BigId = BigInteger().with_variant(Integer, "sqlite")


class UtcDateTime(TypeDecorator[datetime]):
    """Aware UTC datetimes in and out; naive ones are refused, because nobody knows what they mean."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """An aware moment as UTC for the database. Raises ValueError for a naive one."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a datetime without time zone cannot be stored")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """The stored moment, aware."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class StrEnumType(TypeDecorator[StrEnum]):
    """A StrEnum stored as short text; adding a member needs no migration. Raises ValueError for an enum with a member that is too long."""

    impl = String(_KIND)  # which SQLite never enforces
    cache_ok = True

    def __init__(self, enum: type[StrEnum]) -> None:
        super().__init__()
        self.enum = enum
        longest = max(enum, key=len)
        if len(longest) > _KIND:
            raise ValueError(f"{enum.__name__} {longest.value!r} is longer than the {_KIND} characters of its columns")

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        """The member's text. Raises ValueError for anything else."""
        return None if value is None else self.enum(value).value

    def process_result_value(self, value: Any, dialect: Dialect) -> StrEnum | None:
        """The member that the stored text names."""
        return None if value is None else self.enum(value)


class CompressedJson(TypeDecorator[Any]):
    """A JSON value that is read rarely, deflated: a tenth of the bytes on disk."""

    impl = LargeBinary
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> bytes | None:
        """The compressed bytes."""
        return None if value is None else zlib.compress(json.dumps(value, separators=(",", ":")).encode(), 6)

    def process_result_value(self, value: bytes | None, dialect: Dialect) -> Any:
        """The stored value, decompressed."""
        return None if value is None else json.loads(zlib.decompress(value))


class RunMessageType(TypeDecorator[RunMessage]):
    """What a run says of itself, as short text; empty text is None."""

    impl = String(_MESSAGE)
    cache_ok = True

    def process_bind_param(self, value: RunMessage | None, dialect: Dialect) -> str:
        """The message's text; what is too long in it is cut."""
        return "" if value is None else value.stored(_MESSAGE)

    def process_result_value(self, value: str | None, dialect: Dialect) -> RunMessage | None:
        """The message; one from before there were codes is a sentence."""
        return read_message(value) if value else None
