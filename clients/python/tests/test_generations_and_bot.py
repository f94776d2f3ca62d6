"""Visits, generations, conversations, and the middleware."""

from __future__ import annotations

import asyncio
import base64
from typing import Any

import pytest
from standin import MakeClient, StandIn

from stories_analytics import AsyncClient, StoriesASGI, StoriesFlask, StoriesWSGI
from stories_analytics._bot import Persona
from stories_analytics._requests import client_ip

PNG = b"\x89PNG\r\n\x1a\n" + b"\x00" * 100


def without_stamp(item: dict[str, Any]) -> dict[str, Any]:
    assert item.pop("id")
    assert item.pop("created_at" if "event_name" in item else "timestamp").endswith("Z")
    return item


def test_visits_and_generations_have_the_protocol_s_shape(
    client: AsyncClient, server: StandIn
) -> None:
    client.track_visit(path="/make?name=Jane", user_agent="UA", ip="10.0.0.1")
    client.track_visit(path="/", visitor_id="v1", ip="10.0.0.1")
    client.track_generation(True, has_text=False, processing_time=1.25, ip="10.0.0.1")
    client.track_generation(success=False, error_message="no key sk-abcdefghijklmnop1")
    assert client.flush()
    assert [without_stamp(item) for item in server.items("visit")] == [
        {"path": "/make", "user_agent": "UA", "ip": "10.0.0.1"},
        {"path": "/", "visitor_id": "v1"},
    ]
    assert [without_stamp(item) for item in server.items("generation")] == [
        {"success": True, "has_text": False, "processing_time": 1.25, "ip": "10.0.0.1"},
        {"success": False, "error_message": "no key [secret]"},
    ]


@pytest.mark.parametrize(
    ("peer", "forwarded", "trusted", "expected"),
    [
        ("10.0.0.9", ["1.1.1.1"], 0, "10.0.0.9"),
        ("10.0.0.9", ["1.1.1.1"], 1, "1.1.1.1"),
        ("10.0.0.9", ["6.6.6.6, 1.1.1.1"], 1, "1.1.1.1"),
        ("10.0.0.9", ["6.6.6.6, 1.1.1.1, 2.2.2.2"], 2, "1.1.1.1"),
        ("10.0.0.9", ["6.6.6.6", "1.1.1.1"], 1, "1.1.1.1"),
        ("10.0.0.9", [], 1, "10.0.0.9"),
        ("10.0.0.9", ["unknown"], 1, "10.0.0.9"),
        ("10.0.0.9", ["1.1.1.1:443"], 1, "1.1.1.1"),
        ("::ffff:10.0.0.9", [], 0, "10.0.0.9"),
        ("10.0.0.9", ["[2001:db8::1]:80"], 1, "2001:db8::1"),
        (None, [], 0, None),
    ],
)
def test_only_configured_proxies_are_believed(
    peer: Any, forwarded: list[str], trusted: int, expected: Any
) -> None:
    assert client_ip(peer, forwarded, trusted) == expected


CRAWLERS = (
    "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
    "Mozilla/5.0 (compatible; YandexBot/3.0)",
    "facebookexternalhit/1.1",
    "curl/8.5.0",
    "python-requests/2.32",
    "Mozilla/5.0 (X11; Linux x86_64) HeadlessChrome/140.0 Safari/537.36",
)
PHONE = "Mozilla/5.0 (Linux; Android 13; CUBOT X70) AppleWebKit/537.36 Chrome/140.0 Mobile"


def test_flask_pages_are_visits_and_nothing_else_is(
    make_client: MakeClient, server: StandIn
) -> None:
    flask = pytest.importorskip("flask")
    client = make_client(trusted_proxies=1)
    app = flask.Flask("shop")
    StoriesFlask(app, client)
    app.add_url_rule("/", view_func=lambda: "<h1>hi</h1>", endpoint="home")
    app.add_url_rule("/explicit", view_func=lambda: str(bool(client.track_visit(flask.request))))
    app.add_url_rule("/data", view_func=lambda: {"a": 1}, endpoint="data")
    app.add_url_rule("/old", view_func=lambda: flask.redirect("/"), endpoint="old")
    visitor = app.test_client()
    headers = {"User-Agent": "UA", "X-Forwarded-For": "6.6.6.6, 1.2.3.4"}
    visitor.get("/?q=secret", headers=headers)
    visitor.get("/data")
    visitor.post("/")
    visitor.get("/missing")
    visitor.get("/static/x.html")
    visitor.get("/", headers={"Sec-Purpose": "prefetch;prerender"})
    assert visitor.get("/old").status_code == 302
    for crawler in CRAWLERS:
        visitor.get("/", headers={"User-Agent": crawler})
    client.flush()
    assert [without_stamp(item) for item in server.items("visit")] == [
        {"path": "/", "user_agent": "UA", "ip": "1.2.3.4"}
    ]


