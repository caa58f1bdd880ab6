"""Threads of the libraries below: how many a computation may use."""

from collections.abc import Iterator
from contextlib import contextmanager

from threadpoolctl import threadpool_limits


@contextmanager
def one_thread() -> Iterator[None]:
    """BLAS on one thread, within the block or the function it decorates. Training runs beside web workers: on a busy machine threads that
    wait for each other made solving eight times slower, while on an idle one a second thread saves a second. And the last digits of a sum
    depend on their number."""
    with threadpool_limits(limits=1):
        yield
