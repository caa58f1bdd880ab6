"""Static files: their folder is named after what they hold, so that browsers may keep them and never ask again."""

import hashlib
from pathlib import Path

from flask import Flask, Response, request, session

LIFETIME = 365 * 24 * 3600
"""Seconds. Safe, because another content has another address."""


def static_folder_url(folder: Path) -> str:
    """The address of a folder of static files, made from the names and contents of all of them.

    The version stands in the path, not behind a question mark, so that style sheets find each other and their fonts there.
    """
    digest = hashlib.sha256()
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        digest.update(str(path.relative_to(folder)).encode() + b"\0" + path.read_bytes())
    return f"/static/{digest.hexdigest()[:12]}"


def init_static_files(app: Flask) -> None:
    """Leave `Vary: Cookie` off static files, which are the same for everybody: no cache need keep one for each cookie."""

    @app.after_request
    def same_for_everybody(response: Response) -> Response:
        if request.endpoint == "static":
            session.accessed = False  # Flask-Login looks into the session on every answer, and Flask would add Vary: Cookie
        return response
