"""Multiplies the imported learners of a SQLite database, with their enrollments and events, by SQL: what a larger platform would hold."""

import sqlite3
from contextlib import closing

UNIQUE = {"users": ("fs_uniquifier", "external_id"), "enrollments": (), "events": ("client_id",)}
"""The tables, and their columns whose text must differ between copies."""
_IMPORTED = "select id from users where source is not null and role = 'learner' and id <= :users"


def multiply(path: str, times: int) -> dict[str, int]:
    """Make `times` of every imported learner; returns the rows there are afterwards, by table."""
    with closing(sqlite3.connect(path)) as connection, connection:
        largest = {table: connection.execute(f"select max(id) from {table}").fetchone()[0] for table in UNIQUE}
        for copy in range(1, times):
            for table in UNIQUE:
                connection.execute(_insertion(connection, table), largest | {"copy": copy})
        connection.execute(
            "update courses set enrollment_count = enrollment_count * ?, completion_count = completion_count * ?", (times,) * 2
        )
        connection.execute("analyze")
        return {table: connection.execute(f"select count(*) from {table}").fetchone()[0] for table in UNIQUE}


def _insertion(connection: sqlite3.Connection, table: str) -> str:
    """Insert the rows of the learners there were at first once more, under ids and names of their own."""
    names = [row[1] for row in connection.execute(f"pragma table_info({table})")]
    values = dict(zip(names, names, strict=True)) | {"id": f"id + :copy * :{table}"}
    values |= {name: f"{name} || '-' || :copy" for name in UNIQUE[table]}
    if "user_id" in values:
        values["user_id"] = "user_id + :copy * :users"
    values |= dict.fromkeys({"email", "password"} & values.keys(), "null")  # whoever was let in stays one
    owner = "user_id" if "user_id" in values else "id"
    return f"insert into {table} ({', '.join(values)}) select {', '.join(values.values())} from {table} where {owner} in ({_IMPORTED})"
