"""HTML pages: a template, the addresses of its static files, and headers that say what it may load."""

from __future__ import annotations

from typing import Any

from flask import Response, render_template

from stories.web.static_files import static_files

# This server's own files and nothing inline but the import map, which a page names by its hash.
POLICY = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self' data:",
    "connect-src": "'self'",
    "font-src": "'self'",
    "base-uri": "'none'",
    "form-action": "'self'",
    "frame-ancestors": "'none'",
}


def render(
    template: str,
    more_policy: dict[str, str] | None = None,
    referrer: str = "no-referrer",
    **values: Any,
) -> Response:
    """The template as a page that no cache keeps. more_policy: sources added to directives of POLICY.
    referrer: the Referrer-Policy."""
    files = static_files()
    text = render_template(template, asset=files.address, import_map=files.import_map, **values)
    more = {"script-src": files.import_map_hash, **(more_policy or {})}
    response = Response(text, mimetype="text/html")
    response.headers["Content-Security-Policy"] = "; ".join(
        f"{directive} {sources} {more.get(directive, '')}".rstrip()
        for directive, sources in POLICY.items()
    )
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Referrer-Policy"] = referrer
    response.headers["Cache-Control"] = "no-store"
    return response
