"""Log lines: text or JSON, one an entry whatever is in it, and the request they belong to."""

from __future__ import annotations

import json
import logging
import os
import re
import signal
import subprocess
import time

import pytest

from database import Unavailable
from stories import logs

HOSTILE = "a\nERROR stories: forged\r\x1b[31m \u2028 \ud800 \x00 end"


def entry(message: str, **known: object) -> logging.LogRecord:
    found = logging.LogRecord("stories.web", logging.WARNING, "f.py", 1, message, (), None)
    found.__dict__.update(known)
    return found


@pytest.fixture(autouse=True)
def no_request():
    before = logs.request_id.get()
    logs.request_id.set("")
    yield
    logs.request_id.set(before)


def test_hostile_text_stays_on_its_line():
    line = logs.OneLine("%(levelname)s %(message)s").format(entry(HOSTILE))
    assert line.isprintable()
    assert line.startswith("WARNING a\\nERROR")


def test_no_line_of_a_traceback_can_pass_for_an_entry():
    try:
        raise ValueError(HOSTILE)
    except ValueError as error:
        found = entry("failed", exc_info=(type(error), error, error.__traceback__))
    first, *rest = logs.OneLine("%(levelname)s %(message)s").format(found).splitlines()
    assert first == "WARNING failed"
    assert any("forged" in line for line in rest)
    assert all(line.startswith("    ") for line in rest)


def test_json_is_one_object_a_line_whatever_is_in_it():
    line = logs.Json().format(entry(HOSTILE))
    assert len(line.splitlines()) == 1
    found = json.loads(line)
    assert found["message"].startswith("a\nERROR stories: forged")
    assert (found["level"], found["logger"]) == ("warning", "stories.web")
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", found["time"])


def test_json_has_a_traceback_in_one_field():
    try:
        raise ValueError("why")
    except ValueError as error:
        found = entry("failed", exc_info=(type(error), error, error.__traceback__))
    line = logs.Json().format(found)
    assert len(line.splitlines()) == 1
    assert json.loads(line)["traceback"].endswith("ValueError: why")


def test_a_failed_request_is_logged_under_the_id_that_its_answer_names(client, auth, monkeypatch):
    lines: list[str] = []

    class Kept(logging.Handler):
        def emit(self, record):
            lines.append(logs.Json().format(record))

    def away(*_):
        raise Unavailable("nobody there")

    handler = Kept()
    logging.getLogger("stories").addHandler(handler)
    try:
        monkeypatch.setattr("stories.web.services.Services.freshen", away)
        answer = client.get("/stats?period=30d", headers=auth | {"User-Agent": "who-asked"})
    finally:
        logging.getLogger("stories").removeHandler(handler)
    assert answer.status_code == 503
    named = answer.headers["X-Request-Id"]
    assert answer.json["request_id"] == named
    found = [json.loads(line) for line in lines]
    assert {line["request_id"] for line in found} == {named}
    about = next(line for line in found if "route" in line)
    assert (about["route"], about["status"]) == ("/stats", 503)
    assert about["ms"] >= 0
    assert not any("who-asked" in line for line in lines)


def test_an_id_is_taken_from_a_proxy_that_is_trusted_and_from_nobody_else(config, dsn, client):
    from dataclasses import replace

    from app import create_app

    sent = {"X-Request-Id": "proxy-4711.a_b"}
    assert client.get("/health", headers=sent).headers["X-Request-Id"] != "proxy-4711.a_b"
    behind = create_app(replace(config, trusted_proxies=1), dsn).test_client()
    assert behind.get("/health", headers=sent).headers["X-Request-Id"] == "proxy-4711.a_b"
    for wrong in ("short", "x" * 65, "with space in it", 'quote"quote"', "ümlaut-ümlaut"):
        answer = behind.get("/health", headers={"X-Request-Id": wrong})
        assert re.fullmatch("[0-9a-f]{16}", answer.headers["X-Request-Id"])


def workers(server):
    found = subprocess.run(
        ["ps", "-o", "pid=", "--ppid", str(server.process.pid)], capture_output=True, text=True
    )
    return found.stdout.split()


def test_gunicorn_logs_json_too(serve):
    server = serve(LOG_FORMAT="json")
    worker = workers(server)[0]
    os.kill(int(worker), signal.SIGKILL)
    while worker in (now := workers(server)) or len(now) < 2:
        time.sleep(0.1)
    os.killpg(server.process.pid, signal.SIGKILL)  # a worker that only starts hears of no other
    lines = [json.loads(line) for line in server.output().splitlines()]
    assert any(
        line["logger"] == "gunicorn.error" and "SIGKILL" in line["message"] for line in lines
    )
