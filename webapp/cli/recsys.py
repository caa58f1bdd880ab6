"""`flask recsys`."""

from flask.cli import AppGroup

recsys = AppGroup("recsys")
