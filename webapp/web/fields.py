"""Form fields that take what people type: names with blanks and controls, numbers with a point or a comma."""

from decimal import Decimal
from typing import Any

from wtforms import StringField, ValidationError

from webapp.support.messages import gettext
from webapp.support.numbers import parse_number, plain_number
from webapp.support.text import clean_line


class LineField(StringField):  # type: ignore[misc]
    """One line of text, cleaned."""

    def process_formdata(self, valuelist: list[Any]) -> None:
        """Take the line as it is typed and clean it."""
        if valuelist:
            self.data = clean_line(valuelist[0])


class NumberField(StringField):  # type: ignore[misc]
    """A number in the notation of the reader; shown again as it was typed while it is refused. `data` is a Decimal or None."""

    data: Decimal | None

    def __init__(self, label: str, *, low: Decimal, high: Decimal, unit: str, **options: Any) -> None:
        super().__init__(label, **options)
        self._low, self._high, self._unit = low, high, unit

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return "" if self.data is None else plain_number(self.data)

    def process_formdata(self, valuelist: list[Any]) -> None:
        """Read the number. Raises ValueError with the sentence that stands at the field."""
        self.data = None
        if not valuelist or not valuelist[0].strip():
            return
        try:
            self.data = parse_number(valuelist[0])
        except ValueError:
            raise ValueError(gettext("Type a number of %(unit)s, such as 2 or 2.5.", unit=self._unit)) from None

    def pre_validate(self, form: Any) -> None:
        """Refuse what is out of range."""
        if self.data is not None and not self._low <= self.data <= self._high:
            low, high = plain_number(self._low), plain_number(self._high)
            raise ValidationError(gettext("Between %(low)s and %(high)s %(unit)s.", low=low, high=high, unit=self._unit))
