"""Builds the application, nothing else."""

from webapp.factory import create_app

app = create_app()
