"""A WSGI application that says which process answered, or takes its time."""

import os
import time
from collections.abc import Iterable
from typing import Any


def app(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
    """`/slow` answers after a second, anything else at once."""
    if environ["PATH_INFO"] == "/slow":
        print("slow request begun", flush=True)
        time.sleep(1)
    environ["wsgi.input"].read()
    body = str(os.getpid()).encode()
    start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", str(len(body)))])
    return [body]
