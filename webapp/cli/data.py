"""`flask data`: import files, and load the sample world."""

import re
import resource
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import click
from flask import current_app
from tqdm import tqdm

from webapp.cli.group import DatabaseGroup
from webapp.config import Settings
from webapp.importing.folder_plan import plan_folder
from webapp.importing.layout import FileKind
from webapp.importing.run import ImportRequest, Report, import_file
from webapp.policies import System
from webapp.sample.accounts import ADMIN, CREATOR, LEARNER
from webapp.sample.catalog_reader import CatalogError
from webapp.sample.load import SEED, load_sample
from webapp.services.errors import ServiceError
from webapp.transactions import unit_of_work

data = DatabaseGroup("data", help="Bring data in.")
_EVERY_SECONDS = 5.0


@data.command("sample")
@click.option("--learners", type=click.IntRange(1, 100_000), help="How many learners to simulate; WAYMARK_SAMPLE_LEARNERS otherwise.")
@click.option("--seed", default=SEED, show_default=True, help="Same seed, same behavior.")
def sample_command(learners: int | None, seed: int) -> None:
    """Fill a database without courses with the sample world, and say how to sign in."""
    settings: Settings = current_app.extensions["settings"]
    try:
        with unit_of_work():
            world = load_sample(System(), learners or settings.sample_learners, seed, settings.sample_password)
    except (ServiceError, CatalogError) as error:
        raise click.ClickException(str(error)) from error
    if not world.loaded:
        click.echo(f"The sample world is there already ({world.courses} courses): nothing changed.")
        return
    click.echo(
        f"Loaded {world.courses} courses with {world.lessons:,} lessons, {world.learners:,} people, "
        f"{world.enrollments:,} enrollments and {world.events:,} events. All of it is sample data."
    )
    click.echo(f"Sign in as {LEARNER}, {CREATOR} or {ADMIN}.")
    if not settings.sample_password:
        click.echo(f"Their password, shown only this once: {world.password}")


@data.command("import")
@click.argument("what")
@click.argument("path", required=False, type=click.Path(path_type=Path))
@click.option("--layout", help="generic, ibm-capstone, mars-en or mooccubex; recognized from header and name otherwise.")
@click.option("--map", "pairs", multiple=True, metavar="COLUMN=FIELD", help="Which column of the file is which field; repeatable.")
@click.option("--source", help="What the ids are unique within; the layout's own name, or `import`, otherwise.")
@click.option("--dry-run", is_flag=True, help="Write nothing, say what would happen.")
def import_command(what: str, path: Path | None, layout: str | None, pairs: tuple[str, ...], source: str | None, dry_run: bool) -> None:
    """Import WHAT (courses, learners or interactions) from the CSV file PATH, plain or gzipped.

    With one argument, a file of a known layout, or a folder: then its known files are imported in the right order.
    """
    kind = _kind(what) if path is not None else None
    request = ImportRequest(path or Path(what), kind, layout, _check_source_name(source), _parse_column_map(pairs), dry_run)
    try:
        assumed: frozenset[str] = frozenset()
        for single in _import_request_for_each_file(request):
            report = _import_one(replace(single, assumed=assumed))
            assumed |= report.new_courses
    except ServiceError as error:
        raise click.ClickException(str(error)) from error
    _echo_peak()


def _kind(what: str) -> FileKind:
    try:
        return FileKind(what)
    except ValueError:
        raise click.ClickException(f"{what!r} cannot be imported: courses, learners or interactions.") from None


def _check_source_name(source: str | None) -> str | None:
    if source is not None and not re.fullmatch(r"[a-z0-9][a-z0-9-]{0,31}", source):
        raise click.ClickException("--source takes up to 32 lower-case letters, digits and dashes.")
    if source == "sample":
        raise click.ClickException("--source sample is taken by the sample world.")
    return source


def _parse_column_map(pairs: tuple[str, ...]) -> dict[str, str]:
    for pair in pairs:
        if not all(part.strip() for part in pair.partition("=")[::2]):
            raise click.ClickException(f"--map {pair}: the form is COLUMN=FIELD, for example --map name=title.")
    return {pair.partition("=")[0].strip(): pair.partition("=")[2].strip() for pair in pairs}


def _import_request_for_each_file(request: ImportRequest) -> Iterator[ImportRequest]:
    """The request itself, or one for each known file of a folder."""
    if not request.path.is_dir():
        yield request
        return
    plan = plan_folder(request.path, request.layout)
    for name, _ in plan.skipped:
        click.echo(f"{name}: no known layout, left out")
    for path, bound in plan.files:
        yield replace(request, path=path, kind=bound.layout.kind)


def _import_one(request: ImportRequest) -> Report:
    folder = current_app.extensions["settings"].instance_dir / "imports"
    began = time.monotonic()
    with _progress_display(request.path.name) as progress, unit_of_work(writes=not request.dry_run):
        report = import_file(System(), request, folder, progress)
    _echo_report(report, time.monotonic() - began)
    return report


@contextmanager
def _progress_display(name: str) -> Iterator[Callable[[int, float], None]]:
    """A bar on a terminal, a line every few seconds elsewhere."""
    if sys.stderr.isatty():
        with tqdm(total=100, desc=name, unit="%", bar_format="{desc} {bar} {percentage:3.0f} %  {elapsed} {postfix}") as bar:

            def draw(rows: int, share: float) -> None:
                bar.set_postfix_str(f"{rows:,} rows", refresh=False)
                bar.update(100 * share - bar.n)

            yield draw
        return
    last = time.monotonic()

    def tell(rows: int, share: float) -> None:
        nonlocal last
        if time.monotonic() - last >= _EVERY_SECONDS:
            last = time.monotonic()
            click.echo(f"{name}: {rows:,} rows, {share:.0%} of the file", err=True)

    yield tell


def _echo_report(report: Report, seconds: float) -> None:
    read = report.rows - report.resumed_at
    if report.resumed_at:
        click.echo(f"{report.file}: went on after row {report.resumed_at:,}, where an earlier import had stopped.")
    outcome = report.outcome
    verb = "would be " if report.dry_run else ""
    click.echo(
        f"{report.file}: {report.kind} in the layout {report.layout}, {report.rows:,} rows: {outcome.new:,} {verb}new, "
        f"{outcome.changed:,} {verb}changed, {outcome.known:,} known already, {report.bad:,} bad"
        f" ({seconds:.1f} s, {read / max(seconds, 1e-9):,.0f} rows/s)"
    )
    if not report.bad and not outcome.new and not outcome.changed:
        click.echo("  Nothing changed." if not report.dry_run else "  Nothing would change.")
    if report.reasons:
        click.echo("  Problems by column: " + ", ".join(f"{column} {count}" for column, count in report.reasons.most_common()))
    if report.warnings:
        click.echo(f"  {report.warnings:,} warnings: rows that were imported, with a doubt.")
    if report.problems_path:
        click.echo(f"  Bad rows and doubts, line by line: {report.problems_path}")
    for problem in report.first_problems if report.dry_run else ():
        column = f"{problem.column}: " if problem.column else ""
        click.echo(f"  line {problem.line}, {problem.severity}: {column}{problem.reason}")


def _echo_peak() -> None:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    mebibytes = peak / 2**20 if sys.platform == "darwin" else peak / 2**10
    click.echo(f"Peak memory {mebibytes:,.0f} MB.")
