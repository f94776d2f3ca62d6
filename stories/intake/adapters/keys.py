"""Whose request it is: the app's key, where and as each SDK sends it."""

from __future__ import annotations

from base64 import b64decode
from typing import Any

from flask import request

from stories.catalogue import App
from stories.errors import ApiError
from stories.web.services import services

MAX_KEY = 100  # characters


def app_of(*keys: Any) -> App:
    """The app of the first of these that is a key at all. Raises ApiError 401."""
    for key in keys:
        if isinstance(key, str) and 0 < len(key) <= MAX_KEY:
            app = services().apps.by_key(key.strip())
            if app is not None:
                return app
            break
    raise ApiError(401, "unknown_app_key", "the key is not that of an app")


def name_of_basic() -> str | None:
    """The name of Basic credentials, whose password is empty: Segment sends its key so."""
    kind, _, secret = request.headers.get("Authorization", "").partition(" ")
    if kind.lower() != "basic":
        return None
    try:
        return b64decode(secret, validate=True).decode().partition(":")[0]
    except ValueError:  # no Base64, or no text
        return None


def bearer_text() -> str | None:
    kind, _, secret = request.headers.get("Authorization", "").partition(" ")
    return secret.strip() if kind.lower() == "bearer" else None
