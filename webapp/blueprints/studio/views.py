"""Views of studio."""

from flask import Blueprint

bp = Blueprint("studio", __name__)
