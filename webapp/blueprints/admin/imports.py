"""`/admin/imports`: imported files with their counts and bad rows."""

from pathlib import Path

from flask import abort, render_template, send_from_directory
from flask.typing import ResponseReturnValue

from webapp.blueprints.admin.views import bp, settings_of_current_app
from webapp.policies import Permission
from webapp.queries.admin import count_imports, import_run, import_runs, is_interrupted
from webapp.web.guards import requires
from webapp.web.page_addresses import page_address
from webapp.web.paging import page_url_builder, requested_pagination

_PAGE = 25


@bp.get("/imports")
@requires(Permission.IMPORT_DATA)
def imports() -> ResponseReturnValue:
    """Every import with its counts."""
    here = page_address("admin.imports")
    page = requested_pagination(count_imports(), here, _PAGE)
    runs = import_runs(page.size, page.offset)
    interrupted = {run.id for run in runs if is_interrupted(run)}
    return render_template("admin/imports.html", runs=runs, interrupted=interrupted, page=page, page_url=page_url_builder(here))


@bp.get("/imports/<int:run_id>/errors.csv")
@requires(Permission.IMPORT_DATA)
def import_errors(run_id: int) -> ResponseReturnValue:
    """The bad rows of an import, with line and reason; only files of the imports' own folder are handed out."""
    run = import_run(run_id)
    if run is None or not run.errors_path:
        abort(404)
    name = Path(run.errors_path).name
    return send_from_directory(
        settings_of_current_app().instance_dir / "imports", name, mimetype="text/csv", as_attachment=True, download_name=name
    )
