"""Sample weights: how much one learner may decide, so that nothing is learned that rests on a few persons."""

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

LEAST_LEARNERS = 30
"""Learners that something learned rests on at least."""


def learner_capped_weights(learner: Ints) -> Floats:
    """What each row counts, shape (rows,): 1, but less for a learner with more than one in LEAST_LEARNERS of all rows."""
    own, count = np.unique(learner, return_inverse=True, return_counts=True)[1:]
    most = max(len(learner) / LEAST_LEARNERS, 1.0)
    return np.asarray(np.minimum(1.0, most / count)[own], np.float64)


def effective_learners(flags: Flags, learner: Ints) -> Floats:
    """How many learners with equally many rows would weigh as much as those of the rows where a column of `flags` is true: (columns,).

    Kish's effective sample size (1965), (Σ w)² / Σ w² over the learners' weights: a hundred rows of one among few of others count
    as little more than one learner.
    """
    own = np.unique(learner, return_inverse=True)[1]
    weights = learner_capped_weights(learner)
    effective = np.zeros(flags.shape[1])
    for column, flagged in enumerate(flags.T):
        of_learner = np.bincount(own[flagged], weights=weights[flagged])
        if len(of_learner):
            effective[column] = of_learner.sum() ** 2 / (of_learner @ of_learner)
    return effective
