"""Whatever is passed, nothing is raised; and what is good arrives."""

from __future__ import annotations

import enum
import math
import pathlib
import sys
import uuid
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
from standin import MakeClient, StandIn

from stories_analytics import AsyncClient, Client
from stories_analytics._plain import dumps, fit, snapshot


class Colour(enum.Enum):
    RED = "red"


class Hostile:
    def __str__(self) -> str:
        raise RuntimeError("no")

    __repr__ = __str__


class HostileDict(dict):  # type: ignore[type-arg]
    def __getitem__(self, key: object) -> object:
        raise RuntimeError("no")


def cycle() -> dict[str, Any]:
    one: dict[str, Any] = {}
    one["self"] = one
    return one


def deep() -> Any:
    value: Any = 1
    for _ in range(50_000):
        value = [value]
    return value


@pytest.mark.parametrize(
    "properties",
    [
        {"object": object(), "hostile": Hostile(), "lambda": lambda: 1, "class": int},
        cycle(),
        {"deep": deep()},
        {"nan": math.nan, "inf": -math.inf, "huge": 10**5000, "id": 2**60, "float": 1e300},
        {"nul": "a\x00b", "surrogate": "\ud800x", "emoji": "\U0001f600"},
        {1: 2, None: 3, (1, 2): 4, Hostile(): 5},
        {"bytes": b"\xff", "set": {1}, "tuple": (1, 2), "generator": (x for x in "ab")},
        {str(n): n for n in range(10_000)},
        {"long": "x" * 10_000_000},
        {"wide": list(range(1_000_000))},
        {"nested": {str(n): {str(m): "y" * 100 for m in range(64)} for n in range(64)}},
    ],
)
def test_odd_properties_cost_a_property_never_the_event_or_the_caller(
    client: AsyncClient, server: StandIn, properties: Any
) -> None:
    assert client.track("app_opened", properties)
    assert client.flush()
    (event,) = server.items("event")
    assert len(dumps(event.get("properties", {}))) <= 8_192
    assert len(event.get("properties", {})) <= 64


@pytest.mark.parametrize(
    "call",
    [
        lambda c: c.track(),
        lambda c: c.track(None),
        lambda c: c.track("x", 5),
        lambda c: c.track("x", HostileDict(a=1)),
        lambda c: c.track("x", unknown=1),
        lambda c: c.track("x", timestamp="yesterday"),
        lambda c: c.track(Hostile(), user_id=Hostile()),
        lambda c: c.report_crash(Hostile()),
        lambda c: c.report_crash((1, 2, 3)),
        lambda c: c.track_visit(object()),
        lambda c: c.track_visit({"type": "http", "headers": 5}),
        lambda c: c.track_generation(True, processing_time="long"),
        lambda c: c.track_generation(),
        lambda c: c.track_image_generated(1, image="text"),
        lambda c: c.track_user_message(),
        lambda c: c.set_enabled(None),
        lambda c: c.install_excepthook(loop=5),
        lambda c: c.flush("soon"),
    ],
)
def test_wrong_calls_do_not_raise(client: AsyncClient, call: Any) -> None:
    call(client)
    client.uninstall_excepthook()


@pytest.mark.parametrize("url", [None, "", "not a url", "ftp://x", 5])
def test_without_a_usable_url_every_call_is_a_no_op(
    url: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: pathlib.Path
) -> None:
    monkeypatch.delenv("STORIES_URL", raising=False)
    monkeypatch.chdir(tmp_path)
    client = Client(url)
    assert not client.track("app_opened")
    assert not client.report_crash("x")
    assert not client.flush()
    assert client.close()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("option", ["queue_path", "timeout", "max_age_days", "max_bytes"])
def test_wrong_options_make_a_client_that_does_nothing(server: StandIn, option: str) -> None:
    client = Client(server.url, **{option: object()})  # type: ignore[arg-type]
    assert not client.track("app_opened")
    assert client.close()
    assert client.stats().pending == 0


def test_a_closed_client_takes_nothing_and_says_so(client: AsyncClient) -> None:
    client.close()
    assert not client.track("app_opened")
    assert client.close()


def test_common_types_become_what_one_expects() -> None:
    some_id = uuid.UUID(int=1)
    assert snapshot(
        {
            "colour": Colour.RED,
            "when": datetime(2026, 1, 2, tzinfo=timezone.utc),
            "day": date(2026, 1, 2),
            "took": timedelta(seconds=1.5),
            "id": some_id,
            "price": Decimal("1.5"),
            "large": 2**60,
            "path": pathlib.PurePosixPath("/srv/x"),
            "set": {1},
        }
    ) == {
        "colour": "red",
        "when": "2026-01-02T00:00:00.000Z",
        "day": "2026-01-02",
        "took": 1.5,
        "id": str(some_id),
        "price": 1.5,
        "large": str(2**60),
        "path": "/srv/x",
        "set": [1],
    }


def test_the_largest_properties_give_way_first() -> None:
    kept = fit({"small": 1, "large": "x" * 8_000, "middle": "y" * 100})
    assert kept == {"small": 1, "middle": "y" * 100, "_cut": 1}


def test_an_id_that_is_no_uuid_becomes_one_that_stays_the_same(
    make_client: MakeClient, server: StandIn
) -> None:
    client = make_client(user_id=uuid.UUID(int=5))
    client.track("app_opened")
    client.track("app_opened", user_id="customer-1")
    client.track("app_opened", user_id="customer-1")
    client.flush()
    default, one, two = (event["user_id"] for event in server.items("event"))
    assert default == str(uuid.UUID(int=5))
    assert one == two != default


def test_it_can_be_called_from_a_signal_handler_and_a_destructor(
    client: AsyncClient, server: StandIn
) -> None:
    import signal

    signal.signal(signal.SIGALRM, lambda *_: client.track("recording_started"))
    signal.setitimer(signal.ITIMER_REAL, 0.001, 0.001)
    try:
        for _ in range(3_000):
            client.track("app_opened")
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
    assert client.flush()
    assert len([e for e in server.items("event") if e["event"] == "app_opened"]) == 3_000


def test_the_package_imports_nothing_but_the_standard_library() -> None:
    import subprocess

    code = "import sys, stories_analytics; print(*{m.partition('.')[0] for m in sys.modules})"
    path = str(pathlib.Path(__file__).parents[1])
    run = subprocess.run(
        [sys.executable, "-I", "-c", f"import sys; sys.path.insert(0, {path!r}); {code}"],
        capture_output=True,
        text=True,
        check=True,
    )
    ours = {m for m in run.stdout.split() if m not in sys.stdlib_module_names}
    assert ours <= {"stories_analytics", "__main__", "sitecustomize", "__mp_main__"} | {
        m for m in ours if m.startswith(("_", "distutils"))
    }
