"""What reads hostile bytes, each as a function of bytes: it refuses by the errors that it has, or gives
what can be stored. TARGETS is the list."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import msgspec
from flask import Flask

from models import EventPayload, Refusal, event_row, storable
from stories import catalogue
from stories.crashes.frames import read_frames
from stories.crashes.grouping import group
from stories.dedupe import Repeats
from stories.errors import ApiError
from stories.intake import bot, crashes, desktop, documents, generations, items, website
from stories.payloads import browsers
from stories.payloads.app import AppPayload, ChangesPayload, check_events, read_app
from stories.payloads.bot import BotPayload, bot_row
from stories.payloads.common import Arrival
from stories.payloads.crash import read_report
from stories.payloads.generator import GenerationPayload, VisitPayload, generation_row, visit_row
from stories.payloads.website import WebsitePayload, website_row
from stories.privacy import scrub
from stories.web import body, parameters
from tools.fuzz import maps, natives, seeds, uploads

Target = Callable[[bytes], None]
LIMIT = 1024 * 1024  # bytes: of what may come out of a small compressed body
NOW = datetime.now(UTC)
_flask = Flask("fuzz")
_browser = browsers.describe(seeds.BROWSER.decode())


def _app(kind: str) -> catalogue.App:
    return catalogue.App(
        app_id=1,
        slug=kind,
        kind=kind,
        name=kind,
        timezone="Pacific/Kiritimati",
        retention_days=365,
        ingest_key="key",
        is_default=True,
        funnel={},
        events={} if kind == "generator" else {"own": {"n": {"type": "number"}}},
        content_days=30,
        hash_rotation="daily",
    )


def _arrival(kind: str, data: bytes) -> Arrival:
    return Arrival(_app(kind), NOW, Repeats(1), b"k" * 32, scrub.suspicious(data))


def _stores(rows: Iterable[Any]) -> None:
    for row in rows:
        plain = msgspec.structs.asdict(row)
        assert storable(plain) == plain, "a row that PostgreSQL cannot store"
        msgspec.json.encode(row)


def track(data: bytes) -> None:
    repeats, app = Repeats(1), _app("desktop")
    try:
        batch = items.read(
            data, lambda b: desktop._decoder.decode(b).events, EventPayload, "events"
        )
    except ApiError:
        return
    _stores(batch.rows(lambda item: event_row(item, app, NOW, repeats, b"k" * 32))[1])


def crash(data: bytes) -> None:
    try:
        report = read_report(crashes._decode(data), _app("desktop"), NOW, b"k" * 32)
    except (ApiError, Refusal):
        return
    _stores([report.row, report.name])


def website_items(data: bytes) -> None:
    arrival = _arrival("website", data)
    try:
        batch = items.read(data, items.one_or_many(website._decoder.decode), WebsitePayload, None)
    except ApiError:
        return
    _stores(batch.rows(lambda item: website_row(item, arrival, _browser, "203.0.113.7"))[1])


def visits(data: bytes) -> None:
    arrival = _arrival("generator", data)
    try:
        batch = items.read(data, items.one_or_many(generations._visits.decode), VisitPayload, None)
    except ApiError:
        return
    _stores(batch.rows(lambda item: visit_row(item, arrival))[1])


def generation_items(data: bytes) -> None:
    arrival = _arrival("generator", data)
    try:
        batch = items.read(
            data, items.one_or_many(generations._generations.decode), GenerationPayload, None
        )
    except ApiError:
        return
    _stores(batch.rows(lambda item: generation_row(item, arrival))[1])


def bot_items(data: bytes) -> None:
    arrival = _arrival("bot", data)
    try:
        batch = items.read(data, items.one_or_many(bot._decoder.decode), BotPayload, None)
    except ApiError:
        return
    _stores(batch.rows(lambda item: bot_row(item, arrival))[1])


def app_settings(data: bytes) -> None:
    for payload in (AppPayload, ChangesPayload):
        try:
            settings = read_app(data, payload)
            check_events("website", settings)
        except Refusal:
            continue
        columns = settings.columns()
        assert storable(columns) == columns
        assert all(name.isprintable() for name in columns.get("events", ()))


def split(data: bytes) -> None:
    """What the standard library takes is taken, with the same values."""
    for member in (None, "events"):
        try:
            values = documents.split(data, member)
        except ApiError:
            continue
        if not any(map(documents.flaw, values)):
            whole = json.loads(data.decode("utf-8-sig", "surrogateescape"))
            list_ = whole[member] if member else whole
            assert values == (list_ if isinstance(list_, list) else [list_])


def scrubbing(data: bytes) -> None:
    text = data.decode("utf-8", "replace")
    clean = scrub.text(text)
    assert len(clean) <= 3 * len(text) + 100
    if not scrub.suspicious(json.dumps(text, ensure_ascii=False).encode()):
        assert clean == text, "a body without suspicion holds text that is scrubbed"


def grouping(data: bytes) -> None:
    """The first line is the message, the rest the stack."""
    message, _, stack = data.decode("utf-8", "replace").partition("\n")
    result = group("uncaught_error", message, stack)
    assert len(result.title) <= 200
    assert all(len(text) <= 200 for text in (result.culprit, *result.keys))
    assert sum(len(link.frames) for link in result.chain) <= 100
    assert result == group("uncaught_error", message, stack)


def frames(data: bytes) -> None:
    try:
        links = read_frames(json.loads(data))
    except (ValueError, RecursionError):  # of JSON too
        return
    group("uncaught_error", "Error: bad", None, chain=links)


def user_agent(data: bytes) -> None:
    browsers.describe(data.decode("latin-1"))


def inflating(data: bytes) -> None:
    for coding in ("gzip", "deflate"):
        try:
            assert len(body._inflate(data, coding, LIMIT)) <= LIMIT
        except ApiError:
            pass


def query(data: bytes) -> None:
    for name in (b"p", b"start_date"):
        with _flask.test_request_context(environ_overrides={"QUERY_STRING": _query(name, data)}):
            for read in (
                lambda name: parameters.text(name),
                lambda name: parameters.day(name),
                lambda name: parameters.uuid(name),
                lambda name: parameters.integer(name, 1, 1, 1000),
                lambda name: parameters.one_of(name, ("a", "b")),
                lambda name: parameters.several_of(name, ("a", "b")),
                lambda name: parameters.moment(name, _app("bot").zone),
                lambda name: parameters.moment(name, _app("bot").zone, end=True),
                lambda name: parameters.cursor((str, datetime, UUID, int), name),
                lambda name: parameters.cursor((datetime, UUID), name),
            ):
                try:
                    parameters.readable()
                    value = read(name.decode())
                except ApiError:
                    continue
                if isinstance(value, str | list):
                    assert storable(value) == value


def _query(name: bytes, data: bytes) -> str:
    return (name + b"=" + data).decode("latin-1")


TARGETS: dict[str, tuple[Target, list[bytes]]] = {}


def _add(target: Target, *good: bytes) -> None:
    TARGETS[target.__name__] = (target, list(good))


_BODIES = {path: json.dumps(value).encode() for path, value in seeds.bodies().items()}
_add(track, _BODIES["/track"])
_add(crash, _BODIES["/crash"], _BODIES["/crash"].replace(b'"handled": false', b'"handled": true'))
_add(website_items, _BODIES["/api/track"])
_add(visits, _BODIES["/api/visits"])
_add(generation_items, _BODIES["/api/generations"])
_add(bot_items, _BODIES["/api/bot/events"])
_add(app_settings, _BODIES["/apps"], seeds.CHANGES)
_add(split, *_BODIES.values())
_add(
    scrubbing, _BODIES["/crash"], b"password=hunter2 Bearer abc.def /home/me/x 10.1.2.3 a@b.example"
)
_add(
    grouping,
    b"TypeError: x is not a function\n    at A.b (/a/node_modules/c-Ab12Cd34.js:1:900)\nd/<@e.js:1:2",
    b"KeyError: 'a'\nTraceback (most recent call last):\n  File \"a/b.py\", line 3, in f\nKeyError: 'a'",
    b"SIGSEGV\n 0  app!ns::f<int>(A*) [a.cpp : 3]\n 1  app + 0x12f\n#2 0x1f in g (lib.so+0x2)",
)
_add(
    frames, b'[[{"function": "f", "file": "a.js", "line": 3, "context": ["a"]}], [{"module": "m"}]]'
)
_add(user_agent, seeds.BROWSER, b"Mozilla/5.0 (compatible; Googlebot/2.1)")
_add(inflating, *seeds.packed(_BODIES["/track"]))
_add(
    query,
    b"2026-11-21",
    b"2026-11-21T10:00:00%2B02:00",
    seeds.PERSON.encode(),
    b"12",
    b"a,b",
    *seeds.cursors(),
)
_add(maps.places, *maps.MAPS)
_add(natives.minidump, *natives.DUMPS)
_add(natives.unwinding_rules, natives.RULES)
_add(natives.symbol_file, *natives.SYMBOL_FILES)
for _target in (uploads.archives, uploads.source_maps, uploads.forms):
    _add(_target, *uploads.seeds()[_target.__name__])
