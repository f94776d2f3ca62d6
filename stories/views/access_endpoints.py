"""The part of views/endpoints.py that is about people, tokens, share links and the audit log."""

from __future__ import annotations

from stories.accounts.payloads import (
    AccountChangesPayload,
    AccountPayload,
    PasswordPayload,
    TokenPayload,
)
from stories.views.endpoints import PAGES, Endpoint, Group, Schema

ID: Schema = {"type": "integer"}
ACCOUNT = {"id": 1, "name": "Ada", "role": "viewer", "apps": ["website"]}
TOKEN = {"id": 1, "name": "build server", "scopes": ["upload"], "app": "desktop"}
ACCOUNT_ID = ("account_id", ID, "of the person")

# fmt: off
_ENDPOINTS: tuple[Endpoint, ...] = (
    Endpoint("GET", "/account", "who is asking: role and apps", "basic",
             {"success": True, "account": {"name": "Ada", "role": "viewer", "apps": None}}),
    Endpoint("POST", "/account/password", "one's own new password; ends the other sessions", "basic",
             {"success": True}, body=PasswordPayload, statuses=(409,)),
    Endpoint("DELETE", "/account/sessions", "log oneself out everywhere", "basic",
             {"success": True, "ended": 2}),
    Endpoint("GET", "/tokens", "one's own API tokens; an owner's are everybody's", "basic",
             {"success": True, "tokens": [TOKEN]}),
    Endpoint("POST", "/tokens", "a new API token; its secret is shown this once", "basic",
             {"success": True, "token": TOKEN, "secret": "st_m2Vt"}, body=TokenPayload),
    Endpoint("DELETE", "/tokens/{token_id}", "revoke a token", "basic", {"success": True},
             (("token_id", ID, "of the token"),), statuses=(404,)),
    Endpoint("GET", "/audit", "who changed, exported, erased, shared or logged in", "basic",
             {"success": True, "entries": [], "next_cursor": None},
             (("format", {"type": "string", "enum": ["json", "csv"], "default": "json"}, "csv: all"),
              *PAGES), media=("application/json", "text/csv")),
    Endpoint("GET", "/accounts", "the people who may log in", "basic",
             {"success": True, "accounts": [ACCOUNT]}),
    Endpoint("POST", "/accounts", "a new person, and the secret of the link for their password", "basic",
             {"success": True, "account": ACCOUNT, "invite": "m2Vt"}, body=AccountPayload,
             statuses=(409,)),
    Endpoint("PATCH", "/accounts/{account_id}", "another role or other apps", "basic",
             {"success": True, "account": ACCOUNT}, (ACCOUNT_ID,), body=AccountChangesPayload,
             statuses=(404,)),
    Endpoint("POST", "/accounts/{account_id}/invite", "a new link, for a lost password", "basic",
             {"success": True, "account": ACCOUNT, "invite": "m2Vt"}, (ACCOUNT_ID,), statuses=(404,)),
    Endpoint("DELETE", "/accounts/{account_id}", "remove a person with sessions, tokens and links",
             "basic", {"success": True}, (ACCOUNT_ID,), statuses=(404,)),
)
# fmt: on
ACCESS_GROUP = Group(
    "Access", "Who may see what: people, tokens, share links, the log.", _ENDPOINTS
)
