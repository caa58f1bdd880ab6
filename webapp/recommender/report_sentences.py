"""Writers of what the recommender says as codes; each takes the lookup of messages, see webapp.wording.model_card."""

from recsys.faults import fault_sentence
from recsys.report.sentences import (
    comparison_sentence,
    finding_sentence,
    gate_sentences,
    promotion_note,
    reason_sentences,
    step_sentence,
)

__all__ = [
    "comparison_sentence",
    "fault_sentence",
    "finding_sentence",
    "gate_sentences",
    "promotion_note",
    "reason_sentences",
    "step_sentence",
]
