"""What a registry declares is used: a permission that nothing asks for protects nothing, a kind that nobody tells is a promise."""

import re
from enum import StrEnum
from pathlib import Path

import pytest

from webapp.registries.events import CARD_ACTIONS, IMPORTABLE, EventKind
from webapp.registries.jobs import JOBS
from webapp.registries.notifications import Channel, NotificationKind
from webapp.registries.permissions import Permission
from webapp.registries.run_messages import RunCode
from webapp.services.notifications import CHANNELS

ROOT = Path(__file__).resolve().parents[3]
OUTSIDE = "\n".join(path.read_text() for path in sorted((ROOT / "webapp").rglob("*.py")) if "registries" not in path.parts)
IN_DECLARATIONS = frozenset(permission for job in JOBS.values() for permission in (job.permission,)) | frozenset(
    notice for job in JOBS.values() if (notice := job.failure_notice)
)


def unused(registry: type[StrEnum], code: str) -> list[str]:
    """Members that the code names nowhere and no declaration asks for."""
    named = set(re.findall(rf"\b{registry.__name__}\.([A-Z_]+)\b", code))
    return [member.name for member in registry if member.name not in named and member not in IN_DECLARATIONS]


@pytest.mark.parametrize("registry", [Permission, NotificationKind], ids=lambda registry: registry.__name__)
def test_each_member_is_used(registry: type[StrEnum]) -> None:
    assert unused(registry, OUTSIDE) == [], "declared and used nowhere outside the registries"


def test_each_kind_of_event_comes_from_code_from_a_card_or_from_files() -> None:
    assert set(unused(EventKind, OUTSIDE)) <= {kind.name for kind in (*CARD_ACTIONS, *IMPORTABLE)}, "nothing can ever write it"


def test_each_thing_a_run_can_say_is_said_by_a_job_and_has_its_words() -> None:
    saying = "\n".join(
        path.read_text() for path in sorted((ROOT / "webapp").rglob("*.py")) if path.parts[-2] not in ("registries", "wording")
    )
    assert unused(RunCode, saying) == []


def test_what_nobody_names_is_seen() -> None:
    assert unused(Permission, "require(actor, Permission.SEE_STUDIO)\nPermission.SEE_STUDIO_TOO")[:1] == ["LEARN_COURSE"]
    assert "SEE_STUDIO" not in unused(Permission, "require(actor, Permission.SEE_STUDIO)")


@pytest.mark.parametrize("kind", list(NotificationKind))
def test_a_kind_goes_by_ways_that_exist(kind: NotificationKind) -> None:
    assert kind.spec.channels <= CHANNELS <= set(Channel)
