import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recsys.features.course_features import CourseFeatures
from recsys.features.text import TextVectorizer, item_text, terms, tokens
from recsys.types import Item


def test_words_are_stemmed_and_stop_words_dropped() -> None:
    assert tokens("The Foundations of programming in C++ and R") == ["foundat", "program", "c++", "r"]


def test_neighbors_form_pairs() -> None:
    assert terms("Machine learning basics") == ["machin", "learn", "basic", "machin learn", "learn basic"]


def test_scripts_without_blanks_give_pairs_of_characters() -> None:
    assert tokens("学python编程入门") == ["学", "python", "编程", "程入", "入门"]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("École d’été", "ecole d'ete"),
        ("cafe\u0301", "CAFÉ"),
        ("İstanbul", "istanbul"),
        ("Ｐｙｔｈｏｎ", "python"),
        ("مُقَدِّمَة", "مقدمة"),
        ("Straße", "STRASSE"),
        ("ΟΔΟΣ", "οδος"),
    ],
)
def test_words_are_told_apart_by_their_folded_form(one: str, other: str) -> None:
    assert tokens(one) == tokens(other) != []


def test_vowel_signs_tear_no_word_apart_and_scripts_without_blanks_are_paired() -> None:
    assert tokens("हिन्दी भाषा") == ["हिन्दी", "भाषा"]
    assert tokens("ไทย") == ["ไท", "ทย"]


@settings(deadline=None)  # the first text loads NLTK
@given(st.text())
def test_any_text_gives_tokens(text: str) -> None:
    assert all(token and token == token.strip() for token in tokens(text))


def test_vectors_have_length_one_or_zero_and_new_texts_fit_in() -> None:
    vectorizer = TextVectorizer()
    vectors = vectorizer.fit_transform(["data with python", "painting with water", ""])
    assert np.asarray(vectors.multiply(vectors).sum(axis=1)).ravel() == pytest.approx([1, 1, 0])
    new = vectorizer.transform(["more python data", "nothing known"])
    likeness = (new @ vectors.T).toarray()
    assert likeness[0].argmax() == 0
    assert not likeness[1].any()


def test_rare_terms_weigh_more_than_common_ones() -> None:
    vectorizer = TextVectorizer().fit(["course python"] * 3 + ["course rust"] + ["course python"] * 20)
    assert "cours" not in vectorizer.terms_
    small = TextVectorizer().fit(["alpha beta", "alpha gamma", "alpha delta"])
    weight = dict(zip(small.terms_, small.idf_, strict=True))
    assert weight["beta"] > weight["alpha"]


def test_state_comes_back_and_must_fit() -> None:
    vectorizer = TextVectorizer().fit(["alpha beta", "beta gamma"])
    again = TextVectorizer().restore(vectorizer.terms_, vectorizer.idf_)
    assert np.array_equal(again.transform(["beta"]).toarray(), vectorizer.transform(["beta"]).toarray())
    with pytest.raises(ValueError, match="terms"):
        TextVectorizer().restore(["one"], vectorizer.idf_)


def test_chosen_words_count_more_than_the_description() -> None:
    words = terms(item_text(Item("i", title="Databases", tags=("sql",), description="storage")))
    assert words.count("databas") == words.count("sql") == 2
    assert words.count("storag") == 1


def test_course_facts_as_arrays() -> None:
    items = [Item("a", topics=("x", "y", "x"), skills=("s",), level="advanced", duration_minutes=30), Item("b")]
    features = CourseFeatures.of(items)
    assert features.topic_names == ("x", "y")
    assert features.topics.toarray().tolist() == [[1, 1], [0, 0]]
    assert features.skills.shape == (2, 1)
    assert features.level.tolist() == [2, -1]
    assert features.minutes[0] == 30
    assert np.isnan(features.minutes[1])


def test_counts_are_of_words_and_pairs_without_weights() -> None:
    vectorizer = TextVectorizer().fit(["data data science", "data art"])
    counts = dict(zip(vectorizer.terms_, vectorizer.counts(["data data science art"]).toarray()[0], strict=True))
    assert counts == {"data": 2, "scienc": 1, "art": 1, "data data": 1, "data scienc": 1, "data art": 0}
