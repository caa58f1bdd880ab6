"""Completion trial: a candidate's chance to finish, compared with the serving model's as fairly as there is evidence for.

As with rankings (recsys.gate.ranking_trial), the serving model has seen the outcomes its successor is judged on. Fair are:

1. News: attempts begun after the serving model was trained, and decided by now. It answers as it stands, against the new recipe fitted
   on what was known by then.
2. The same attempts: both were judged on the very same later attempts of the same data, each by what was known before them.
3. Separate measurements: each on later attempts of its own data; only their intervals are compared.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from recsys.completion.attempt_readers import AttemptSource
from recsys.completion.model import FinishModel
from recsys.errors import DataError
from recsys.evaluation.completion_holdout import ScoredCompletion, enough_outcomes
from recsys.gate.codes import CompletionBasis, GateCode
from recsys.gate.completion_verdict import CompletionVerdict, compare_apart, compare_paired, verdict_on_completion
from recsys.gate.incumbent import Incumbent
from recsys.types import Statement


@dataclass(frozen=True)
class CompletionCandidate:
    """A newly trained chance to finish: the model fitted on everything known, and its report.

    `report` holds `attempts`, `outcomes`, `finished`, `known_at` (the moment of the data), `basis` (`model`, or `shares` where too little
    was known for curves) and, where later attempts could be judged, `judged`: the report of a model that knew the earlier ones alone.
    """

    model: FinishModel
    report: Mapping[str, Any]
    scored: ScoredCompletion | None = None


def try_completion(
    candidate: CompletionCandidate | None, source: AttemptSource | None, incumbent: Incumbent | None, seed: int
) -> CompletionVerdict:
    """The gate's verdict on `candidate`, fitted on `source` (None: no attempts were given). It passes where there is nothing to
    compare, and says why."""
    if incumbent is None:
        return CompletionVerdict(True)
    if source is None or candidate is None:
        return _not_compared(GateCode.COMPLETION_WITHOUT_ATTEMPTS if source is None else GateCode.COMPLETION_WITHOUT_OUTCOMES)
    stated = incumbent.artifact.manifest.metrics.get("finishing")
    if not stated:
        return _not_compared(GateCode.COMPLETION_NOT_SERVED)
    before = stated.get("judged")
    return (
        _compare_on_news(source, incumbent, stated, seed)
        or _compare_on_same_attempts(candidate.scored, before, incumbent, seed)
        or _compare_separately(candidate.scored, before)
        or _not_compared(GateCode.COMPLETION_TOO_FEW)
    )


def _not_compared(code: GateCode) -> CompletionVerdict:
    return CompletionVerdict(True, (Statement(code),))


def _compare_on_news(source: AttemptSource, incumbent: Incumbent, stated: Mapping[str, Any], seed: int) -> CompletionVerdict | None:
    moment, serving = stated.get("known_at"), incumbent.completion
    if moment is None or serving is None:
        return None
    everything = source.feature_table()
    late = everything.select((everything.start > moment) & np.isfinite(everything.outcome))
    if not enough_outcomes(late.outcome) or serving.features_ != late.features:
        return None
    try:
        new = FinishModel().fit(source.feature_table(float(moment))).probability(late)
    except DataError:
        return None
    compared = compare_paired(late.outcome, new, serving.probability(late), late.learner, seed)
    return verdict_on_completion(compared, CompletionBasis.NEWS)


def _compare_on_same_attempts(
    scored: ScoredCompletion | None, before: Mapping[str, Any] | None, incumbent: Incumbent, seed: int
) -> CompletionVerdict | None:
    if scored is None or not before or before.get("fingerprint") != scored.report["fingerprint"]:
        return None
    serving = incumbent.stated_chances
    if serving is None or serving.shape != scored.stated.shape:
        return None
    compared = compare_paired(scored.test.outcome, scored.stated, serving, scored.test.learner, seed)
    return verdict_on_completion(compared, CompletionBasis.SAME_ATTEMPTS)


def _compare_separately(scored: ScoredCompletion | None, before: Mapping[str, Any] | None) -> CompletionVerdict | None:
    return verdict_on_completion(compare_apart(scored.report, before), CompletionBasis.SEPARATE) if scored and before else None
