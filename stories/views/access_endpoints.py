"""The part of views/endpoints.py that is about people, tokens, share links and the audit log."""

from __future__ import annotations

from stories.accounts.payloads import (
    AccountChangesPayload,
    AccountPayload,
    LinkPayload,
    PasswordPayload,
    TokenPayload,
)
from stories.views.endpoints import PAGES, TEXT, Endpoint, Group, Schema

ID: Schema = {"type": "integer"}
ACCOUNT = {"id": 1, "name": "Ada", "role": "viewer", "apps": ["website"]}
TOKEN = {"id": 1, "name": "build server", "scopes": ["upload"], "app": "desktop"}
LINK = {"id": "0a1b", "name": "for the board", "app": "desktop", "page": "growth", "period": "30d"}
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
    Endpoint("GET", "/links", "one's own share links; an owner's are everybody's", "basic",
             {"success": True, "links": [LINK]}),
    Endpoint("POST", "/links", "share a page of an app; its address is shown this once", "basic",
             {"success": True, "link": LINK, "path": "/shared/0a1b#m2Vt"}, body=LinkPayload),
    Endpoint("DELETE", "/links/{link_id}", "revoke a share link", "basic", {"success": True},
             (("link_id", TEXT, "of the link"),), statuses=(404,)),
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
