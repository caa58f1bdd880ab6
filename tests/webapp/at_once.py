"""Several things done at once, each in a thread and an application context of its own."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

from flask import Flask

from tests.waiting import PATIENCE


def done_at_once(app: Flask, works: Sequence[Callable[[], Any]], refused: type[Exception] | tuple[()] = ()) -> int:
    """Do all of them, none of which begins before all can; how many ended otherwise than `refused`. Raises what else they raise."""
    begin = Barrier(len(works))

    def is_done(work: Callable[[], Any]) -> bool:
        with app.app_context():
            begin.wait(PATIENCE)
            try:
                work()
            except refused:
                return False
        return True

    with ThreadPoolExecutor(len(works)) as pool:
        return sum(pool.map(is_done, works))
