"""The chance that a learner finishes a course: what is known at enrollment, a calibrated additive model, its reasons."""
