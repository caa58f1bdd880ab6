"""Datasets: reading, checking, splitting, and what a learner's actions are worth."""
