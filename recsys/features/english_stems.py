"""English stems: Porter's second stemmer ("English" of Snowball, https://snowballstem.org/algorithms/english/stemmer.html).

The same stems as NLTK's, letter for letter (stored vocabularies were made with those), without what NLTK brings along: it imports
scikit-learn wherever that is installed, and a process that serves pages would carry 60 MB for the words of one new course.
"""

from itertools import pairwise

_VOWELS = frozenset("aeiouy")
_DOUBLES = ("bb", "dd", "ff", "gg", "mm", "nn", "pp", "rr", "tt")
_BEFORE_LI = frozenset("cdeghkmnrt")
_STARTS = ("gener", "commun", "arsen")
"""Beginnings whose first region is what follows them."""
_LONG_STARTS = {start[:5]: len(start) for start in _STARTS}
_EXCEPTIONS = {
    "skis": "ski",
    "skies": "sky",
    "dying": "die",
    "lying": "lie",
    "tying": "tie",
    "idly": "idl",
    "gently": "gentl",
    "ugly": "ugli",
    "early": "earli",
    "only": "onli",
    "singly": "singl",
    **{word: word for word in ("sky", "news", "howe", "atlas", "cosmos", "bias", "andes")},
    **{word + ending: word for word in ("inning", "outing", "canning", "herring", "earring") for ending in ("", "s")},
    **{word + ending: word for word in ("proceed", "exceed", "succeed") for ending in ("", "s", "ed", "ing")},
}
_APOSTROPHES = dict.fromkeys(map(ord, "’‘‛"), "'")
# What takes the place of an ending, or how many of its letters go; the first ending that fits counts.
_STEP_2: dict[str, str | int] = {
    "ization": "ize",
    "ational": "ate",
    "fulness": 4,
    "ousness": "ous",
    "iveness": "ive",
    "tional": 2,
    "biliti": "ble",
    "lessli": 2,
    "entli": 2,
    "ation": "ate",
    "alism": "al",
    "aliti": "al",
    "ousli": "ous",
    "iviti": "ive",
    "fulli": 2,
    "enci": "ence",
    "anci": "ance",
    "abli": "able",
    "izer": "ize",
    "ator": "ate",
    "alli": "al",
    "bli": "ble",
    "ogi": 1,
    "li": 2,
}
_LAST_LETTER = frozenset({"enci", "anci", "abli"})
_KEEP_E = frozenset({"ational", "ation", "ator", "iveness", "iviti"})
"""Endings whose second region becomes "e" where it does not hold them whole: NLTK's reading, which later steps rest on."""
_STEP_3: dict[str, str | int] = {
    "ational": "ate",
    "tional": 2,
    "alize": 3,
    "icate": "ic",
    "iciti": "ic",
    "ative": 5,
    "ical": "ic",
    "ness": 4,
    "ful": 3,
}
_ENDINGS_2, _ENDINGS_3 = tuple(_STEP_2), tuple(_STEP_3)
_STEP_4 = ("ement", "ance", "ence", "able", "ible", "ment", "ant", "ent", "ism", "ate", "iti", "ous", "ive", "ize", "ion", "al", "er", "ic")
_VERB_ENDINGS = ("eedly", "ingly", "edly", "eed", "ing", "ed")


class _Word:
    """A word and its two regions: what follows the first consonant after a vowel, and what follows the next such one."""

    __slots__ = ("first", "second", "text")

    def __init__(self, text: str) -> None:
        self.text = text
        self.first = text[_LONG_STARTS[text[:5]] :] if text.startswith(_STARTS) else _region(text)
        self.second = _region(self.first)

    def cut(self, count: int) -> None:
        """Drop letters at the end."""
        self.text, self.first, self.second = self.text[:-count], self.first[:-count], self.second[:-count]

    def replace(self, ending: str, new: str, second: str = "") -> None:
        """Put `new` in place of an ending; a region that does not hold all of it is empty then, the second becomes `second`."""
        size = len(ending)
        self.text = self.text[:-size] + new
        self.first = self.first[:-size] + new if len(self.first) >= size else ""
        self.second = self.second[:-size] + new if len(self.second) >= size else second


def english_stem(word: str) -> str:
    """The stem of a lower-case word."""
    if len(word) <= 2:
        return word
    if word in _EXCEPTIONS:
        return _EXCEPTIONS[word]
    stem = _Word(_marked(word))
    _drop_possessive(stem)
    _drop_plural(stem)
    _drop_verb_ending(stem)
    _y_to_i(stem)
    _shorten(stem, _STEP_2, _ENDINGS_2)
    _shorten(stem, _STEP_3, _ENDINGS_3)
    _drop_suffix(stem)
    return _without_last_e_or_l(stem).replace("Y", "y")


