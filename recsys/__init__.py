"""Waymark's recommender: a library with its own command line. It knows no web framework, database or scheduler."""
