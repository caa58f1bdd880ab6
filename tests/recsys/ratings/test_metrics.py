"""Figures against hand-made answers and scikit-learn's."""

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from recsys.ratings.metrics import area_under_curve, bootstrap_row_counts, class_figures, rating_errors, values_with_intervals

PREDICTED = np.array([1, 1, 1, 0, 0, 1], bool)
ACTUAL = np.array([1, 1, 0, 0, 1, 1], bool)
ONCE = np.ones((1, 6))


def test_errors_of_ratings() -> None:
    found = rating_errors(np.array([1.0, 2.0, 3.0]), np.array([1.0, 4.0, 2.0]), np.array([[1.0, 1, 1], [0, 0, 2]]))
    assert found["mae"] == pytest.approx([1.0, 1.0])
    assert found["rmse"] == pytest.approx([np.sqrt(5 / 3), 1.0])


def test_figures_of_classes() -> None:
    found = {name: values[0] for name, values in class_figures(PREDICTED, PREDICTED.astype(float), ACTUAL, ONCE).items()}
    assert found == pytest.approx(
        {
            "accuracy": 4 / 6,
            "balanced_accuracy": (3 / 4 + 1 / 2) / 2,
            "precision": 3 / 4,
            "recall": 3 / 4,
            "f1": 3 / 4,
            "audited_f1": 1 / 2,
            "auc": (3 / 4 + 1 / 2) / 2,
        }
    )


def test_the_larger_class_alone_looks_good_by_accuracy_only() -> None:
    actual = np.arange(100) >= 5
    found = class_figures(np.ones(100, bool), np.zeros(100), actual, np.ones((1, 100)))
    assert found["accuracy"][0] == 0.95
    assert found["f1"][0] == pytest.approx(2 * 95 / (2 * 95 + 5))
    assert found["auc"][0] == 0.5
    assert found["balanced_accuracy"][0] == 0.5
    assert found["audited_f1"][0] == 0


def test_area_under_the_curve_with_ties_and_weights() -> None:
    rng = np.random.default_rng(0)
    score, actual = rng.integers(0, 8, 200).astype(float), rng.random(200) < 0.3
    weights = rng.integers(0, 4, (3, 200)).astype(float)
    expected = [roc_auc_score(actual, score, sample_weight=row) for row in weights]
    assert area_under_curve(score, actual, weights) == pytest.approx(expected)


def test_a_sample_of_one_class_has_no_area() -> None:
    weights = np.array([[1.0, 1, 1, 1, 1, 1], [1, 1, 0, 0, 1, 1]])
    found = class_figures(PREDICTED, PREDICTED.astype(float), ACTUAL, weights)
    assert np.isnan(found["auc"]).tolist() == [False, True]
    assert values_with_intervals({"auc": found["auc"]})["auc"]["ci"] is None


def test_whole_learners_are_drawn() -> None:
    users = np.repeat(np.arange(30), 4)
    weights = bootstrap_row_counts(users, seed=2, samples=200)
    assert weights.shape == (201, 120)
    assert (weights[0] == 1).all()
    by_learner = weights.reshape(201, 30, 4)
    assert (by_learner == by_learner[:, :, :1]).all()
    assert (by_learner[:, :, 0].sum(axis=1) == 30).all()
    assert np.array_equal(weights, bootstrap_row_counts(users, seed=2, samples=200))


def test_an_interval_holds_the_value_and_widens_with_fewer_learners() -> None:
    right = np.random.default_rng(3).random(400) < 0.8
    widths = []
    for learners in (400, 20):
        users = np.arange(400) * learners // 400
        figure = values_with_intervals({"accuracy": bootstrap_row_counts(users, seed=0) @ right / 400})["accuracy"]
        low, high = figure["ci"]
        assert low < figure["value"] < high
        widths.append(high - low)
    assert 0.06 < widths[0] < 0.1  # 2 · 1.96 · √(.8 · .2 / 400) = .078
