"""Paths of the server taken out of texts of the registry and of failed jobs, before pages show them."""

from webapp.config import ROOT
from webapp.recommender.serving.serving_model import live_model


def strip_paths(text: str) -> str:
    """The text with files and models by their names alone: where the server keeps them is no business of a page."""
    models = live_model().models_dir
    for folder in (models, models.parent, ROOT):
        text = text.replace(f"{folder}/", "").replace(str(folder), folder.name)
    return text
