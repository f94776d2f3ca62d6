"""What the tests of issues and releases share: crashes sent over HTTP, and answers as plain values."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from tests.support import basic

AUTH = basic("admin", "admin")


def person(number: int) -> str:
    return f"550e8400-e29b-41d4-a716-{number:012d}"


def report(fault: str, **changes: Any) -> dict[str, Any]:
    """A crash whose group is `fault`, a name of a function."""
    return {
        "user_id": person(1),
        "app_version": "1.0.0",
        "os_version": "darwin-24.6.0",
        "crash_type": "uncaught_error",
        "error_message": f"TypeError: {fault} is not a function",
        "stack_trace": f"TypeError: {fault} is not a function\n"
        f"    at {fault} (/app/src/{fault}.js:14:20)\n    at openWindow (/app/src/main.js:3:1)",
        **changes,
    }


def send(
    client: Any,
    fault: str,
    when: datetime,
    *,
    who: int = 1,
    version: str = "1.0.0",
    key: str | None = None,
    **changes: Any,
) -> str:
    """One crash over HTTP; returns its id."""
    body = report(
        fault, timestamp=when.isoformat(), user_id=person(who), app_version=version, **changes
    )
    answer = client.post("/crash", json=body, headers={"X-App-Key": key} if key else {})
    assert answer.status_code == 200, answer.json
    crash_id: str = answer.json["crash_id"]
    return crash_id


def use(client: Any, when: datetime, *, who: int = 1, version: str = "1.0.0", **more: Any) -> None:
    """One event over HTTP."""
    event = {
        "user_id": person(who),
        "event": "app_opened",
        "timestamp": when.isoformat(),
        "app_version": version,
        "platform": "darwin-24.6.0",
        **more,
    }
    answer = client.post("/track", json={"events": [event]})
    assert answer.json["events_stored"] == 1, answer.json


def get(client: Any, path: str, **query: Any) -> Any:
    answer = client.get(path, query_string=query, headers=AUTH)
    assert answer.status_code == 200, answer.json
    return answer.json


def change(client: Any, path: str, **body: Any) -> Any:
    method = client.patch if path.count("/") <= 2 else client.post
    answer = method(path, json=body, headers=AUTH)
    assert answer.status_code == 200, answer.json
    return answer.json


def faults(answer: dict[str, Any]) -> list[str]:
    """The functions that the issues of an answer are named for."""
    return [issue["title"].split()[1] for issue in answer["issues"]]


def listed(client: Any, **query: Any) -> list[str]:
    return faults(get(client, "/issues", **query))


def issue_id(client: Any, fault: str, **query: Any) -> str:
    issues = get(client, "/issues", limit=100, **query)["issues"]
    [found] = [issue["id"] for issue in issues if issue["title"].split()[1] == fault]
    return str(found)


def days_ago(now: datetime, days: float) -> datetime:
    return now - timedelta(days=days)
