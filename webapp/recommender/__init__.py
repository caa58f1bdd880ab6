"""The only door to recsys."""

from flask import Flask

from webapp.config import Settings
from webapp.recommender.serving.serving_model import LiveModel


def init_recommender(app: Flask) -> None:
    """Attach the live model's holder to the application."""
    settings: Settings = app.extensions["settings"]
    app.extensions["recommender"] = LiveModel(settings.models_dir)
