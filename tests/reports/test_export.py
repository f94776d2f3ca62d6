"""GET /api/export: the three formats, spreadsheets, memory, readers that leave, many at once."""

from __future__ import annotations

import contextlib
import csv
import http.client
import io
import json
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg2
import pytest

from stories.reports import export
from stories.views import exports
from tests.support import basic, crash, event
from tests.views import crash_reports

AUTH = basic("admin", "admin")
MANY = 50_000
MEMORY = 150 * 1024  # KB, of one worker
FORMULAS = [
    "=1+1",
    "+1",
    "-1",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "＝1",
    '=HYPERLINK("http://evil.example")',
]


def rows_of(text: str, form: str) -> list[dict[str, Any]]:
    if form == "csv":
        return list(csv.DictReader(io.StringIO(text, newline="")))
    if form == "ndjson":
        return [json.loads(line) for line in text.splitlines()]
    found: list[dict[str, Any]] = json.loads(text)
    return found


def get(client, **query: Any) -> Any:
    return client.get("/api/export", query_string=query, headers=AUTH)


@pytest.mark.parametrize("form", ["json", "ndjson", "csv"])
def test_issues_are_exported_as_they_are_now(client, now, form):
    formula = "=HYPERLINK(x)"
    crash_reports.send(client, "cart", now, error_message=formula, stack_trace=None)
    for who in (1, 2):
        crash_reports.send(client, "door", now, who=who, version="1.1.0")
    crash_reports.send(client, "old", crash_reports.days_ago(now, 60))
    [door] = [
        issue["id"]
        for issue in crash_reports.get(client, "/issues")["issues"]
        if issue["crashes"] == 2
    ]
    crash_reports.change(client, f"/issues/{door}", state="resolved", in_version="1.2.0")
    answer = get(client, app="desktop", what="issues", format=form)
    assert answer.headers["Content-Disposition"].endswith(f'-issues-2026-11-21.{form}"')
    rows = {row["title"]: row for row in rows_of(answer.text, form)}
    title = "TypeError: door is not a function"
    assert set(rows) == {title, f"'{formula}" if form == "csv" else formula}
    told = {name: str(rows[title][name]) for name in ("id", "state", "fixed", "crashes", "people")}
    assert told == {"id": door, "state": "resolved", "fixed": "in", "crashes": "2", "people": "2"}
    assert rows[title]["fixed_version"] == "1.2.0"


@pytest.mark.parametrize("form", ["json", "ndjson", "csv"])
@pytest.mark.parametrize("what", ["events", "crashes", "daily"])
def test_every_table_in_every_format(client, now, form, what):
    when = now.isoformat()
    for n in range(3):
        sent = event(id=str(n), timestamp=when, properties={"source": "ünï"})
        client.post("/track", json={"events": [sent]})
        client.post(
            "/crash", json=crash(id=str(n), timestamp=when, stack_trace='at "x",\n  line 2')
        )
    answer = get(client, app="desktop", what=what, format=form, days=7)
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == export.MEDIA[form]
    expected = f'attachment; filename="desktop-{what}-{now:%Y-%m-%d}.{form}"'
    assert answer.headers["Content-Disposition"] == expected
    rows = rows_of(answer.text, form)
    assert len(rows) == (1 if what == "daily" else 3)
    row = rows[0]
    if what == "daily":
        assert (row["event"], int(row["count"])) == ("app_opened", 3)
    else:
        assert datetime.fromisoformat(row["timestamp"]).utcoffset() == timedelta(0)
    if what == "crashes":
        assert row["stack_trace"] == 'at "x",\n  line 2'
    if what == "events":
        properties = row["properties"]
        assert (json.loads(properties) if form == "csv" else properties) == {"source": "ünï"}


@pytest.mark.parametrize(("form", "text"), [("json", "[]"), ("ndjson", "")])
def test_an_empty_app_exports_an_empty_file(client, form, text):
    assert get(client, format=form).text.strip() == text
    header = get(client, format="csv").text
    assert header.splitlines() == [header.strip()]
    assert header.startswith("timestamp,user_id,event,")


