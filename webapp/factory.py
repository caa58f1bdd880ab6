"""Application factory: an ordered list of init calls."""

from contextlib import nullcontext
from typing import Any

import structlog
from flask import Flask, Response, g, request, request_started, session
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import HTTPException
from werkzeug.middleware.proxy_fix import ProxyFix

from webapp import models  # noqa: F401 - tables must be known before anything asks for them
from webapp.background import init_background
from webapp.blueprints import register_blueprints
from webapp.config import ROOT, Settings, load_settings
from webapp.extensions import csrf, db, limiter, mail
from webapp.recommender import init_recommender
from webapp.support.file_permissions import restrict_existing_files, restrict_new_files
from webapp.transactions import Abandon, prepare_engine, unit_of_work, without_deferred_writes
from webapp.web.accounts import init_accounts
from webapp.web.compression import init_compression
from webapp.web.endpoint_write_markers import SAFE_METHODS, endpoint_may_defer_writes, has_durable_writes
from webapp.web.errors import init_errors
from webapp.web.headers import init_headers
from webapp.web.i18n import init_i18n
from webapp.web.logs import configure_logging, init_request_id
from webapp.web.request_guards import init_request_guards
from webapp.web.static_files import LIFETIME, init_static_files, static_folder_url
from webapp.web.templating import init_templating


class Waymark(Flask):
    """Flask with one unit of work around each request: an answer below 400 commits, any other rolls back. A GET is read-only by the
    database's own means; what one marked with `@writes` wants written is written at its end."""

    def full_dispatch_request(self) -> Response:
        """Static files aside, every request is one unit of work. It ends before the answer is finished: headers, cookies and the line in
        the log are those of what is sent, whether or not it could be committed."""
        if request.endpoint == "static":
            return super().full_dispatch_request()
        self._got_first_request = True
        try:
            answer = self._answer_in_unit_of_work()
        except Exception as error:  # noqa: BLE001 - what a commit raises has passed the handlers of views: here they are asked
            self._restore_session()
            answer = self.make_response(self._answer_commit_failure(error))
        return self.finalize_request(answer)

    def _answer_in_unit_of_work(self) -> Response:
        answer: Response | None = None
        writes, may_defer = request.method not in SAFE_METHODS, endpoint_may_defer_writes(self, request.endpoint)
        # HEAD shows nobody anything: nothing was served or looked at.
        traces = without_deferred_writes(required=False) if request.method == "HEAD" else nullcontext()
        with traces, unit_of_work(writes, may_defer, has_durable_writes(self, request.endpoint)):
            answer = self.make_response(self._dispatch())
            if answer.status_code >= 400:
                raise Abandon
        return answer

    def _dispatch(self) -> ResponseReturnValue | HTTPException:
        """What Flask does before it finishes an answer."""
        try:
            request_started.send(self, _async_wrapper=self.ensure_sync)
            early = self.preprocess_request()
            return self.dispatch_request() if early is None else early
        except Exception as error:  # noqa: BLE001 - as in Flask
            return self.handle_user_exception(error)

    def _restore_session(self) -> None:
        """Back to what the browser has sent: a notice or a sign-in of this request speaks of what was not kept."""
        sent = self.session_interface.open_session(self, request)
        session.clear()
        session.update(sent or {})
        g.pop("csrf_token", None)  # a secret for forms made meanwhile is not in the session any more

    def handle_exception(self, e: Exception) -> Response:
        """The answer to what fails while an answer is finished."""
        return self.make_response(self._answer_commit_failure(e))

    def _answer_commit_failure(self, error: Exception) -> ResponseReturnValue:
        structlog.get_logger(__name__).exception("unhandled_error")
        handler = self._find_error_handler(error, request.blueprints)
        if handler is None:
            return super().handle_exception(error)
        return self.ensure_sync(handler)(error)  # type: ignore[no-any-return]


def create_app(settings: Settings | None = None, serves: bool = False, **overrides: Any) -> Flask:
    """The application for these settings, or for those of the environment. Raises ConfigError.

    One that only `serves` has no commands and holds little of the database in each of its connections.
    """
    restrict_new_files()
    settings = settings or load_settings()
    restrict_existing_files(settings.instance_dir, *settings.database_files())
    configure_logging(settings)
    kept = settings.environment != "development"  # there, files change under a running server
    app = Waymark(
        "waymark",
        root_path=str(ROOT),
        instance_path=str(settings.instance_dir),
        static_folder=str(ROOT / "static"),
        static_url_path=static_folder_url(ROOT / "static") if kept else "/static",
        template_folder=str(ROOT / "templates"),
    )
    app.config.from_mapping(settings.flask_config() | overrides)
    app.config["SEND_FILE_MAX_AGE_DEFAULT"] = LIFETIME if kept else None
    app.extensions["settings"] = settings
    if settings.trusted_proxies:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=settings.trusted_proxies, x_proto=1, x_host=1)  # type: ignore[method-assign]
    init_request_id(app)
    init_static_files(app)
    init_compression(app)
    init_errors(app)
    init_i18n(app, settings)
    init_request_guards(app)
    init_headers(app, settings)
    db.init_app(app)
    with app.app_context():
        prepare_engine(db.engine, serves)
    csrf.init_app(app)
    limiter.init_app(app)
    mail.init_app(app)
    init_accounts(app)
    init_templating(app)
    init_recommender(app)
    init_background(app)
    register_blueprints(app)
    if not serves:
        # Late: a server would hold Alembic, the sample world and all else that commands bring for good.
        from webapp.cli import register_commands  # noqa: PLC0415

        register_commands(app)
    return app
