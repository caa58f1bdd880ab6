"""Writers of what a training stored as codes; each takes the lookup of messages, see webapp.wording.model_card."""

from recsys.report.sentences import (
    comparison_sentence,
    finding_sentence,
    gate_sentences,
    promotion_note,
    reason_sentences,
    step_sentence,
)

__all__ = ["comparison_sentence", "finding_sentence", "gate_sentences", "promotion_note", "reason_sentences", "step_sentence"]