def test_without_parameters_it_is_the_websites_events_as_json(client):
    answer = get(client)
    assert answer.headers["Content-Type"] == "application/json"
    assert "website-events-" in answer.headers["Content-Disposition"]


@pytest.mark.parametrize(
    "query", [{"format": "xml"}, {"what": "users"}, {"days": 0}, {"app": "nope"}, {"from": "x"}]
)
def test_a_bad_parameter_is_a_400_that_names_it(client, query):
    answer = get(client, **query)
    assert answer.status_code == 400
    assert next(iter(query)) in answer.json["error"]


@pytest.mark.parametrize("text", FORMULAS)
def test_a_cell_is_never_a_formula(client, text):
    client.post("/crash", json=crash(error_message=text, stack_trace=text))
    [row] = rows_of(get(client, what="crashes", app="desktop", format="csv").text, "csv")
    assert row["error_message"] == f"'{text}"
    assert row["stack_trace"] == f"'{text}"


def test_numbers_and_absent_values_stay_what_they_are():
    assert [export.cell(value) for value in (-5, -0.5, None, True, "a=b", "x")] == [
        "-5", "-0.5", "", "True", "a=b", "x"
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("zone", "what"),
    [(z, w) for z in ("Asia/Tokyo", "America/New_York") for w in ("events", "daily")],
)
def test_days_are_the_apps_own(app, client, zone, what):
    now = datetime(2026, 11, 21, 12, tzinfo=UTC)
    app.config["NOW"] = lambda: now
    client.patch("/apps/desktop", json={"timezone": zone}, headers=AUTH)
    hours = range(-20, 73)
    client.post(
        "/track",
        json={
            "events": [
                event(timestamp=(now - timedelta(hours=h)).isoformat(), id=str(h)) for h in hours
            ]
        },
    )
    for days in (1, 2, 3):
        rows = rows_of(get(client, app="desktop", days=days, what=what).text, "json")
        count = sum(row["count"] for row in rows) if what == "daily" else len(rows)
        assert count == 24 * days
    assert get(client, app="desktop", days=1, what="daily").json[0]["date"] == "2026-11-21"


# A real server with much in it -----------------------------------------------------------------


FILL = """
insert into events (timestamp, dedupe_key, user_id, app_id, event, platform, session_id, properties)
select now() - n * interval '1 second', n, md5((n %% 997)::text)::uuid, app_id, 'pageview', 'Windows',
       'session-' || n / 7,
       jsonb_build_object('path', '/pricing/' || n %% 50, 'device', 'desktop', 'browser', 'Chrome',
                          'visit_source', 'www.example', 'title', repeat('A page about things ', 4))
from apps, generate_series(1, %s) as n
where slug = 'website'
"""


@pytest.fixture
def full(fresh_dsn: str) -> str:
    opened = contextlib.closing(psycopg2.connect(fresh_dsn))
    with opened as connection, connection, connection.cursor() as cursor:
        cursor.execute(FILL, (MANY,))
    return fresh_dsn


def opened(server: Any, path: str) -> tuple[http.client.HTTPConnection, http.client.HTTPResponse]:
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
    connection.request("GET", path, headers=AUTH)
    return connection, connection.getresponse()


def peak_memory(server: Any) -> Iterator[int]:
    """The most that each worker has held at once, in KB."""
    children = Path(f"/proc/{server.process.pid}/task/{server.process.pid}/children")
    if not children.exists():
        pytest.skip("needs /proc")
    for child in children.read_text().split():
        status = Path(f"/proc/{child}/status").read_text()
        if "gunicorn" in Path(f"/proc/{child}/cmdline").read_text():
            yield next(int(line.split()[1]) for line in status.splitlines() if "VmHWM" in line)


def drained(response: http.client.HTTPResponse) -> int:
    size = 0
    while piece := response.read(1 << 16):
        size += len(piece)
    return size