def test_a_flask_views_exception_is_a_crash_report_and_an_http_error_is_none(
    make_client: MakeClient, server: StandIn
) -> None:
    flask = pytest.importorskip("flask")
    client = make_client()
    app = flask.Flask("shop")
    StoriesFlask(app, client)
    app.add_url_rule("/people/<name>", view_func=lambda name: {}[name], endpoint="person")
    app.add_url_rule("/gone", view_func=lambda: flask.abort(410), endpoint="gone")
    visitor = app.test_client()
    assert visitor.get("/people/jane").status_code == 500
    assert visitor.get("/gone").status_code == 410
    assert client.flush()
    (crash,) = server.items("crash")
    assert crash["error_message"] == "KeyError: 'jane'"
    assert crash["context"] == {"method": "GET", "route": "/people/<name>"}
    assert server.items("visit") == []


def test_wsgi_and_asgi_report_what_the_app_raises_and_raise_it_on(
    client: AsyncClient, server: StandIn
) -> None:
    def fails(environ: Any, start: Any) -> Any:
        raise LookupError("in the WSGI app")

    async def fails_too(scope: Any, receive: Any, send: Any) -> None:
        raise OSError("in the ASGI app")

    with pytest.raises(LookupError):
        StoriesWSGI(fails, client)({"REQUEST_METHOD": "POST"}, None)  # type: ignore[arg-type]
    with pytest.raises(OSError, match="in the ASGI app"):
        asyncio.run(StoriesASGI(fails_too, client)({"type": "http"}, None, None))  # type: ignore[arg-type]
    assert client.flush()
    messages = sorted(crash["error_message"] for crash in server.items("crash"))
    assert messages == ["LookupError: in the WSGI app", "OSError: in the ASGI app"]


def test_crawlers_are_no_visitors_and_a_phone_with_bot_in_its_name_is_one(
    client: AsyncClient, server: StandIn
) -> None:
    def page(environ: Any, start: Any) -> list[bytes]:
        start("200 OK", [("Content-Type", "text/html")])
        return [b"page"]

    async def page_too(scope: Any, receive: Any, send: Any) -> None:
        headers = [(b"content-type", b"text/html")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})

    async def send(message: Any) -> None:
        return

    for agent in (*CRAWLERS, PHONE):
        environ = {"REQUEST_METHOD": "GET", "PATH_INFO": "/", "HTTP_USER_AGENT": agent}
        StoriesWSGI(page, client)(environ, lambda *_: None)
        headers = [(b"user-agent", agent.encode())]
        scope = {"type": "http", "method": "GET", "path": "/", "headers": headers}
        asyncio.run(StoriesASGI(page_too, client)(scope, None, send))  # type: ignore[arg-type]
    assert client.flush()
    assert [visit["user_agent"] for visit in server.items("visit")] == [PHONE] * 2


def test_wsgi_middleware_leaves_the_answer_alone(client: AsyncClient, server: StandIn) -> None:
    def app(environ: dict[str, Any], start: Any) -> list[bytes]:
        start("200 OK", [("Content-Type", "text/html; charset=utf-8")])
        return [b"page"]

    answered: list[str] = []
    environ = {"REQUEST_METHOD": "GET", "PATH_INFO": "/caf\xc3\xa9", "REMOTE_ADDR": "9.9.9.9"}
    body = StoriesWSGI(app, client)(environ, lambda status, headers: answered.append(status))
    assert (list(body), answered) == ([b"page"], ["200 OK"])
    client.flush()
    assert [without_stamp(item) for item in server.items("visit")] == [
        {"path": "/caf\u00e9", "ip": "9.9.9.9"}
    ]


