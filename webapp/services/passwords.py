"""What makes a password acceptable, and how it is stored."""

import re
import unicodedata
from itertools import pairwise

from flask_security.utils import hash_password as _hash
from flask_security.utils import verify_password as _verify

MIN_LENGTH = 10
MAX_LENGTH = 256
_MIN_DIGITS = 14

# What people try first, without the digits and marks around it. Longer lists only slow guessing down as much as the
# rate limit does already.
_COMMON = """
password passwort contrasena motdepasse passw0rd pa55word letmein welcome iloveyou iloveu admin administrator changeme
qwerty qwertyuiop qwertz qwertzuiop azerty azertyuiop asdfgh asdfghjkl zxcvbn zxcvbnm qazwsx qazwsxedc 1q2w3e4r 1q2w3e4r5t
qwe asd abc abcd abcdef abcdefg abcdefgh abcdefghij superman batman pokemon dragon monkey football baseball basketball
princess sunshine shadow master michael jennifer jordan hunter trustno starwars whatever computer internet samsung google
liverpool chelsea arsenal barcelona charlie freedom mustang secret summer winter spring autumn test testing guest login
hello helloworld waymark waymarkcourses learning course courses student teacher
"""
_COMMON_WORDS = frozenset(_COMMON.split())
_DECORATION = re.compile(r"^[\W\d_]+|[\W\d_]+$")


def normalize_password(password: str) -> str:
    """The same password typed on another keyboard: compatible characters are made one (NFKD)."""
    return unicodedata.normalize("NFKD", password)


def password_problems(password: str, *own: str | None) -> list[str]:
    """What speaks against a password, in sentences; empty when nothing does.

    `own` are things of the person that make bad passwords: address and name.
    """
    plain = normalize_password(password)
    if len(plain) < MIN_LENGTH:
        return [f"Use at least {MIN_LENGTH} characters; a short sentence works well."]
    if len(plain) > MAX_LENGTH:
        return [f"Use at most {MAX_LENGTH} characters."]
    if _is_common(plain):
        return ["This is among the first that are tried. Take something only you would think of, such as a short sentence."]
    if _repeats_own(plain, own):
        return ["Take something that is not your name or e-mail address."]
    return []


def hash_password(password: str) -> str:
    """An argon2id hash, peppered with the installation's salt; needs an application context."""
    return str(_hash(normalize_password(password)))


def password_matches(password: str, stored: str | None) -> bool:
    """Whether this is the password that was stored."""
    return stored is not None and bool(_verify(normalize_password(password), stored))


def _is_common(password: str) -> bool:
    lowered = password.casefold()
    core = _DECORATION.sub("", lowered)
    steps = {ord(b) - ord(a) for a, b in pairwise(lowered)}
    only_digits = not core and len(lowered) < _MIN_DIGITS
    return only_digits or bool({core, lowered} & _COMMON_WORDS) or len(steps) == 1 or len(set(lowered)) <= 3


def _repeats_own(password: str, own: tuple[str | None, ...]) -> bool:
    lowered = _letters(password)
    for thing in own:
        for part in (thing or "", (thing or "").partition("@")[0]):
            known = _letters(part)
            if len(known) >= 4 and known in lowered and len(lowered) - len(known) < 4:
                return True
    return False


def _letters(text: str) -> str:
    return re.sub(r"[\W_]+", "", text.casefold())
