"""Sentences for what a training stored as codes: the gate's reasons, findings about the data, why a model serves."""

from recsys.report.sentences import comparison_sentence, finding_sentence, gate_sentences, promotion_note, reason_sentences

__all__ = ["comparison_sentence", "finding_sentence", "gate_sentences", "promotion_note", "reason_sentences"]
