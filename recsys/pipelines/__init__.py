"""Whole jobs: train, evaluate, recommend."""
