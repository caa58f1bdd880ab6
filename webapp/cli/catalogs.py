"""`flask catalogs`: translations made ready to be spoken."""

import sys

import click

from webapp.web.translation_compiler import CompiledCatalog, compile_catalogs


@click.command("catalogs")
def catalogs() -> None:
    """Compile the catalogs of all languages in webapp/translations; servers that start from then on speak them."""
    compiled = compile_and_report()
    if not compiled:
        click.echo("There is no catalog besides English: make one with pybabel init (docs/architecture.md, Words).")
    sys.exit(int(any(catalog.faults for catalog in compiled)))


def compile_and_report() -> list[CompiledCatalog]:
    """Compile the catalogs of messages and say how far each language is, and what was left out of it."""
    compiled = compile_catalogs()
    for catalog in compiled:
        click.echo(f"{catalog.language}: {catalog.translated:,} of {catalog.messages:,} messages are translated.")
        for fault in catalog.faults:
            click.echo(f"{catalog.language}: left out, {fault}", err=True)
    return compiled
