"""The only door to recsys."""

from flask import Flask


def init_recommender(app: Flask) -> None:
    """Attach the live model's holder to the application."""
