"""The day of a moment in SQL, in UTC whatever zone the database server keeps."""

from typing import Any

from sqlalchemy import String
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement


class utc_day(FunctionElement[str]):  # noqa: N801 - reads like func.…
    """`utc_day(column)`: the day of a stored moment as text, YYYY-MM-DD, the same on both databases."""

    type = String(10)
    inherit_cache = True
    name = "utc_day"


@compiles(utc_day, "sqlite")
def _on_sqlite(element: Any, compiler: Any, **options: Any) -> str:
    return f"substr({compiler.process(element.clauses, **options)}, 1, 10)"


@compiles(utc_day, "postgresql")
def _on_postgresql(element: Any, compiler: Any, **options: Any) -> str:
    return f"to_char(timezone('UTC', {compiler.process(element.clauses, **options)}), 'YYYY-MM-DD')"
