"""Says before the tests what will be skipped on this machine and why; fails when it was required."""

import sys

from tests.machine import browser, postgres_bin
from tests.settings import REQUIRED

MISSING = {
    "postgres": (postgres_bin, "PostgreSQL is not installed: its tests are skipped (apt-get install postgresql)"),
    "browser": (browser, "Chromium is not installed: browser tests are skipped (apt-get install chromium)"),
}


def main() -> int:
    """Exit status 1 when something required is missing."""
    status = 0
    for name, (find, sentence) in MISSING.items():
        if find() is None:
            print(("required, but: " if name in REQUIRED else "note: ") + sentence)
            status |= name in REQUIRED
    return int(status)


if __name__ == "__main__":
    sys.exit(main())
