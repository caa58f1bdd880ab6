"""The pseudo-locale: English with accents, 40 % longer, for pages that are tried from right to left before a translation exists."""

import re
from functools import lru_cache

TAG = "en-XA"
_GROWTH = 0.4
_KEPT = re.compile(r"(%\(\w+\)[.\d]*[a-z]|%%|\{[^{}]*\}|<[^<>]*>|&#?\w+;)")
"""What is no text: values, markup, entities."""
_ACCENTS = str.maketrans("AaBbCcDdEeGgHhIiJjKkLlNnOoRrSsTtUuWwYyZz", "ÁáƁƀĆćĎďÉéĜĝĤĥÍíĴĵĶķĹĺŃńÓóŔŕŚśŤťÚúŴŵÝýŹź")
_FILLING = " ĺóŕéḿ íṕśúḿ ďóĺóŕ śíť áḿéť"


class PseudoCatalog:
    """A catalog made from the English messages as they are asked for."""

    def gettext(self, message: str) -> str:
        """The message accented and made longer; values, braces and markup stay."""
        return _pseudo(message)

    def ngettext(self, singular: str, plural: str, count: int) -> str:
        """The form that English chooses, accented and made longer."""
        return _pseudo(singular if count == 1 else plural)


@lru_cache(maxsize=4096)
def _pseudo(message: str) -> str:
    parts = _KEPT.split(message)
    letters = sum(len(part) for part in parts[::2])
    if not any(part.strip() for part in parts[::2]):
        return message
    accented = "".join(part if n % 2 else part.translate(_ACCENTS) for n, part in enumerate(parts))
    missing = max(2, round(letters * _GROWTH))
    filling = (_FILLING * (missing // len(_FILLING) + 1))[:missing].rstrip()
    body = accented.rstrip()
    return f"{body}{filling}{accented[len(body) :]}"
