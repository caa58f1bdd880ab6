"""Measure what can be said of ratings and of completion before a learner takes a course."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from recsys.errors import DataError
from recsys.faults import Fault
from recsys.progress_steps import Progress, StepCode, no_progress
from recsys.ratings.conclusions import class_notes, rating_notes
from recsys.ratings.factors import Factors, fit_factors
from recsys.ratings.features import baseline_features, course_facts, embedding_features
from recsys.ratings.metrics import bootstrap_row_counts, class_figures, rating_errors, values_with_intervals
from recsys.ratings.rating_table import Codes, Floats, Mask, RatingTable, RowSplit, split_rows
from recsys.ratings.regressors_and_classifiers import CLASSIFIERS, REGRESSORS, fit_classifier_and_predict, fit_regressor_and_predict
from recsys.report.rating_sentences import rating_note_sentence
from recsys.types import Item, Statement

Figures = dict[str, Floats]
CONSTANT, MEANS, MAJORITY, WITHOUT = "constant", "means", "majority", "logistic_without_embeddings"
_SHOWN = ("rmse", "mae", "accuracy", "precision", "recall", "f1", "audited_f1", "auc")


@dataclass(frozen=True)
class RatingReport:
    """Figures of rating and class predictors, each with its 95 % interval, and what they amount to as codes."""

    data: Mapping[str, Any]
    ratings: Mapping[str, Mapping[str, Any]]
    classes: Mapping[str, Mapping[str, Any]]
    notes: Sequence[Statement]

    @property
    def sentences(self) -> list[str]:
        """What they amount to, in words."""
        return [rating_note_sentence(note.to_json()) for note in self.notes]

    def to_json_text(self) -> str:
        """JSON, the same text for the same figures."""
        document = {"data": self.data, "rating": self.ratings, "completed": self.classes, "notes": [note.to_json() for note in self.notes]}
        return json.dumps(document, ensure_ascii=False, indent=2) + "\n"

    def table(self) -> str:
        """The measurement as text: both tables and the notes."""
        return "\n\n".join([_format_table("rating", self.ratings), _format_table("completed", self.classes), "\n".join(self.sentences)])


def measure_ratings(
    interactions: pd.DataFrame,
    catalog: Sequence[Item] = (),
    *,
    threshold: float | None = None,
    seed: int = 0,
    progress: Progress = no_progress,
) -> RatingReport:
    """Fit factors, regression and classifiers on parts of the ratings and measure them on a fifth that none of them saw.

    Raises DataError when the ratings are too few, all alike, or of one class.
    """
    table = RatingTable.from_frame(interactions)
    line = table.default_threshold() if threshold is None else threshold
    completed = table.completed(line)
    parts = split_rows(completed, seed)
    progress(0.0, Statement(StepCode.FITTING_FACTORS))
    factors = fit_factors(table.select(parts.factors), seed=seed)
    learn, test = (_features(factors, table, rows, catalog) for rows in (parts.learn, parts.test))
    held = _HeldOutPairs(table, completed, parts, learn, test, bootstrap_row_counts(table.users[parts.test], seed), seed)
    ratings = {
        CONSTANT: held.errors(np.full(int(parts.test.sum()), table.ratings[~parts.test].mean())),
        MEANS: held.errors(test[:, 0]),
    }
    for number, name in enumerate(REGRESSORS):
        progress(0.1 + 0.2 * number, Statement(StepCode.PREDICTING_RATINGS, {"predictor": name}))
        ratings[name] = held.errors(fit_regressor_and_predict(name, learn, table.ratings[parts.learn], test, seed))
    plain = learn.shape[1] - 3 * factors.item_embedding.shape[1]
    classes = {MAJORITY: held.majority_class_figures(), WITHOUT: held.classifier_figures("logistic", plain)}
    for number, name in enumerate(CLASSIFIERS):
        progress(0.5 + 0.1 * number, Statement(StepCode.PREDICTING_COMPLETION, {"predictor": name}))
        classes[name] = held.classifier_figures(name)
    for figures in classes.values():
        figures["accuracy_over_majority"] = figures["accuracy"] - classes[MAJORITY]["accuracy"]
    progress(1.0, Statement(StepCode.DONE))
    notes = [
        *rating_notes(ratings, CONSTANT, MEANS, REGRESSORS),
        *class_notes(classes, completed[parts.test], MAJORITY, WITHOUT, CLASSIFIERS),
    ]
    described = _describe(table, completed, parts, line, seed)
    return RatingReport(
        described,
        {n: values_with_intervals(f) for n, f in ratings.items()},
        {n: values_with_intervals(f) for n, f in classes.items()},
        notes,
    )


def write_ratings(report: RatingReport, path: Path) -> None:
    """Write the JSON of a report. Raises DataError when the file cannot be written."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(report.to_json_text(), "utf-8")
    except OSError as error:
        raise DataError(Fault.FILE_NOT_WRITTEN, file=path, error=error.strerror) from error


