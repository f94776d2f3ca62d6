"""The description of the API, made from the types that validate it.

views/endpoints.py is the list of what there is.
"""

from __future__ import annotations

import re
from functools import lru_cache

import msgspec

from stories.views.access_endpoints import ACCESS_GROUP
from stories.views.alert_endpoints import ALERTS_GROUP
from stories.views.asking_endpoints import ASKING_GROUP
from stories.views.endpoints import ACCESS, GROUPS, Endpoint, Schema
from stories.views.filter_endpoints import FILTERS_GROUP
from stories.views.issue_endpoints import ISSUES_GROUP
from stories.views.people_endpoints import LIVE_GROUP
from stories.views.question_endpoints import QUESTIONS_GROUP
from stories.views.sdk_endpoints import SDKS_GROUP
from stories.views.upload_endpoints import UPLOADS_GROUP

EVERY_GROUP = (
    *GROUPS,
    FILTERS_GROUP,
    QUESTIONS_GROUP,
    ASKING_GROUP,
    LIVE_GROUP,
    ISSUES_GROUP,
    UPLOADS_GROUP,
    ALERTS_GROUP,
    ACCESS_GROUP,
    SDKS_GROUP,
)
EVERY_ENDPOINT = tuple(endpoint for group in EVERY_GROUP for endpoint in group.endpoints)

ERROR: Schema = {
    "type": "object",
    "required": ["success", "error", "code", "details"],
    "properties": {
        "success": {"const": False},
        "error": {"type": "string", "description": "one sentence that names the field"},
        "code": {"type": "string", "description": "stable reason"},
        "details": {"type": "array", "items": {"type": "object"}},
    },
}

WHY = {
    400: "a parameter or the body is invalid; the error names it",
    401: "credentials are missing or wrong, or the app key is unknown",
    403: "the request came from another site, or who asks may not do that, or the key is not the app's",
    404: "it does not exist",
    408: "the body took too long",
    409: "the name is taken, or the state does not allow it",
    413: "the body is too large",
    415: "the Content-Encoding is not supported",
    429: "too many requests; Retry-After says when to try again",
    503: "the database or the server is not available; Retry-After says when to try again",
}


@lru_cache(maxsize=4)
def document(version: str) -> Schema:
    """The OpenAPI 3.1 document."""
    bodies = [endpoint.body for endpoint in EVERY_ENDPOINT if endpoint.body is not None]
    references, components = msgspec.json.schema_components(
        bodies, ref_template="#/components/schemas/{name}"
    )
    body_of = dict(zip(bodies, references, strict=True))
    paths: dict[str, Schema] = {}
    for group in EVERY_GROUP:
        for endpoint in group.endpoints:
            operation = _operation(endpoint, body_of.get(endpoint.body))
            operation["tags"] = [group.name]
            paths.setdefault(endpoint.path, {})[endpoint.method.lower()] = operation
    return {
        "openapi": "3.1.0",
        "info": {"title": "Stories Analytics", "version": version},
        "tags": [{"name": group.name, "description": group.description} for group in EVERY_GROUP],
        "paths": paths,
        "components": {
            "schemas": {**components, "Error": ERROR},
            "securitySchemes": {
                "basic": {"type": "http", "scheme": "basic"},
                "token": {"type": "http", "scheme": "bearer"},
                "session": {"type": "apiKey", "in": "cookie", "name": "__Host-stories"},
                "appKey": {"type": "apiKey", "in": "header", "name": "X-App-Key"},
                "analyticsKey": {"type": "apiKey", "in": "header", "name": "X-Analytics-Key"},
            },
        },
        "x-endpoints": [
            {"method": e.method, "path": e.path, "summary": e.summary, "access": e.access}
            for e in EVERY_ENDPOINT
        ],
    }


def _operation(endpoint: Endpoint, body: Schema | None) -> Schema:
    operation: Schema = {
        "summary": endpoint.summary,
        "operationId": endpoint.method.lower() + re.sub(r"\W", "", endpoint.path.title()),
        "parameters": [
            {
                "name": name,
                "in": "path" if f"{{{name}}}" in endpoint.path else "query",
                "required": f"{{{name}}}" in endpoint.path,
                "schema": schema,
                "description": text,
            }
            for name, schema, text in endpoint.parameters
        ],
        "security": ACCESS[endpoint.access],
        "responses": {"200": {"description": "OK", "content": _good(endpoint)}},
    }
    if body is not None:
        operation["requestBody"] = {
            "required": True,
            "content": {endpoint.takes: {"schema": body}},
        }
    for status in sorted({*_statuses(endpoint), *endpoint.statuses}):
        operation["responses"][str(status)] = {
            "description": WHY[status],
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}},
        }
    return operation


def _good(endpoint: Endpoint) -> Schema:
    content: Schema = {media: {"schema": {"type": "string"}} for media in endpoint.media}
    if (good := content.get("application/json")) is not None:
        good["schema"] = {"type": "array" if isinstance(endpoint.example, list) else "object"}
    if endpoint.example is not None:
        content[endpoint.media[0]]["example"] = endpoint.example
    return content


def _statuses(endpoint: Endpoint) -> set[int]:
    if endpoint.access == "open":
        return {400}  # a header that is none
    statuses = {400, 401, 429, 503}
    if endpoint.access != "ingest":
        statuses.add(403)
    return statuses | {408, 413, 415} if endpoint.body is not None else statuses
