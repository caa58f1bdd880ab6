"""`flask data`."""

from flask.cli import AppGroup

data = AppGroup("data")
