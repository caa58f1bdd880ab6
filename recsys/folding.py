"""Folding: the one form in which text is compared, looked up and sorted, by this library and by the platform around it.

Standard library only.
"""

import re
import unicodedata

_PLAIN = str.maketrans(
    {
        **dict.fromkeys("\u2018\u2019\u201a\u201b\u2032\u02bc\u02b9\u02bb\u055a\ua78c\uff07\u0060\u00b4\u1fef\u1ffd", "'"),
        **dict.fromkeys("\u02bd\u02be\u02bf\u2035\u05f3\u07f4\u07f5", "'"),  # in names from Arabic and Hawaiian, in Hebrew and N'Ko
        **dict.fromkeys("\u201c\u201d\u201e\u201f\u2033\u00ab\u00bb\u2039\u203a\u301d\u301e\u301f\uff02\u02ee\u2036\u05f4", '"'),
        **dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015\u2212\u2043\ufe58\ufe63\uff0d", "-"),
        **dict.fromkeys("\u058a\u05be\u1400\u1806\u2e17\u2e1a\u2e3a\u2e3b\u2e40\u2e5d\u30a0\U00010ead", "-"),
        **dict.fromkeys("\u301c\u3030", "~"),
        **dict.fromkeys("\u2044\u2215", "/"),  # ½ is 1/2
        "\u06cc": "\u064a",  # two keyboards, one letter: yeh and kaf of Persian and Arabic
        "\u06a9": "\u0643",
        # letters whose stroke is no mark that could be taken off
        **dict(zip("øłđħŧƀȼɇǥɨɉƚɍƶⱥⱦɏ", "oldhtbcegijlrzaty", strict=True)),
        "ı": "i",
        "æ": "ae",
        "œ": "oe",
        "þ": "th",
        "ð": "d",
        "\u0640": None,  # the Arabic stretcher of words
    }
)
_STRUCK_LETTER = re.compile(r"(?<=\w)[\u0334-\u0338]+")
_LOOSE_TAGS = re.compile("(\U0001f3f4[\U000e0020-\U000e007e]+\U000e007f)|[\U000e0000-\U000e007f]")


def without_stray_unicode_tags(text: str) -> str:
    """Text without the invisible tag characters that do not spell the name of a flag, such as England's after a black flag."""
    return _LOOSE_TAGS.sub(r"\1", text)


def fold(text: str) -> str:
    """The one form in which text is looked up and sorted: compatible characters made one (NFKD), no case, no marks, plain
    apostrophes and dashes, single blanks. Symbols stay: `C`, `C++` and `C#` are three, and so are `=` and `≠`.

    Marks that make another letter, as in Japanese, Thai and the scripts of India, stay too.
    """
    if text.isascii():
        return " ".join(text.replace("`", "'").lower().split())
    plain = unicodedata.normalize("NFKD", without_stray_unicode_tags(text).translate(_PLAIN)).casefold()
    letters = unicodedata.normalize("NFKD", plain.translate(_PLAIN)).translate(_KEPT)
    return " ".join(unicodedata.normalize("NFC", _STRUCK_LETTER.sub("", letters)).split())


class _Kept(dict[int, int | None]):
    """What folding makes of a character by its code: itself, or None where it is left out. Filled as characters are met."""

    def __missing__(self, code: int) -> int | None:
        self[code] = None if _is_dropped(chr(code)) else code
        return self[code]


_KEPT = _Kept()


def _is_dropped(letter: str) -> bool:
    """Whether folding leaves a character out: marks above and below letters, vowel points of Hebrew and Arabic, and what is
    invisible. Tags are left here: those without a flag are gone already."""
    if letter.isascii() or "\U000e0020" <= letter <= "\U000e007f":
        return False
    place = unicodedata.combining(letter)
    return place >= 200 or 10 <= place <= 35 or unicodedata.category(letter) == "Cf" or _is_variation_selector(letter)


def _is_variation_selector(letter: str) -> bool:
    """Variation selectors, joiners of graphemes and fillers: they choose or hold a shape and are nothing by themselves."""
    return "\ufe00" <= letter <= "\ufe0f" or "\U000e0100" <= letter <= "\U000e01ef" or letter in _SHAPERS


_SHAPERS = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180f")