def test_asgi_middleware_leaves_the_answer_alone(client: AsyncClient, server: StandIn) -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        headers = [(b"Content-Type", b"text/html")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": b"page"})

    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    async def receive() -> Any:
        return {}

    scope = {
        "type": "http",
        "method": "GET",
        "path": "/home",
        "headers": [(b"user-agent", b"UA"), (b"x-forwarded-for", b"1.1.1.1")],
        "client": ("9.9.9.9", 1),
    }
    asyncio.run(StoriesASGI(app, client)(scope, receive, send))
    asyncio.run(StoriesASGI(app, client)({**scope, "method": "POST"}, receive, send))
    assert [message["type"][-4:] for message in sent] == ["tart", "body"] * 2
    client.flush()
    assert [without_stamp(item) for item in server.items("visit")] == [
        {"path": "/home", "user_agent": "UA", "ip": "9.9.9.9"}
    ]


def test_the_ten_bot_calls_and_command(client: AsyncClient, server: StandIn) -> None:
    persona: Persona = {"persona_id": "p1", "persona_name": "Ada"}
    client.track_start_command(7, meta={"ref": "ad"})
    client.track_user_message(7, "write to jane@example.com", **persona)
    client.track_ai_message(7, "done", **persona)
    client.track_image_generated(
        7, image_url="https://img.example.com/1", prompt="a", negative_prompt="b", **persona
    )
    client.track_image_refresh(7, prompt="a")
    client.track_persona_selected(7, "p1", "Ada")
    client.track_story_selected(7, "s1", "The sea", meta={"page": 2})
    client.track_chat_cleared(7)
    client.track_chat_continued(7)
    client.track_premium_action(7, "bought", meta={"plan": "year"})
    client.track_command(7, "help")
    assert client.flush()
    assert [without_stamp(item) for item in server.items("bot")] == [
        {"client_id": "7", "event_name": "start_command", "meta": {"ref": "ad"}},
        {
            "client_id": "7",
            "event_name": "user_message",
            "message": "write to jane@example.com",
            **persona,
        },
        {"client_id": "7", "event_name": "ai_message", "message": "done", **persona},
        {
            "client_id": "7",
            "event_name": "image_generated",
            "image_url": "https://img.example.com/1",
            "prompt": "a",
            "negative_prompt": "b",
            **persona,
        },
        {"client_id": "7", "event_name": "image_refresh", "prompt": "a"},
        {"client_id": "7", "event_name": "persona_selected", **persona},
        {
            "client_id": "7",
            "event_name": "story_selected",
            "meta": {"page": 2, "story_id": "s1", "story_name": "The sea"},
        },
        {"client_id": "7", "event_name": "chat_cleared"},
        {"client_id": "7", "event_name": "chat_continued"},
        {
            "client_id": "7",
            "event_name": "premium_action",
            "meta": {"plan": "year", "action": "bought"},
        },
        {"client_id": "7", "event_name": "command", "meta": {"command": "help"}},
    ]


@pytest.mark.parametrize("kind", [bytes, bytearray, memoryview])
def test_image_bytes_arrive_whole(client: AsyncClient, server: StandIn, kind: Any) -> None:
    data = PNG + bytes(range(256)) * 1_000
    assert client.track_image_generated(7, image=kind(data))
    assert client.flush()
    (item,) = server.items("bot")
    assert item["image"]["content_type"] == "image/png"
    assert base64.b64decode(item["image"]["data"]) == data


def test_an_image_over_ten_megabytes_is_dropped_and_counted(client: AsyncClient) -> None:
    assert not client.track_image_generated(7, image=b"x" * (10 * 1024 * 1024 + 1))
    assert client.stats().dropped == {"image_too_large": 1}


def test_large_images_travel_alone(client: AsyncClient, server: StandIn) -> None:
    server.max_bytes = 16 * 1024 * 1024
    for _ in range(3):
        client.track_image_generated(7, image=PNG + b"z" * 2_000_000)
    assert client.flush()
    assert len(server.items("bot")) == len(server.deliveries) == 3


def test_images_that_wait_in_memory_are_bounded(make_client: MakeClient, server: StandIn) -> None:
    client = make_client(max_bytes=256 * 1024 * 1024)
    server.max_bytes = 16 * 1024 * 1024
    client.track("app_opened", durable=True)
    with client._store._lock:  # the disk hangs
        taken = [bool(client.track_image_generated(7, image=b"z" * 9_000_000)) for _ in range(12)]
    assert 7 <= sum(taken) <= 9  # 64 MB, and what the writer has in its hands
    assert client.flush(30.0)
    assert client._writer._image_bytes == 0
    assert client.stats().dropped == {"memory_full": 12 - sum(taken)}


def test_a_file_full_of_images_gives_up_no_more_than_it_must(
    make_client: MakeClient, server: StandIn
) -> None:
    server.max_bytes = 16 * 1024 * 1024
    client = make_client(max_bytes=12_000_000)
    for number in range(8):
        client.track_image_generated(7, image=b"z" * 2_000_000, meta={"number": number})
    assert not client.flush(30.0)  # it says that some were given up
    assert client.flush(30.0)
    assert [item["meta"]["number"] for item in server.items("bot")] == [4, 5, 6, 7]
    assert client.stats().dropped == {"disk_full": 4}
