"""What is stored as a code has a name that is looked up, for each code there is."""

import pytest

from webapp.importing.layout import FileKind
from webapp.models.course import Level
from webapp.support.messages import language_context
from webapp.support.pseudo_locale import PseudoCatalog
from webapp.wording.imports import file_kind_name
from webapp.wording.levels import level_name


@pytest.mark.parametrize("level", list(Level))
def test_each_level_has_a_name(level: Level) -> None:
    assert level_name(level.value) == level.value.capitalize()
    with language_context(PseudoCatalog()):
        assert level_name(level.value) != level.value.capitalize()


@pytest.mark.parametrize("kind", list(FileKind))
def test_each_kind_of_file_has_a_name(kind: FileKind) -> None:
    assert file_kind_name(kind.value) == kind.value.capitalize()
    with language_context(PseudoCatalog()):
        assert file_kind_name(kind.value) != kind.value.capitalize()


def test_a_kind_of_another_version_is_called_as_it_is() -> None:
    assert file_kind_name("badges") == "badges"


def test_what_is_no_level_has_no_name() -> None:
    with pytest.raises(ValueError, match="expert"):
        level_name("expert")
