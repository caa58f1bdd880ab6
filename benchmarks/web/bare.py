"""The bare page: Flask and one query on the same database, nothing else. Gunicorn serves `benchmarks.web.bare:app`."""

import os
from functools import cache

from flask import Flask
from sqlalchemy import Engine, create_engine, text

app = Flask("bare")


@cache
def engine() -> Engine:
    """Made at the first request, so after the fork."""
    return create_engine(os.environ["WAYMARK_DATABASE_URL"])


@app.get("/healthz")
def healthz() -> str:
    return "ok"


@app.get("/")
def page() -> str:
    with engine().connect() as connection:
        titles = connection.scalars(text("select title from courses order by id limit 10")).all()
    return "<!doctype html><title>bare</title><ul>" + "".join(f"<li>{title}" for title in titles) + "</ul>"
