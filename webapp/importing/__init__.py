"""Bringing data in: known layouts, checked row by row, written in bulk."""