@dataclass(frozen=True)
class _HeldOutPairs:
    """The held-out pairs and what predictors are given for them."""

    table: RatingTable
    completed: Mask
    parts: RowSplit
    learn: Floats
    test: Floats
    weights: Floats
    seed: int

    def errors(self, predicted: Floats) -> Figures:
        return rating_errors(predicted, self.table.ratings[self.parts.test], self.weights)

    def majority_class_figures(self) -> Figures:
        """Always the class that is larger outside the test."""
        answer = self.completed[~self.parts.test].mean() >= 0.5
        count = int(self.parts.test.sum())
        return class_figures(np.full(count, answer), np.zeros(count), self.completed[self.parts.test], self.weights)

    def classifier_figures(self, name: str, columns: int | None = None) -> Figures:
        """A classifier on all features, or on the first `columns`."""
        learn, test = self.learn[:, :columns], self.test[:, :columns]
        score, picked = fit_classifier_and_predict(name, learn, self.completed[self.parts.learn], test, self.seed)
        return class_figures(picked, score, self.completed[self.parts.test], self.weights)


def _features(factors: Factors, table: RatingTable, rows: Mask, catalog: Sequence[Item]) -> Floats:
    users: Codes = table.users[rows]
    items: Codes = table.items[rows]
    blocks = [baseline_features(factors, users, items)]
    if catalog:
        blocks.append(course_facts(table.item_ids, catalog)[items])
    return np.hstack([*blocks, embedding_features(factors, users, items)])


def _describe(table: RatingTable, completed: Mask, parts: RowSplit, threshold: float, seed: int) -> dict[str, Any]:
    return {
        "n_ratings": len(table),
        "n_users": table.n_users,
        "n_items": table.n_items,
        "completed_from": round(threshold, 6),
        "completed_share": round(float(completed.mean()), 6),
        "n_factors": int(parts.factors.sum()),
        "n_learn": int(parts.learn.sum()),
        "n_test": int(parts.test.sum()),
        "n_test_audited": int((~completed[parts.test]).sum()),
        "seed": seed,
    }


def _format_table(title: str, rows: Mapping[str, Mapping[str, Any]]) -> str:
    names = [name for name in next(iter(rows.values())) if name in _SHOWN]
    width = max([len(title), *map(len, rows)])
    lines = [" ".join([f"{title:<{width}}", *(f"{name:>23}" for name in names)])]
    lines += [" ".join([f"{row:<{width}}", *(f"{_cell(figures[name]):>23}" for name in names)]) for row, figures in rows.items()]
    return "\n".join(lines)


def _cell(figure: Mapping[str, Any]) -> str:
    if figure["value"] is None or figure["ci"] is None:
        return "-"
    low, high = figure["ci"]
    return f"{figure['value']:.4f} ({low:.3f}-{high:.3f})"
