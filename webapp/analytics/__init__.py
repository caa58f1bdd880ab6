"""Rollups and every figure a dashboard shows, one definition each."""
