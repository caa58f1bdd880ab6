"""Builds the application, nothing else."""

from webapp.start import application

app = application()