def test_memory_stays_bounded_and_readers_come_and_go(serve, full):
    """By hand with MANY = 1,000,000 (434 MB of NDJSON in 20 s on two busy cores): the worker held 45 MB
    at most, of 44 MB before; 49 MB after 3,000 crashes with stacks of 64,000 characters."""
    server = serve(full)
    before = max(peak_memory(server))
    for form in ("ndjson", "csv", "json"):
        connection, response = opened(server, f"/api/export?format={form}")
        assert response.status == 200
        assert drained(response) > 200 * MANY
        connection.close()
    after = max(peak_memory(server))
    assert after < MEMORY
    assert after - before < 25 * 1024, "an export grows with its rows"

    # As many at once as there are places; the next ones are told when to come back.
    held = [opened(server, "/api/export?format=ndjson") for _ in range(12)]
    answers = [response.status for _, response in held]
    assert set(answers) == {200, 503}
    assert answers.count(200) <= 2 * exports.AT_ONCE
    refused = next(response for _, response in held if response.status == 503)
    assert int(refused.headers["Retry-After"]) > 0
    assert json.loads(refused.read())["code"] == "too_many_exports"
    for _ in range(8):  # others are served as ever meanwhile
        connection, response = opened(server, "/apps")
        assert response.status == 200
        connection.close()

    # They leave in the middle: their places and connections are free again.
    for connection, response in held:
        response.close()
        connection.close()
    deadline = time.monotonic() + 20
    while running := exporting(
        full
    ):  # asked once more, a job of the server may be at work just then
        assert time.monotonic() < deadline, f"{running} exports go on without a reader"
        time.sleep(0.05)
    # A worker that fetches rows just then is not idle, and frees its place after its transaction.
    connection, response = opened(server, "/api/export?format=csv")
    while response.status == 503 and time.monotonic() < deadline:
        connection.close()
        time.sleep(0.05)
        connection, response = opened(server, "/api/export?format=csv")
    assert response.status == 200
    assert drained(response) > 200 * MANY
    connection.close()


def exporting(dsn: str) -> int:
    with contextlib.closing(psycopg2.connect(dsn)) as connection, connection.cursor() as cursor:
        cursor.execute(
            "select count(*) from pg_stat_activity where datname = current_database() "
            "and state like 'idle in transaction%'"
        )
        return int(cursor.fetchone()[0])  # type: ignore[index]


def test_a_head_request_and_a_failed_query_free_their_place(client, services, monkeypatch):
    for _ in range(2 * exports.AT_ONCE):
        assert client.head("/api/export", headers=AUTH).status_code == 200
    monkeypatch.setitem(exports.BATCH, "events", "not a number")
    for _ in range(2 * exports.AT_ONCE):
        assert get(client).status_code == 500
    monkeypatch.undo()
    assert get(client).status_code == 200
    assert services.database._slots._value == 10


@pytest.mark.parametrize("form", ["json", "ndjson", "csv"])
def test_people_of_a_search_are_exported_whole(client, now, form):
    for number in range(120):
        sent = event(
            user_id=f"550e8400-e29b-41d4-a716-{number:012d}",
            timestamp=(now - timedelta(minutes=number)).isoformat(),
            country="DE" if number % 10 else "FR",
        )
        client.post("/track", json={"events": [sent]})
    whole = rows_of(get(client, app="desktop", what="people", format=form).text, form)
    assert len(whole) == 120
    germans = get(client, app="desktop", what="people", format=form, country="de", last_seen_days=1)
    rows = rows_of(germans.text, form)
    listed = client.get("/users?app=desktop&country=DE&limit=1000", headers=AUTH).json["users"]
    assert [row["user_id"] for row in rows] == [row["user_id"] for row in listed]
    assert {(row["country"], str(row["events"])) for row in rows} == {("DE", "1")}


def test_a_search_is_for_people_alone(client):
    query = {"app": "desktop", "what": "events", "did": "app_opened"}
    answer = client.get("/api/export", query_string=query, headers=AUTH)
    assert (answer.status_code, answer.json["details"][0]["parameter"]) == (400, "did")
