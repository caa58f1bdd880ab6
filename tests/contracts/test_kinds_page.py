"""The page of kinds says what the registries declare."""

import re

from tests.kinds_page import PAGE, kinds_page
from webapp.registries.events import EventKind
from webapp.registries.jobs import JOBS
from webapp.registries.notifications import NotificationKind
from webapp.registries.permissions import Permission
from webapp.registries.personal_data import PersonalData


def test_the_page_is_what_make_kinds_writes() -> None:
    assert PAGE.read_text("utf-8") == kinds_page(), "run make kinds"


def test_every_kind_has_a_line_of_its_own() -> None:
    first = re.findall(r"^\| `([^`]+)` \|", kinds_page(), flags=re.MULTILINE)
    assert first == [*EventKind, *NotificationKind, *JOBS, *Permission, *PersonalData]


def test_every_line_has_as_many_cells_as_its_head() -> None:
    for table in re.findall(r"(?:^\|.*\n)+", kinds_page(), flags=re.MULTILINE):
        widths = {len(re.findall(r"(?<!\\)\|", line)) for line in table.splitlines()}
        assert len(widths) == 1
