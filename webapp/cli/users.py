"""`flask users`."""

from flask.cli import AppGroup

users = AppGroup("users")
