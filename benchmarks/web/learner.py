"""Accounts to measure with, made by the checkout's own code: an imported learner who can sign in, or one with a made-up history."""

import subprocess
from pathlib import Path

from benchmarks.web.server import Site

PASSWORD = "a long password for measuring"
_SCRIPT = """
import sys
from flask_security.utils import hash_password
from wsgi import app
from webapp.extensions import db
from webapp.models.user import User
with app.app_context():
    user = db.session.get(User, int(sys.argv[1]))
    user.email, user.password = sys.argv[2], hash_password(sys.argv[3])
    user.active, user.confirmed_at = True, user.created_at
    db.session.commit()
"""


def made(site: Site, events: int, mix: str) -> str:
    """Give the site an account with a history of so many events (`made_history`), unless an earlier run has; returns its address."""
    email = f"made-{mix}-{events}@example.com"
    command = [site.python, str(Path(__file__).with_name("made_history.py")), str(events), mix, email, PASSWORD]
    subprocess.run(command, cwd=site.checkout, env=site.environment() | {"PYTHONPATH": str(site.checkout)}, check=True)
    return email


def let_in(site: Site, learner: int) -> str:
    """Give the learner with this id an address and PASSWORD; returns the address."""
    email = f"measured-{learner}@example.com"
    command = [site.python, "-c", _SCRIPT, str(learner), email, PASSWORD]
    subprocess.run(command, cwd=site.checkout, env=site.environment(), check=True)
    return email
