"""Says before the tests what will be skipped on this machine and why; fails when it was required."""

import sys
from collections.abc import Callable
from functools import partial

from tests.machine import browser, installed, postgres_bin
from tests.settings import REQUIRED

MISSING: dict[str, tuple[Callable[[], object], str]] = {
    "postgres": (postgres_bin, "PostgreSQL is not installed: its tests are skipped (apt-get install postgresql)"),
    "browser": (browser, "Chromium is not installed: browser tests are skipped (apt-get install chromium)"),
    # Nothing else would notice that code which needs them is broken: without them its types are unknown too.
    "neural": (partial(installed, "torch"), "torch is not installed: tests of neural models are skipped (requirements-neural.txt)"),
    "semantic": (
        partial(installed, "onnxruntime", "tokenizers"),
        "ONNX Runtime is not installed: tests of sentence embeddings are skipped (requirements-semantic.txt)",
    ),
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
