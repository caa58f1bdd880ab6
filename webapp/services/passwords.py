"""What makes a password acceptable, and how it is stored."""

import re
import unicodedata
from typing import Any

from flask_security.utils import hash_password as _hash
from flask_security.utils import verify_password as _verify

from webapp.services.password_disguises import written_forms
from webapp.services.password_words import OTHER_WORDS, SITE_WORDS
from webapp.support.messages import N_, gettext
from webapp.support.text import fold

MIN_LENGTH = 10
MAX_LENGTH = 256
# Guesses, as a power of ten, that an attacker who has stolen the hashes needs: https://dropbox.tech/security/zxcvbn (score 4).
_MIN_GUESSES_LOG10 = 10.0
_MOST_ESTIMATED = 72  # the estimate takes quadratic time, and 72 characters are beyond guessing already

_WORD = re.compile(r"[^\W\d_](?:(?![A-Z])[^\W\d_])+|[A-Z]{3,}")  # a capital begins another
_WORD_LOG10, _LONG_WORD_LOG10 = 6.0, 0.6  # of a word, and of each letter of a long one
# How people without the keys spell them.
_SPELLED_OUT = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "å": "aa", "ø": "oe", "æ": "ae", "ß": "ss"})
_TOO_EASY = N_("This is among the first that are tried. Take something only you would think of, such as a short sentence.")
_ONE_WORD = N_("One word is soon found, with digits around it too. Take several words, such as a short sentence.")
_OWN_WORDS = N_("Take something that is not your name or e-mail address.")


def normalize_password(password: str) -> str:
    """The same password typed on another keyboard: compatible characters are made one (NFKD)."""
    return unicodedata.normalize("NFKD", password)


def password_problems(password: str, *own: str | None) -> list[str]:
    """What speaks against a password, in sentences; empty when nothing does.

    `own` are things of the person that make bad passwords: address and name.
    """
    plain = normalize_password(password)
    if len(plain) < MIN_LENGTH:
        return [gettext("Use at least %(num)s characters; a short sentence works well.", num=MIN_LENGTH)]
    if len(plain) > MAX_LENGTH:
        return [gettext("Use at most %(num)s characters.", num=MAX_LENGTH)]
    words = _own_words(own)
    estimates = [_estimate(form, words) for form in written_forms(plain)]
    weakest = min(estimates, key=lambda estimate: estimate["guesses_log10"])
    if weakest["guesses_log10"] < _MIN_GUESSES_LOG10:
        return [gettext(_OWN_WORDS if _uses_own_words(weakest, words) else _TOO_EASY)]
    return [gettext(_ONE_WORD)] if _guesses_by_words(plain) < _MIN_GUESSES_LOG10 else []


def hash_password(password: str) -> str:
    """An argon2id hash, peppered with the installation's salt; needs an application context."""
    return str(_hash(normalize_password(password)))


def password_matches(password: str, stored: str | None) -> bool:
    """Whether this is the password that was stored."""
    return stored is not None and bool(_verify(normalize_password(password), stored))


def _estimate(password: str, own: list[str]) -> dict[str, Any]:
    """How many guesses it takes (zxcvbn: lists of breached passwords and common words, names, dates, keyboard runs, repeats,
    each also in leet and reversed)."""
    from zxcvbn import zxcvbn  # noqa: PLC0415 - its lists take 14 MB, which a worker that never sees a new password saves

    return dict(zxcvbn(password[:_MOST_ESTIMATED], user_inputs=[*own, *SITE_WORDS, *OTHER_WORDS], max_length=_MOST_ESTIMATED))


def _guesses_by_words(plain: str) -> float:
    """How many guesses it takes, as a power of ten, with a large dictionary of every language.

    No list holds every word. A run of letters counts as one among a million words, or more where it is so long that it may be several;
    everything else counts by character, and so do scripts that set no blanks between words.
    """
    composed = unicodedata.normalize("NFKC", plain)
    runs = [match.group() for match in _WORD.finditer(composed) if match.group().lower() != match.group().upper()]
    return len(composed) - sum(len(run) - min(len(run), max(_WORD_LOG10, _LONG_WORD_LOG10 * len(run))) for run in runs)


def _own_words(own: tuple[str | None, ...]) -> list[str]:
    """Name and address, whole, without what joins their parts, and each part; also as other keyboards write them."""
    words: dict[str, None] = {}
    for text in filter(None, own):
        composed = unicodedata.normalize("NFKC", text).casefold()
        for spelling in (composed, fold(composed), composed.translate(_SPELLED_OUT), _in_latin_letters(composed).lower().replace("'", "")):
            for piece in (spelling, *spelling.split("@")):
                parts = re.split(r"[\W_]+", piece)
                words |= dict.fromkeys([piece, "".join(parts), "".join(reversed(parts)), *parts])
    return [word for word in words if len(word) >= 3]


def _in_latin_letters(text: str) -> str:
    """Text as people write it whose keys have no other letters."""
    if text.isascii():
        return text
    from text_unidecode import unidecode  # type: ignore[import-untyped]  # noqa: PLC0415 - 4 MB of letters; see _estimate

    return str(unidecode(text))


def _uses_own_words(estimate: dict[str, Any], words: list[str]) -> bool:
    matched = (str(part.get("matched_word", "")) for part in estimate["sequence"])
    repeated = (str(part.get("base_token", "")).casefold() for part in estimate["sequence"])
    return bool({*matched, *repeated} & set(words))
