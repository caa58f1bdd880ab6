"""Sentences on what a measurement of rating predictors amounts to."""

from collections.abc import Callable, Mapping
from typing import Any

from recsys.ratings.conclusions import Baseline, RatingNote

Params = Mapping[str, Any]
_BASELINES = {Baseline.CONSTANT: "one number for all", Baseline.MEANS: "the means of learner and item"}


def rating_note_sentence(stored: Mapping[str, Any] | str) -> str:
    """A conclusion; a sentence, as files from before there were codes hold, stays as it is."""
    return stored if isinstance(stored, str) else _NOTES[stored["code"]](stored.get("params", {}))


def _gap(p: Params) -> str:
    return f"{p['gap']:+.4f}"


def _interval(p: Params) -> str:
    return f"95 % interval {p['low']:+.4f} to {p['high']:+.4f}"


def _error_comparison_sentence(p: Params) -> str:
    verdict = "better than" if p["high"] < 0 else "worse than" if p["low"] > 0 else "not told apart from"
    return f"Rating: {p['predictor']} is {verdict} {_BASELINES[p['baseline']]} (RMSE {_gap(p)}, {_interval(p)})."


def _imbalance(p: Params) -> str:
    return (
        f"Imbalance: {p['share']:.1%} of the {p['pairs']} test pairs are {p['larger']}. Saying so of every pair, knowing nothing, has "
        f"accuracy {p['accuracy']:.4f}, F1 {p['f1']:.4f} and AUC {p['auc']:.2f}."
    )


def _accuracy(p: Params) -> str:
    if p["low"] > 0:
        verdict = "more than chance"
    elif p["high"] < 0:
        verdict = "less than saying the larger class"
    else:
        verdict = "not told apart from saying the larger class"
    parts = f"accuracy {p['accuracy']:.4f}, of which {p['majority']:.4f} is the imbalance"
    return f"{p['predictor']}: {parts}; the rest is {_gap(p)} ({_interval(p)}), {verdict}."


def _order(p: Params) -> str:
    return f"Beyond accuracy: {p['predictor']} orders best, AUC {p['auc']:.3f}; of the audited pairs its F1 is {p['audited_f1']:.3f}."


def _embeddings(p: Params) -> str:
    verdict = "add to" if p["low"] > 0 else "take from" if p["high"] < 0 else "add nothing that can be told from chance to"
    return f"Embeddings {verdict} the rest (logistic, AUC {_gap(p)}, {_interval(p)})."


_NOTES: Mapping[str, Callable[[Params], str]] = {
    RatingNote.ERROR: _error_comparison_sentence,
    RatingNote.IMBALANCE: _imbalance,
    RatingNote.ACCURACY: _accuracy,
    RatingNote.ORDER: _order,
    RatingNote.EMBEDDINGS: _embeddings,
}
