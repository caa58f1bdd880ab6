"""The same stems and stop words as NLTK's and scikit-learn's, with which stored vocabularies were made."""

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from nltk.stem.snowball import SnowballStemmer
from sklearn.feature_extraction.text import ENGLISH_STOP_WORDS

from recsys.features.english_stems import english_stem
from recsys.features.stop_words import STOP_WORDS

LESSONS = Path(__file__).resolve().parents[3] / "webapp/sample/content"
REFERENCE = SnowballStemmer("english")
WORDS = """
ization ational fulness ousness iveness tional biliti lessli entli ation alism aliti ousli iviti fulli enci anci abli izer ator alli bli ogi
li alize icate iciti ative ical ness ful ement ance ence able ible ment ant ent ism ate iti ous ive ize ion al er ic eedly ingly edly eed
ing ed sses ied ies us ss s 's' 's ' y ly e l
"""
ENDINGS = WORDS.split()
starts = st.one_of(st.sampled_from(["", "gener", "commun", "arsen", "y", "’"]), st.text("aeiouybdglmnrstcvzxwh'", max_size=6))


def test_every_word_of_the_sample_lessons_has_the_stem_of_nltk() -> None:
    text = " ".join(path.read_text("utf-8").lower() for path in sorted(LESSONS.rglob("*.md")))
    words = sorted(set(re.findall(r"[^\W_](?:[^\W_]|['’+#])*", text)))
    assert len(words) > 3_000
    assert [(word, english_stem(word)) for word in words if english_stem(word) != REFERENCE.stem(word)] == []


@given(starts, st.lists(st.sampled_from(ENDINGS), max_size=3))
def test_words_made_of_endings_have_the_stem_of_nltk(start: str, endings: list[str]) -> None:
    word = start + "".join(endings)
    assert english_stem(word) == REFERENCE.stem(word)


@pytest.mark.parametrize(
    ("word", "stem"),
    [("hoping", "hope"), ("hopping", "hop"), ("skies", "sky"), ("generously", "generous"), ("relational", "relat"), ("c", "c"), ("", "")],
)
def test_known_words(word: str, stem: str) -> None:
    assert english_stem(word) == stem


def test_stop_words_are_those_of_scikit_learn() -> None:
    assert STOP_WORDS == ENGLISH_STOP_WORDS
