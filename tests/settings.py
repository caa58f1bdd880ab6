"""Settings of the test installation."""

import os
from pathlib import Path

from webapp.config import Settings

ADMIN_URL = os.environ.get("WAYMARK_TEST_DATABASE_URL", "")
REQUIRED = frozenset(os.environ.get("WAYMARK_REQUIRE", "").replace(",", " ").split())


def test_settings(database_url: str, instance_dir: Path) -> Settings:
    """Settings for tests on this database; nothing outside `instance_dir` is written."""
    instance_dir.mkdir(parents=True, exist_ok=True)
    return Settings(
        environment="test",
        instance_dir=instance_dir,
        database_url=database_url,
        secret_key="a secret for tests that is long enough",
        password_salt="a salt for tests",
        scheduler=False,
        log_level="ERROR",
    )


test_settings.__test__ = False  # type: ignore[attr-defined]
