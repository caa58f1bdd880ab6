"""Codes of what the gate says. A code with its parameters is stored in the manifest; whoever shows it chooses the words."""

from enum import StrEnum


class GateCode(StrEnum):
    """Reasons of a verdict. `metric` names a figure, `before` and `after` are its values, `mean`, `low` and `high` the difference with
    its 95 % interval."""

    FIRST_MODEL = "first_model"
    CANDIDATE_UNMEASURED = "candidate_unmeasured"
    SERVING_UNMEASURED = "serving_unmeasured"
    NEITHER_MEASURED = "neither_measured"
    # The primary metric; `limit` is the fall that is allowed, `learners` those measured in pairs, `other_data` whether data differ.
    METRIC_ROSE = "metric_rose"
    METRIC_FELL = "metric_fell"  # past the limit; `certain` where all of the interval is
    METRIC_FELL_MEASURABLY = "metric_fell_measurably"
    METRIC_FELL_NEGLIGIBLY = "metric_fell_negligibly"
    METRIC_HELD = "metric_held"
    METRIC_UNPROVEN = "metric_unproven"
    METRIC_UNCERTAIN = "metric_uncertain"  # within the limit on average; `few` where learners are too few to be sure
    # Guardrails; `limit` is a share.
    GUARDRAIL_HELD = "guardrail_held"
    GUARDRAIL_BROKEN = "guardrail_broken"
    GUARDRAIL_UNMEASURED = "guardrail_unmeasured"
    FALLS_ADDED_UP = "falls_added_up"  # `retained` is what is left of the best that served before
    # Errors of the chance to finish; `basis` is a CompletionBasis, `attempts` those both models were scored on.
    COMPLETION_ERROR_FELL = "completion_error_fell"
    COMPLETION_ERROR_HELD = "completion_error_held"
    COMPLETION_ERROR_UNCERTAIN = "completion_error_uncertain"
    COMPLETION_ERROR_ROSE = "completion_error_rose"
    COMPLETION_WITHOUT_ATTEMPTS = "completion_without_attempts"
    COMPLETION_WITHOUT_OUTCOMES = "completion_without_outcomes"
    COMPLETION_NOT_SERVED = "completion_not_served"
    COMPLETION_TOO_FEW = "completion_too_few"
    # What was made of the verdict.
    FOR_COMPARISON = "for_comparison"
    FORCED = "forced"
    BY_HAND = "by_hand"  # somebody let it serve and gave no reason
    AFTER_ERASURE = "after_erasure"
    SERVED_BEFORE_PROMOTIONS = "served_before_promotions"


class ComparisonCode(StrEnum):
    """How a candidate and the serving model were compared; see recsys.gate.ranking_trial."""

    SAME_SPLIT = "same_split"
    NEWS = "news"  # `learners` with a course newer than the serving model's data, `items` both models know
    SEPARATE = "separate"
    UNMEASURED = "unmeasured"


class CompletionBasis(StrEnum):
    """What both chances to finish were scored on; see recsys.gate.completion_trial."""

    NEWS = "news"
    SAME_ATTEMPTS = "same_attempts"
    SEPARATE = "separate"
