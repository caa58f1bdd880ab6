"""Column types: what does not fit is refused where it is declared, since SQLite would store it all the same."""

from enum import StrEnum

import pytest

from webapp.models.types import StrEnumType


def test_a_kind_longer_than_its_column_is_refused() -> None:
    fitting, too_long = StrEnum("Fitting", {"KIND": "k" * 24}), StrEnum("TooLong", {"SHORT": "k", "LONG": "k" * 25})
    StrEnumType(fitting)
    with pytest.raises(ValueError, match="k" * 25):
        StrEnumType(too_long)
