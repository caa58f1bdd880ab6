"""Server settings: `BIND`, `PORT`, `WORKERS` and `THREADS`, as `make run` takes them."""

from collections.abc import Mapping
from dataclasses import dataclass

_NUMBERS = {"PORT": (8000, 1, 65535), "WORKERS": (2, 1, 64), "THREADS": (4, 1, 64)}  # default, lowest, highest


@dataclass(frozen=True, slots=True)
class ServerSettings:
    """Where to listen, and how many processes and threads answer."""

    bind: str
    workers: int
    threads: int


def server_settings(env: Mapping[str, str]) -> ServerSettings:
    """The settings of the environment; what is empty is not set. Raises ValueError with one line for each that cannot be used."""
    values: dict[str, int] = {}
    problems = []
    for name, (default, low, high) in _NUMBERS.items():
        raw = env.get(name, "").strip()
        if not raw:
            values[name] = default
        elif raw.isascii() and raw.isdigit() and len(raw) < 10 and low <= int(raw) <= high:
            values[name] = int(raw)
        else:
            problems.append(f"{name}={raw!r}: a whole number from {low} to {high} is expected")
    if problems:
        raise ValueError("Waymark cannot start with these settings:\n  " + "\n  ".join(problems))
    return ServerSettings(env.get("BIND", "").strip() or f"127.0.0.1:{values['PORT']}", values["WORKERS"], values["THREADS"])
