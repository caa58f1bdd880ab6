"""Delayed feedback (Chapelle 2014): evidence of attempts that are too young to have an outcome.

Finishing shows sooner than stopping. Counted as they come in, young attempts would seem to be finished more often than they are; left
out, a model lags by MATURE_DAYS and learns from those who came first. Their likelihood takes both into account: of an attempt that is
open after t days it says how rare that is among those that end finished, and how rare among those that end stopped.
"""

import numpy as np

from recsys.completion.attempts import Attempts, Floats
from recsys.data.engagement import DAY

LEAST_DELAYS = 30
"""Outcomes of either kind without which it is not known how long they take to show."""


def outcome_likelihood_ratios(attempts: Attempts) -> Floats:
    """P(what is known of an attempt | it ends finished) / P(… | it ends stopped), one entry per attempt.

    Infinity once it is finished, 0 once it is stopped, between while it is young and open. NaN is for attempts to learn nothing from:
    open ones that are mature, and young ones where too little is known of how long outcomes take.
    """
    known, young = np.isfinite(attempts.known), attempts.start + attempts.mature_days * DAY > attempts.now
    counted = np.isfinite(attempts.settled_at)
    ratios = np.where(counted, np.where(attempts.finished, np.inf, 0.0), np.nan)
    delays = attempts.known - attempts.start
    finished, stopped = (np.sort(delays[counted & kind]) for kind in (attempts.finished, ~attempts.finished))
    if min(len(finished), len(stopped)) < LEAST_DELAYS:
        return ratios
    age = attempts.now - attempts.start
    still_open = _share_above(finished, age) / _share_above(stopped, age)
    return np.where(young, np.where(known, np.where(attempts.finished, np.inf, 0.0), still_open), ratios)


def expected_outcome(chance: Floats, evidence: Floats) -> Floats:
    """P(finished | evidence) of attempts that had `chance` to begin with: 1 and 0 where the outcome is known."""
    odds = np.where(np.isinf(evidence), 1.0, evidence) * chance
    return np.where(np.isinf(evidence), 1.0, odds / (odds + 1 - chance))


def _share_above(ascending: Floats, bound: Floats) -> Floats:
    """Share of the values above each bound, never quite 0 or 1: half a value more is added on either side."""
    above = len(ascending) - np.searchsorted(ascending, bound, side="right")
    return np.asarray((above + 0.5) / (len(ascending) + 1), np.float64)
