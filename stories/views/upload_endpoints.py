"""The part of views/endpoints.py that is about source maps and symbols. sentry-cli's API is described by
Sentry, and here in docs/SYMBOLS.md.
"""

from __future__ import annotations

from stories.payloads.uploads import ArtifactsForm
from stories.views.endpoints import TEXT, Endpoint, Group
from stories.views.issue_endpoints import APP

STORED = {"kind": "source_map", "debug_id": "5ac3ab1a-4b1c-5e6d-9fe3-0123456789ab",
          "url": "~/assets/app.js.map", "bytes": 6_210_331}  # fmt: skip
ARTIFACT = {
    "id": 17, "kind": "source_map", "debug_id": "5ac3ab1a-4b1c-5e6d-9fe3-0123456789ab",
    "name": "app.js.map", "url": "~/assets/app.js.map", "releases": [{"release": "1.2.3", "dist": ""}],
    "bytes": 6_210_331, "kept_bytes": 1_420_112, "uploaded_at": "2026-11-21T10:00:00.000Z",
    "used_at": "2026-11-21T11:30:00.000Z", "uses": 41, "trouble": "",
}  # fmt: skip
UPLOAD = {"id": 5, "kind": "bundle", "name": "bundle.zip", "release": "1.2.3", "state": "stored",
          "detail": "", "at": "2026-11-21T10:00:00.000Z"}  # fmt: skip
MISSING = {"key": "file:1.2.2:app.js", "what": "app.js", "release": "1.2.2", "crashes": 12,
           "last_at": "2026-11-21T09:12:00.000Z", "raw": True}  # fmt: skip

# fmt: off
UPLOADS_GROUP = Group(
    "Source maps and symbols",
    "What gives minified and native frames their real names. Tokens of scope upload send them.",
    (
        Endpoint("POST", "/artifacts", "store a script and its map, a bundle, or native symbols",
                 "basic", {"success": True, "state": "stored", "stored": [STORED], "crashes_queued": 12},
                 (("app", TEXT, "slug of an app, unless the form or the token names one"),),
                 body=ArtifactsForm, takes="multipart/form-data", statuses=(429, 503)),
        Endpoint("GET", "/artifacts", "what is stored, what was sent, and what crashes miss", "basic",
                 {"success": True, "app": "desktop", "artifacts": [ARTIFACT], "uploads": [UPLOAD],
                  "missing": [MISSING], "bytes": 61_210_331, "limit_bytes": 2_147_483_648,
                  "symbolic": True}, (APP,)),
        Endpoint("DELETE", "/artifacts/{artifact_id}", "delete one of them", "basic", {"success": True},
                 (("artifact_id", TEXT, "its id"),), statuses=(404,)),
    ),
)
# fmt: on
