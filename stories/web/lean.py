"""Flask without sessions, which nobody here uses: every request would look for a cookie and every answer
for a change of one. 7 % of the CPU of an ingest of 10 events (measured in one worker, by turns)."""

from __future__ import annotations

from flask import Flask, Request
from flask.sessions import NullSession, SessionInterface


class _NoSessions(SessionInterface):
    _none = NullSession()

    def open_session(self, app: Flask, request: Request) -> NullSession:
        return self._none


class LeanFlask(Flask):
    session_interface = _NoSessions()
