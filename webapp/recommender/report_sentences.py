"""Writers of what the recommender says as codes; each takes the lookup of messages, see webapp.wording.model_card."""

from recsys.faults import fault_sentence
from recsys.report.sentences import (
    comparison_sentence,
    current_run_step_sentence,
    finding_sentence,
    gate_reason_sentences,
    gate_sentences,
    promotion_note,
)

__all__ = [
    "comparison_sentence",
    "current_run_step_sentence",
    "fault_sentence",
    "finding_sentence",
    "gate_reason_sentences",
    "gate_sentences",
    "promotion_note",
]
