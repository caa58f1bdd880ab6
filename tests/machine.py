"""What this machine offers for tests: PostgreSQL's programs, a browser, and extra installs."""

import shutil
from importlib.util import find_spec
from pathlib import Path


def postgres_bin() -> Path | None:
    """The newest folder with `initdb`, or None."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda p: float(p.parts[-3]))
    if found:
        return found[-1].parent
    on_path = shutil.which("initdb")
    return Path(on_path).resolve().parent if on_path else None


def browser() -> str | None:
    """A Chromium that can be started, or None."""
    for name in ("chromium", "chromium-browser", "google-chrome"):
        if path := shutil.which(name):
            return path
    return None


def installed(*packages: str) -> tuple[str, ...] | None:
    """These packages, or None where one is absent. Looks without importing them."""
    return packages if all(find_spec(name) is not None for name in packages) else None
