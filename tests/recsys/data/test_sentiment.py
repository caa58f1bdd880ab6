"""Sentiment on sentences with a known answer."""

import numpy as np
import pandas as pd
import pytest

from recsys.data.engagement import engagement_of_learner_with_course
from recsys.data.sentiment import review_weights, sentiment


@pytest.mark.parametrize(
    ("text", "sign"),
    [
        ("Great course, clear and helpful.", 1),
        ("not bad", 1),
        ("Hard, but rewarding", 1),
        ("No problems at all", 1),
        ("very good 👍", 1),
        ("😠", -1),
        ("not good", -1),
        ("This course is not very good.", -1),
        ("I did not like it", -1),
        ("boring and confusing", -1),
        ("Good videos, but the exercises were terrible", -1),
        ("The course has twelve lessons.", 0),
        ("", 0),
        (" \n", 0),
        ("4", 0),
    ],
)
def test_what_a_review_says(text: str, sign: int) -> None:
    assert np.sign(sentiment(text)) == sign
    assert -1 <= sentiment(text) <= 1


def test_emphasis_counts() -> None:
    plain, louder, loudest = map(sentiment, ("The teacher was good", "The teacher was very good", "The teacher was VERY GOOD!!!"))
    assert 0 < plain < louder < loudest < 1


@pytest.mark.parametrize(
    "text",
    [
        "Der Kurs ist gut, die Lehrer sind nett",  # the lexicon takes "die" for death
        "Die Erklärungen helfen",
        "Le cours est super, avec de bons exercices",
        "El curso no es bueno, no me gusta",  # and "no" for a refusal
        "Een heel slecht verhaal, fun is het niet",
        "O professor é bom, mas a prova foi horrible",
        "很好的课程",
        "курс ужасный, very bad",
    ],
)
def test_other_languages_say_nothing(text: str) -> None:
    assert sentiment(text) == 0


def test_a_foreign_name_does_not_make_a_review_foreign() -> None:
    assert sentiment("The lesson on Amélie and the El Niño was the best of my year") > 0.5


def test_only_the_start_of_a_long_text_is_read() -> None:
    start = "It was good. " * 200
    assert sentiment(start + "It was terrible! " * 100_000) == sentiment(start)


def test_feedback_is_that_of_an_enrollment_with_a_rating() -> None:
    texts = pd.Series(["Great course, clear and helpful.", "boring and confusing", "The course has twelve lessons.", None])
    good, bad, neutral, missing = review_weights(texts)
    stars = [3 + 2 * sentiment(text) for text in texts[:2]]
    assert good == pytest.approx(engagement_of_learner_with_course([("enroll", None, None), ("rating", stars[0], None)]).weight)
    assert bad == pytest.approx(engagement_of_learner_with_course([("enroll", None, None), ("rating", stars[1], None)]).weight)
    assert good > 1
    assert bad < 0
    assert np.isnan([neutral, missing]).all()


def test_feedback_on_a_scale_of_ratings() -> None:
    texts = pd.Series(["not good", "Great course, clear and helpful."])
    assert review_weights(texts, (2.0, 10.0)) == pytest.approx([6 + 4 * sentiment(text) for text in texts])
