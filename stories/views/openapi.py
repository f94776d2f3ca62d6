"""The description of the API, made from the types that validate it.

views/endpoints.py is the list of what there is.
"""

from __future__ import annotations

import re
from functools import lru_cache

import msgspec

from stories.views.endpoints import ACCESS, ENDPOINTS, Endpoint, Schema

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
    400: "a wrong parameter or body; the error names it",
    401: "no or wrong credentials, or an unknown app key",
    403: "another site caused it",
    404: "there is no such thing",
    408: "the body took too long",
    409: "it is taken, or can no longer be changed",
    413: "over the limits",
    415: "an unknown Content-Encoding",
    429: "too many requests; Retry-After says when to come back",
    503: "the database is away; Retry-After says when to come back",
}


@lru_cache(maxsize=4)
def document(version: str) -> Schema:
    """The OpenAPI 3.1 document."""
    bodies = [endpoint.body for endpoint in ENDPOINTS if endpoint.body is not None]
    references, components = msgspec.json.schema_components(
        bodies, ref_template="#/components/schemas/{name}"
    )
    body_of = dict(zip(bodies, references, strict=True))
    paths: dict[str, Schema] = {}
    for endpoint in ENDPOINTS:
        operation = _operation(endpoint, body_of.get(endpoint.body))
        paths.setdefault(endpoint.path, {})[endpoint.method.lower()] = operation
    return {
        "openapi": "3.1.0",
        "info": {"title": "Stories Analytics", "version": version},
        "paths": paths,
        "components": {
            "schemas": {**components, "Error": ERROR},
            "securitySchemes": {
                "basic": {"type": "http", "scheme": "basic"},
                "appKey": {"type": "apiKey", "in": "header", "name": "X-App-Key"},
                "analyticsKey": {"type": "apiKey", "in": "header", "name": "X-Analytics-Key"},
            },
        },
        "x-endpoints": [
            {"method": e.method, "path": e.path, "summary": e.summary, "access": e.access}
            for e in ENDPOINTS
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
            "content": {"application/json": {"schema": body}},
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
        return set()
    found = {400, 401, 429, 503}
    if endpoint.method != "GET" and endpoint.access != "ingest":
        found.add(403)
    return found | {408, 413, 415} if endpoint.body is not None else found
