"""Measures of quality, speed and scale; each prints a table and writes JSON."""
