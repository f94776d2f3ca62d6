"""The application: create_app() builds it, `app` is what gunicorn serves.

`python app.py` starts everything locally with one process and reload; `make run` the same with two.
"""

from __future__ import annotations

import os
import sys
from typing import Any

from flask import Flask, request
from flask_cors import CORS
from werkzeug.middleware.proxy_fix import ProxyFix

import aggregator
from database import Database
from stories import config as settings
from stories import intake, logs, views
from stories.alerts import cli as annotate
from stories.alerts.annotations import Annotations
from stories.config import ROOT, Config
from stories.errors import SetupError
from stories.operation import accounts_cli, cli, local_postgres
from stories.web import access, answers, body, request_log, static_files
from stories.web.lean import LeanFlask
from stories.web.load_shedding import LoadShedding
from stories.web.services import Services
from stories.web.slow_clients import SlowClientLimits

# What a page on another site may call: intake, and /health, whose time tells a client its clock's error.
INGEST_PATHS = r"^/(track|crash|health|api/track)$"
# SDKs of others ask with headers of their own, and some as if a cookie mattered. None is looked at here.
SDK_PATHS = (
    r"^/(api/\d+/(envelope|store)|api/tunnel|batch|e|i/v0/e|i/v1/analytics/events|capture|flags|decide"
    r"|array/[^/]+/config(\.js)?|v1/(batch|track|page|screen|identify|alias|group|b|t|p|s|i|a|g)"
    r"|api/v0/events?)/?$"
)


def create_app(config: Config | None = None, dsn: str | None = None) -> Flask:
    """A Flask app on the database at `dsn` (default: the configured one, started if it is ours).
    No connection is made before the first request."""
    config = config or settings.load()
    logs.configure(config.log_level, config.log_format)
    app = LeanFlask(__name__, static_folder=None)
    app.secret_key = config.secret_key
    app.json.sort_keys = False  # type: ignore[attr-defined]
    app.extensions["stories"] = Services.build(
        config, Database(dsn or local_postgres.dsn(config), config.max_connections)
    )
    static_files.install(app)
    health = app.extensions["stories"].health
    shedding = LoadShedding(SlowClientLimits(app.wsgi_app), _cors_rules(config), config, health)
    app.wsgi_app = app.extensions["stories.shedding"] = shedding  # type: ignore[method-assign]
    if config.trusted_proxies:
        hops = config.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]
    _let_pages_call(app, config)
    request_log.install(app, config)
    answers.install(app)
    access.install(app, config)
    body.install(app)
    for blueprint in (*intake.BLUEPRINTS, *views.BLUEPRINTS):
        app.register_blueprint(blueprint)
    services: Services = app.extensions["stories"]
    for command in cli.commands(services.database, services.apps):
        app.cli.add_command(command)
    for command in accounts_cli.commands(services.accounts, services.apps):
        app.cli.add_command(command)
    annotations = Annotations(services.database)
    app.cli.add_command(annotate.command(annotations, services.accounts, services.apps))
    for job in aggregator.JOBS:
        app.cli.add_command(cli.job_command(job.name, job.help, aggregator.main))
    return app


def _let_pages_call(app: Flask, config: Config) -> None:
    """CORS of `_cors_rules`. flask-cors looks at every answer; only one that a page of another site
    asks for, which its browser says, has to be looked at. That is 4 % of the CPU of an ingest of 10
    events (measured in one worker, by turns)."""
    CORS(
        app,
        resources=_cors_rules(config),
        intercept_exceptions=False,  # errors are answers here (web/answers.py), so they come by anyway
    )
    cors = app.after_request_funcs[None].pop()

    @app.after_request
    def allow(response: Any) -> Any:
        return cors(response) if "HTTP_ORIGIN" in request.environ else response


def _cors_rules(config: Config) -> dict[str, dict[str, Any]]:
    """Patterns of paths and flask-cors' options for them."""
    common = {
        "origins": [part.strip() for part in config.cors_origins.split(",")],
        "methods": ["GET", "POST", "OPTIONS"],
        "expose_headers": ["Retry-After"],
        "max_age": 86400,
    }
    return {
        INGEST_PATHS: {
            **common,
            "allow_headers": ["Content-Type", "Content-Encoding", "X-App-Key"],
        },
        SDK_PATHS: {
            **common,
            "allow_headers": "*",
            "expose_headers": ["Retry-After", "X-Sentry-Rate-Limits", "X-Sentry-Error"],
            "supports_credentials": True,
        },
    }


def serve_locally() -> None:
    """Replace this process by gunicorn with one worker and reload."""
    os.chdir(ROOT)
    os.execv(
        sys.executable,
        [sys.executable, "-m", "gunicorn", "app:app", "--workers", "1", "--reload", *sys.argv[1:]],
    )


if __name__ == "__main__":
    serve_locally()
elif "pytest" not in sys.modules:
    try:
        app = create_app()
    except SetupError as error:
        sys.exit(f"error: {error}")