def _marked(word: str) -> str:
    """The word with a capital Y for each y that is a consonant: at the start and after a vowel."""
    word = word.translate(_APOSTROPHES).removeprefix("'")
    if "y" not in word:
        return word
    letters = list(word)
    for place, letter in enumerate(letters):
        if letter == "y" and (place == 0 or letters[place - 1] in _VOWELS):
            letters[place] = "Y"
    return "".join(letters)


def _region(letters: str) -> str:
    for place, (before, letter) in enumerate(pairwise(letters)):
        if letter not in _VOWELS and before in _VOWELS:
            return letters[place + 2 :]
    return ""


def _ending(text: str, endings: tuple[str, ...]) -> str:
    """The first of the endings that the text has, "" where none fits."""
    if not text.endswith(endings):  # most words have none: one call says so
        return ""
    return next(ending for ending in endings if text.endswith(ending))


def _has_vowel(letters: str) -> bool:
    return not _VOWELS.isdisjoint(letters)


def _drop_possessive(word: _Word) -> None:
    for ending in ("'s'", "'s", "'"):
        if word.text.endswith(ending):
            word.cut(len(ending))
            return


def _drop_plural(word: _Word) -> None:
    text = word.text
    if text.endswith("sses"):
        word.cut(2)
    elif text.endswith(("ied", "ies")):
        word.cut(2 if len(text) > 4 else 1)
    elif text.endswith("s") and not text.endswith(("us", "ss")) and _has_vowel(text[:-2]):
        word.cut(1)


def _drop_verb_ending(word: _Word) -> None:
    ending = _ending(word.text, _VERB_ENDINGS)
    if ending in ("eed", "eedly"):
        if word.first.endswith(ending):
            word.replace(ending, "ee")
    elif ending and _has_vowel(word.text[: -len(ending)]):
        word.cut(len(ending))
        _mend_end(word)


def _mend_end(word: _Word) -> None:
    """What is left of hoping, hopping and hop(e)ing."""
    if word.text.endswith(("at", "bl", "iz")):
        word.text += "e"
        word.first += "e"
        if len(word.text) > 5 or len(word.first) >= 3:
            word.second += "e"
    elif word.text.endswith(_DOUBLES):
        word.cut(1)
    elif not word.first and _ends_short(word.text):
        word.text += "e"
        if word.second:
            word.second += "e"


def _ends_short(text: str) -> bool:
    """Whether a short syllable ends the word: consonant, vowel, consonant other than w, x and Y, or both letters of a word of two."""
    if len(text) == 2:
        return text[0] in _VOWELS and text[1] not in _VOWELS
    return len(text) >= 3 and text[-1] not in _VOWELS and text[-1] not in "wxY" and text[-2] in _VOWELS and text[-3] not in _VOWELS


def _y_to_i(word: _Word) -> None:
    if len(word.text) > 2 and word.text[-1] in "yY" and word.text[-2] not in _VOWELS:
        word.replace(word.text[-1], "i")


def _shorten(word: _Word, changes: dict[str, str | int], endings: tuple[str, ...]) -> None:
    """Steps 2 and 3: the first ending that fits, if it lies in the first region."""
    ending = _ending(word.text, endings)
    if not ending or not word.first.endswith(ending) or not _may_go(word, ending):
        return
    new = changes[ending]
    if isinstance(new, int):
        word.cut(new)
    elif ending in _LAST_LETTER:
        word.replace(ending[-1], "e")
    else:
        word.replace(ending, new, "e" if ending in _KEEP_E and changes is _STEP_2 else "")


def _may_go(word: _Word, ending: str) -> bool:
    if ending == "ogi":
        return word.text[-4] == "l"
    if ending == "li":
        return word.text[-3] in _BEFORE_LI
    return ending != "ative" or word.second.endswith(ending)


def _drop_suffix(word: _Word) -> None:
    ending = _ending(word.text, _STEP_4)
    if ending and word.second.endswith(ending) and (ending != "ion" or word.text[-4] in "st"):
        word.cut(len(ending))


def _without_last_e_or_l(word: _Word) -> str:
    text = word.text
    if word.second.endswith("l") and text[-2] == "l":
        return text[:-1]
    if word.second.endswith("e"):
        return text[:-1]
    if word.first.endswith("e") and len(text) >= 4:
        short = text[-2] not in _VOWELS and text[-2] not in "wxY" and text[-3] in _VOWELS and text[-4] not in _VOWELS
        return text if short else text[:-1]
    return text
