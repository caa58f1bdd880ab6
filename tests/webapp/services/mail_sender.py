"""A process that sends one mail: `python -m tests.webapp.services.mail_sender DATABASE_URL INSTANCE_DIR PORT`."""

import sys
from pathlib import Path

from tests.settings import test_settings
from webapp.factory import create_app
from webapp.services.outbox import send_one_mail


def main(database_url: str, instance_dir: str, port: str) -> None:
    """Send the oldest mail that is due to the server at this port."""
    settings = test_settings(database_url, Path(instance_dir))
    app = create_app(settings, MAIL_BACKEND="smtp", MAIL_SERVER="127.0.0.1", MAIL_PORT=int(port), MAIL_TIMEOUT=600)
    with app.app_context():
        send_one_mail()


if __name__ == "__main__":
    main(*sys.argv[1:])
