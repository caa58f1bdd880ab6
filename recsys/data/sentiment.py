"""Review sentiment: a number between -1 and 1, and the weight it amounts to.

The lexicon and rules are VADER's (Hutto & Gilbert, VADER: A parsimonious rule-based model for sentiment analysis of social media
text, ICWSM 2014), which know negation, emphasis, "but" and emoji, in English only. Of the authors' 3,708 sentences of product
reviews 79 % of those it calls negative and 77 % of those it calls positive are so by people's judgment.
"""

import re
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from recsys.data.engagement import KINDS

Floats = npt.NDArray[np.float64]
_MOST = 2_000  # characters that are read; the rules take time that grows with the square of the words
_OPINION = 0.05  # VADER's own bound of what is neutral
_STARS = 2.0  # from the middle to the best rating
_WORD = re.compile(r"[^\W\d_]+")
# Short words tell languages apart (Grefenstette, Comparing two language identification schemes, JADT 1995); those that English
# shares with others are left out, but the German "die", which VADER takes for death.
_SHORT_WORDS = {
    "en": "the and it this that to of for with not very but are were have you my your they would",
    "de": "der die das und ist nicht ein eine einen mit sehr ich zu auf den dem sind war kein keine",
    "fr": "le la les et est pas une pour avec je des du que qui ce cette dans sur bien mais",
    "es": "el los las y es muy por con del lo se nada pero como todo gusta",
    "pt": "o os e um uma com muito não para mas foi",
    "it": "il gli di che per della sono molto ma ho",
    "nl": "de het een en niet zeer ik van voor deze heel",
}
_ENGLISH = frozenset(_SHORT_WORDS["en"].split())
_OTHER = frozenset(" ".join(_SHORT_WORDS.values()).split()) - _ENGLISH


def sentiment(text: str) -> float:
    """How well `text` speaks of its matter, from -1 to 1; 0 where it says neither, is not English, or is empty.

    Of a long text the first 2,000 characters are read. Source: see the module.
    """
    start = text[:_MOST]
    return float(_analyzer().polarity_scores(start)["compound"]) if _is_english(start) else 0.0


def review_weights(texts: pd.Series, scale: tuple[float, float] | None = None) -> Floats:
    """Reviews as weights, (len(texts),); NaN where a text is missing or neutral.

    With `scale`, the least and the largest rating, a weight is a rating: -1 is the least, 1 the largest. Without, it is on the
    scale of recsys.data.engagement: that of an enrollment with a rating, of one star for -1 and five for 1.
    """
    said = np.array([sentiment(text) if isinstance(text, str) else 0.0 for text in texts], np.float64)
    if scale is not None:
        worth = scale[0] + (1 + said) / 2 * (scale[1] - scale[0])
    else:
        verdict = KINDS["rating"].weight * _STARS * said
        worth = np.where(verdict < 0, verdict, KINDS["enroll"].weight + verdict)
    return np.where(np.abs(said) < _OPINION, np.nan, worth)


def _is_english(text: str) -> bool:
    """Whether no more words are of another language, or of letters that English lacks, than are English for certain."""
    words = _WORD.findall(text.lower())
    foreign = sum(word in _OTHER or not word.isascii() for word in words)
    return foreign <= sum(word in _ENGLISH for word in words)


@cache
def _analyzer() -> Any:
    # Late on purpose: reading the lexicon takes time that only files with reviews need to spend.
    from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer  # noqa: PLC0415

    return SentimentIntensityAnalyzer()
