"""Regression and classifiers of scikit-learn on the features of a pair.

Nothing here is stored: scikit-learn's estimators have no form but pickles, and their figures say whether one is worth
writing out as arrays.
"""

from typing import Any

import numpy as np

from recsys.ratings.rating_table import Floats, Mask
from recsys.threads import one_thread

REGRESSORS = ("ridge", "gradient_boosting")
CLASSIFIERS = ("logistic", "decision_tree", "svc", "bagging", "gradient_boosting")


def fit_regressor_and_predict(name: str, learn: Floats, ratings: Floats, test: Floats, seed: int) -> Floats:
    """Ratings of the rows of `test`, within the range of those learned from."""
    with one_thread():
        predicted = _regressor(name, seed).fit(learn, ratings).predict(test)
    return np.asarray(np.clip(predicted, ratings.min(), ratings.max()), np.float64)


def fit_classifier_and_predict(name: str, learn: Floats, completed: Mask, test: Floats, seed: int) -> tuple[Floats, Mask]:
    """A score per row of `test` (higher: more likely completed; not a probability for every model) and the class it picks."""
    with one_thread():
        model = _classifier(name, seed).fit(learn, completed)
        score = model.decision_function(test) if hasattr(model, "decision_function") else model.predict_proba(test)[:, 1]
        return np.asarray(score, np.float64), np.asarray(model.predict(test), np.bool_)


def _regressor(name: str, seed: int) -> Any:
    # scikit-learn costs a second to import; whoever only ranks need not spend it.
    from sklearn.ensemble import HistGradientBoostingRegressor  # noqa: PLC0415
    from sklearn.linear_model import RidgeCV  # noqa: PLC0415

    if name == "ridge":
        return _with_standard_scaling(RidgeCV(np.logspace(-1, 4, 11)))
    return HistGradientBoostingRegressor(max_iter=60, max_depth=3, learning_rate=0.05, early_stopping=False, random_state=seed)


def _classifier(name: str, seed: int) -> Any:
    from sklearn.ensemble import BaggingClassifier, HistGradientBoostingClassifier  # noqa: PLC0415
    from sklearn.linear_model import LogisticRegression  # noqa: PLC0415
    from sklearn.svm import SVC  # noqa: PLC0415
    from sklearn.tree import DecisionTreeClassifier  # noqa: PLC0415

    tree = DecisionTreeClassifier(max_depth=5, min_samples_leaf=10, random_state=seed)
    models = {
        "logistic": lambda: _with_standard_scaling(LogisticRegression(C=0.1, max_iter=1000)),
        "decision_tree": lambda: tree,
        "svc": lambda: _with_standard_scaling(SVC(C=1.0, cache_size=100)),
        "bagging": lambda: BaggingClassifier(tree, n_estimators=50, random_state=seed),
        "gradient_boosting": lambda: HistGradientBoostingClassifier(
            max_iter=60, max_depth=3, learning_rate=0.05, early_stopping=False, random_state=seed
        ),
    }
    return models[name]()


def _with_standard_scaling(model: Any) -> Any:
    from sklearn.pipeline import make_pipeline  # noqa: PLC0415
    from sklearn.preprocessing import StandardScaler  # noqa: PLC0415

    return make_pipeline(StandardScaler(), model)
