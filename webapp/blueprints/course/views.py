"""Views of course."""

from flask import Blueprint

bp = Blueprint("course", __name__)
