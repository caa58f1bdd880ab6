"""Epoch seconds in SQL: a moment as a number, so that thousands of rows need no datetime each."""

from typing import Any

from sqlalchemy import Float
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement


class epoch(FunctionElement[float]):  # noqa: N801 - reads like func.…
    """`epoch(column)`: seconds since 1970 of a stored moment, to some hundred microseconds."""

    type = Float()
    inherit_cache = True
    name = "epoch"


@compiles(epoch, "sqlite")
def _on_sqlite(element: Any, compiler: Any, **options: Any) -> str:
    return f"((julianday({compiler.process(element.clauses, **options)}) - 2440587.5) * 86400.0)"


@compiles(epoch, "postgresql")
def _on_postgresql(element: Any, compiler: Any, **options: Any) -> str:
    return f"cast(extract(epoch from {compiler.process(element.clauses, **options)}) as double precision)"
