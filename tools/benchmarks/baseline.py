"""What one would write first: Flask, plain tables with seven indexes, executemany in one
transaction per request. No deduplication, no rollups, little validation: the figure to compare
with.

`gunicorn tools.benchmarks.baseline:app` with DATABASE_URL.
"""

from __future__ import annotations

import os
import threading
from typing import Any

import psycopg2
from flask import Flask, Response, jsonify, request
from psycopg2.extras import Json

SCHEMA = """
create table if not exists events (
    id serial primary key,
    user_id varchar(100) not null,
    event varchar(100) not null,
    timestamp timestamp not null,
    properties jsonb,
    app_version varchar(20),
    platform varchar(50),
    country varchar(2),
    created_at timestamp default now()
);
create index if not exists idx_user_id on events (user_id);
create index if not exists idx_event on events (event);
create index if not exists idx_timestamp on events (timestamp);
create index if not exists idx_app_version on events (app_version);
create index if not exists idx_country on events (country);
create index if not exists idx_user_timestamp on events (user_id, timestamp);
"""
_INSERT = """
insert into events (user_id, event, timestamp, properties, app_version, platform, country)
values (%s, %s, %s, %s, %s, %s, %s)
"""
_EVENTS = frozenset({
    "app_opened", "recording_started", "recording_completed", "transcription_completed",
    "transcription_failed", "feature_toggled", "retry_attempted",
})  # fmt: skip

app = Flask(__name__)
_local = threading.local()


def _connection() -> Any:
    if not hasattr(_local, "connection"):
        _local.connection = psycopg2.connect(os.environ["DATABASE_URL"])
    return _local.connection


@app.post("/track")
def track() -> tuple[Response, int] | Response:
    rows = []
    for item in request.get_json()["events"]:
        if item["event"] not in _EVENTS:
            return jsonify(success=False, error="unknown event"), 400
        rows.append((
            item["user_id"], item["event"], item["timestamp"], Json(item.get("properties")),
            item.get("app_version"), item.get("platform"), item.get("country"),
        ))  # fmt: skip
    with _connection() as connection, connection.cursor() as cursor:
        cursor.executemany(_INSERT, rows)
    return jsonify(success=True, events_received=len(rows))


@app.get("/health")
def health() -> Response:
    return jsonify(status="healthy")
