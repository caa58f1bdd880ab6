"""The commands of `python -m recsys`, one module each: `add` declares its arguments, `run` does it."""
