"""What makes a password acceptable, and how it is stored."""

import re
import unicodedata
from typing import Any

from flask_security.utils import hash_password as _hash
from flask_security.utils import verify_password as _verify

from webapp.support.messages import N_, gettext
from webapp.support.text import fold

MIN_LENGTH = 10
MAX_LENGTH = 256
# Guesses, as a power of ten, that an attacker who has stolen the hashes needs: https://dropbox.tech/security/zxcvbn (score 4).
_MIN_GUESSES_LOG10 = 10.0
_MOST_ESTIMATED = 72  # the estimate takes quadratic time, and 72 characters are beyond guessing already

SITE_WORDS = ("waymark", "waymarkcourses", "courses", "course", "learning", "learner", "student", "teacher", "creator", "sample")
# The packaged lists are English: what people of other languages try first.
_FOREIGN_WORDS = """
passwort kennwort geheim willkommen sommer winter herbst hallo schatz motdepasse bonjour soleil azerty contrasena contraseña hola teamo
amorcito bienvenido senha brasil wachtwoord welkom geheim1 haslo hasło parola ciao amore juventus sifre şifre losenord lösenord salasana
heslo jelszo пароль привет любовь наташа qwertz qwertzuiop yxcvbnm azertyuiop qsdfghjklm wxcvbn 密码 パスワード 비밀번호 geburtstag
lehrer lehrerin schüler schule liebe ichliebedich liebling engel sonne sonnenschein frühling fussball deutschland berlin arschloch
januar februar märz juni juli august oktober dezember montag dienstag mittwoch donnerstag freitag samstag sonntag anniversaire étudiant
professeur école jetaime monamour chouchou coucou doudou printemps été hiver automne janvier février juillet août décembre lundi mardi
mercredi jeudi vendredi samedi dimanche marseille estudiante profesor escuela cumpleaños tequiero tequieromucho mivida miamor corazón
estrella mariposa princesa verano invierno primavera enero febrero julio agosto diciembre lunes martes miércoles jueves viernes sábado
domingo estudante aluno aluna escola aniversário eteamo amor saudade gostosa flamengo corinthians palmeiras verão inverno janeiro
fevereiro julho dezembro segunda studente scuola tiamo tivoglio buongiorno compleanno estate gennaio luglio lunedi venerdi domenica
napoli student leerling leraar school ikhouvanjou liefde schatje zomer lente herfst januari augustus maandag vrijdag zondag voetbal
kocham kochamcie kochanie szkoła nauczyciel misiaczek kotek lato zima wiosna polska szeretlek iskola diák tanár kiscica szerelem miluji
milacek škola léto askim aşkım seniseviyorum öğrenci öğretmen okul galatasaray fenerbahce beşiktaş yaz kış älskling jagälskardig sommar
vinter skola fotboll jegelskerdeg elskling rakkaus kesä talvi koulu jalkapallo ucitel dragoste teiubesc matkhau emyeuanh anhyeuem sayang
cinta sayasayangkamu bismillah inshallah alhamdulillah mahal iloveyou mahalkita студент школа учитель солнышко люблю ятебялюблю лето
зима весна осень спартак зенит москва россия украина наруто женя аноним woaini aini kimochi sakura arigato ohayou 사랑해 愛してる さくら
ありがとう iphone samsung minecraft fortnite roblox ilovemymom ilovemydad ilovemom mylove
"""
_OTHER_WORDS = tuple(dict.fromkeys(spelling for word in _FOREIGN_WORDS.split() for spelling in (word, fold(word))))
_WORD = re.compile(r"[^\W\d_](?:(?![A-Z])[^\W\d_])+|[A-Z]{3,}")  # a capital begins another
_WORD_LOG10, _LONG_WORD_LOG10 = 6.0, 0.6  # of a word, and of each letter of a long one
# How people without the keys spell them.
_SPELLED_OUT = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "å": "aa", "ø": "oe", "æ": "ae", "ß": "ss"})
# The same keys under a Russian and a Greek layout: runs over them are runs.
_CYRILLIC_KEYS = str.maketrans("йцукенгшщзхъфывапролджэячсмитьбю", "qwertyuiop[]asdfghjkl;'zxcvbnm,.")
_SHIFTED = str.maketrans("!@#$%^&*()_+", "1234567890-=")
_AZERTY_DIGITS = str.maketrans("&é\"'(-è_çà", "1234567890")
_GREEK_KEYS = str.maketrans("ςερτυθιοπασδφγηξκλζχψωβνμ", "wertyuiopasdfghjklzxcvbnm")

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
    estimates = [_estimate(form, words) for form in _written_forms(plain)]
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


def _written_forms(plain: str) -> set[str]:
    """The password as typed, composed, without marks, without the shift key, and as its keys would write it under a Latin layout."""
    composed = unicodedata.normalize("NFKC", plain).casefold()
    return {plain, composed, fold(plain), *(composed.translate(keys) for keys in (_SHIFTED, _AZERTY_DIGITS, _CYRILLIC_KEYS, _GREEK_KEYS))}


def _estimate(password: str, own: list[str]) -> dict[str, Any]:
    """How many guesses it takes (zxcvbn: lists of breached passwords and common words, names, dates, keyboard runs, repeats,
    each also in leet and reversed)."""
    from zxcvbn import zxcvbn  # noqa: PLC0415 - its lists take 14 MB, which a worker that never sees a new password saves

    return dict(zxcvbn(password[:_MOST_ESTIMATED], user_inputs=[*own, *SITE_WORDS, *_OTHER_WORDS], max_length=_MOST_ESTIMATED))


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
