"""Course text as numbers: tokens, stems, n-grams and a TF-IDF whose state is arrays and JSON."""

import re
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache, lru_cache
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt
import regex
from scipy import sparse

from recsys.errors import MisfitError
from recsys.faults import Fault
from recsys.features.stop_words import STOP_WORDS
from recsys.folding import fold
from recsys.types import Item

# Han, kana and Hangul, Thai, Lao, Burmese and Khmer are written without blanks between words; neighboring pairs of characters
# stand in for words.
_SCRIPT_WITHOUT_BLANKS = "[぀-ヿ㐀-䶿一-鿿豈-﫿가-힯\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff]+"
_WORD = r"[^\W_](?:[^\W_]|[+#])*"
_UNSPACED = re.compile(_SCRIPT_WITHOUT_BLANKS)
# Of the package regex: in the standard library's a combining mark ends a word, which cuts those of Hindi or Tamil into letters.
_TOKEN = regex.compile(f"{_SCRIPT_WITHOUT_BLANKS}|{_WORD}")
# What NLTK loads where it is installed, for classifiers and measures of its own: five sixths of the 90 MB that its stems would take.
_UNNEEDED_BY_STEMS = ("sklearn", "scipy.stats")


@cache
def _stemmer() -> Any:
    # Late: a process that serves stored vectors needs no stems until a course is new to it.
    with _absent(*_UNNEEDED_BY_STEMS):
        from nltk.stem.snowball import SnowballStemmer  # noqa: PLC0415
    return SnowballStemmer("english")


@contextmanager
def _absent(*packages: str) -> Iterator[None]:
    """Imports within the block find `packages` not installed, unless they are loaded already: a None in `modules` says so."""
    hidden = [name for name in packages if name not in sys.modules]
    sys.modules.update(dict.fromkeys(hidden))  # type: ignore[arg-type]
    try:
        yield
    finally:
        for name in hidden:
            del sys.modules[name]


@lru_cache(maxsize=50_000)
def _stem(word: str) -> str:
    stemmed: str = _stemmer().stem(word)
    return stemmed


def tokens(text: str) -> list[str]:
    """Stems of folded words without stop words, in order; scripts without blanks give pairs of characters."""
    words: list[str] = []
    for word in _TOKEN.findall(_split_scripts(fold(text))):
        if _UNSPACED.fullmatch(word):
            words.extend(word[i : i + 2] for i in range(max(1, len(word) - 1)))
        elif word not in STOP_WORDS and (len(word) > 1 or word in {"c", "r"}):  # C and R are courses, other letters noise
            words.append(_stem(word))
    return words


def _split_scripts(text: str) -> str:
    """Blanks around runs of unspaced script, so that 学python编程 is three words."""
    return _UNSPACED.sub(lambda run: f" {run.group()} ", text)


def terms(text: str) -> list[str]:
    """Tokens and pairs of neighboring tokens; pairs of character pairs are left out, they only repeat themselves."""
    words = tokens(text)
    pairs = [f"{a} {b}" for a, b in pairwise(words) if not (_UNSPACED.match(a) or _UNSPACED.match(b))]
    return words + pairs


def item_text(item: Item) -> str:
    """The text an item is judged by; title, tags, topics and skills count twice, as they are chosen words."""
    chosen = ". ".join((item.title, *item.tags, *item.topics, *item.skills))
    return f"{chosen}. {chosen}. {item.description}"


class TextVectorizer:
    """TF-IDF: (1 + ln tf) · (1 + ln((1 + n) / (1 + df))), rows of length 1.

    Salton & Buckley, Term-weighting approaches in automatic text retrieval (1988). Keeps the `max_terms` terms found in most
    documents, at least `min_documents` and at most `max_share` of all. `counts` gives the plain bag of terms instead.
    """

    terms_: tuple[str, ...]
    idf_: npt.NDArray[np.float32]

    def __init__(self, max_terms: int = 30_000, min_documents: int = 2, max_share: float = 0.5) -> None:
        self.max_terms = max_terms
        self.min_documents = min_documents
        self.max_share = max_share

    def fit(self, texts: Sequence[str]) -> "TextVectorizer":
        """Learn vocabulary and document frequencies."""
        return self._learn([Counter(terms(t)) for t in texts])

    def fit_transform(self, texts: Sequence[str]) -> sparse.csr_matrix:
        """`fit` and `transform` of the same texts, reading each once."""
        counted = [Counter(terms(t)) for t in texts]
        self._learn(counted)
        return self._vectors(counted)

    def transform(self, texts: Iterable[str]) -> sparse.csr_matrix:
        """Vectors of shape (texts, terms), float32; a text without a known term is a row of zeros."""
        return self._vectors([Counter(terms(t)) for t in texts])

    def counts(self, texts: Iterable[str]) -> sparse.csr_matrix:
        """How often each known term stands in each text: shape (texts, terms), float32."""
        return self._counts([Counter(terms(t)) for t in texts])

    def restore(self, vocabulary: Sequence[str], idf: npt.NDArray[np.float32]) -> "TextVectorizer":
        """Take back stored state."""
        if len(vocabulary) != len(idf):
            raise MisfitError(Fault.TERMS_MISFIT, terms=len(vocabulary), weights=len(idf))
        self.terms_, self.idf_ = tuple(vocabulary), idf
        self._position = {term: index for index, term in enumerate(self.terms_)}
        return self

    def _learn(self, counted: Sequence[Mapping[str, int]]) -> "TextVectorizer":
        documents = Counter(term for counts in counted for term in counts)
        total = sum(1 for counts in counted if counts)
        # A handful of documents is no base for calling a term rare or common.
        least, most = (self.min_documents, self.max_share * total) if total >= 20 else (1, float(total))
        usable = [(term, df) for term, df in documents.items() if least <= df <= most]
        usable = sorted(usable, key=lambda pair: (-pair[1], pair[0]))[: self.max_terms]
        idf = 1 + np.log((1 + total) / (1 + np.array([df for _, df in usable], np.float64)))
        return self.restore([term for term, _ in usable], idf.astype(np.float32))

    def _vectors(self, counted: Sequence[Mapping[str, int]]) -> sparse.csr_matrix:
        matrix = self._counts(counted)
        values = (1 + np.log(matrix.data)) * self.idf_[matrix.indices]
        matrix.data = values.astype(np.float32)
        return unit_rows(matrix)

    def _counts(self, counted: Sequence[Mapping[str, int]]) -> sparse.csr_matrix:
        known = [[(self._position[t], n) for t, n in counts.items() if t in self._position] for counts in counted]
        indptr = np.concatenate([[0], np.cumsum([len(row) for row in known])]).astype(np.int64)
        columns = np.array([column for row in known for column, _ in row], np.int32)
        counts = np.array([n for row in known for _, n in row], np.float32)
        matrix = sparse.csr_matrix((counts, columns, indptr), shape=(len(known), len(self.terms_)))
        matrix.sort_indices()
        return matrix


def unit_rows(matrix: sparse.csr_matrix) -> sparse.csr_matrix:
    """Rows scaled to length 1; rows of zeros stay."""
    length = np.sqrt(np.asarray(matrix.multiply(matrix).sum(axis=1)).ravel())
    scale = np.divide(1, length, out=np.zeros_like(length), where=length > 0).astype(np.float32)
    return sparse.csr_matrix(sparse.diags(scale) @ matrix, dtype=np.float32)
