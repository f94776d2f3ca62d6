"""GET /funnels: in order within a session or within days of a person, held against every subsequence."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from database import Inline
from stories.reports.chains import Chain, Walk, ranks
from stories.views import funnels as views
from stories.web.asking import asking
from tests.support import basic, event

AUTH = basic("admin", "admin")
BROWSER = {"User-Agent": "Mozilla/5.0 (X11; Linux x86_64; rv:144.0) Gecko/20100101 Firefox/144.0"}
START = datetime(2026, 11, 10, tzinfo=UTC)
DAY = timedelta(days=1)


# By brute force -------------------------------------------------------------------------------


def longest(own: list[tuple[datetime, list[int]]], length: int, window: timedelta | None) -> int:
    """How many steps in order: every start is tried, then the first event that goes on is taken,
    which leaves the most for the rest."""
    best = 0
    for place, (begun, matched) in enumerate(own):
        if 1 not in matched:
            continue
        at = 1
        for moment, steps in own[place + 1 :]:
            if at < length and at + 1 in steps and (window is None or moment - begun <= window):
                at += 1
        best = max(best, at)
    return best


def longest_in_any_order(
    own: list[tuple[datetime, list[int]]], length: int, window: timedelta | None
) -> int:
    """How many of the first steps are all within some stretch of time that begins with an event."""
    best = 0
    for begun, _ in own:
        inside = [
            steps
            for moment, steps in own
            if moment >= begun and (window is None or moment - begun <= window)
        ]
        held = {step for steps in inside for step in steps}
        best = max(best, *(n for n in range(length + 1) if set(range(1, n + 1)) <= held))
    return best


def bits(steps: list[int]) -> int:
    return sum(1 << (step - 1) for step in steps)


def codes_of(own: list[tuple[datetime, list[int]]], length: int) -> bytes:
    """As sql/reports/funnel_codes.sql makes them."""
    order = ranks(length)
    codes = [
        ((moment - START) // timedelta(microseconds=1) << 12) + (order[bits(steps) - 1] << 4)
        for moment, steps in own
    ]
    return b"".join(code.to_bytes(8, "big", signed=True) for code in codes)


Stream = tuple[list[tuple[datetime, list[int]]], int, timedelta | None]


@st.composite
def streams(draw: Any) -> Stream:
    """(events of one person in any order, how many steps, window)"""
    length = draw(st.integers(2, 5))
    some = st.lists(st.integers(1, length), min_size=1, max_size=3, unique=True)
    pairs = draw(st.lists(st.tuples(st.integers(0, 20), some), min_size=1, max_size=15))
    window = draw(st.none() | st.integers(0, 12).map(timedelta))
    return [(START + n * DAY, sorted(steps)) for n, steps in pairs], length, window


def walked(stream: Stream, in_order: bool) -> Chain | None:
    own, length, window = stream
    microseconds = None if window is None else window // timedelta(microseconds=1)
    walk = Walk(length, in_order, microseconds)
    return next(iter(walk.chains(codes_of(own, length), has_marks=False)), None)


def length_of(chain: Chain | None) -> int:
    return 0 if chain is None else chain.length


@settings(max_examples=400, deadline=None)
@given(streams())
def test_in_order_it_comes_as_far_as_trying_every_start(stream):
    own, length, window = stream
    # Those of one moment in the order of the steps.
    expected = longest(sorted(own), length, window)
    assert length_of(walked(stream, in_order=True)) == expected


@settings(max_examples=400, deadline=None)
@given(streams())
def test_in_any_order_it_comes_as_far_as_trying_every_stretch(stream):
    own, length, window = stream
    assert length_of(walked(stream, in_order=False)) == longest_in_any_order(own, length, window)


@settings(max_examples=200, deadline=None)
@given(streams())
def test_the_time_to_a_step_is_within_the_window_and_begins_with_the_first(stream):
    own, _, window = stream
    for in_order in (True, False):
        chain = walked(stream, in_order)
        if chain is None:
            continue
        assert chain.microseconds[0] == 0
        moments = {moment - START for moment, _ in own}
        assert timedelta(microseconds=chain.at) in moments
        for value in chain.microseconds:
            assert value >= 0
            assert window is None or timedelta(microseconds=value) <= window


def days_of(*pairs: tuple[int, int], window: int | None = None, in_order: bool = True) -> list[int]:
    """pairs: day and step. Days from the start to each step that was reached."""
    length = max(step for _, step in pairs)
    own = [(START + n * DAY, [step]) for n, step in pairs]
    chain = walked((own, length, None if window is None else timedelta(window)), in_order)
    assert chain is not None
    return [value // (DAY // timedelta(microseconds=1)) for value in chain.microseconds]


def test_a_later_start_is_taken_when_the_first_is_too_long_ago():
    days = ((0, 1), (2, 2), (5, 1), (6, 2), (8, 3))
    assert days_of(*days, window=3) == [0, 2, 3]
    assert days_of(*days, window=2) == [0, 2]


def test_the_time_to_a_step_is_that_of_the_first_time_it_was_reached_from_the_latest_start():
    assert days_of((0, 1), (3, 1), (4, 2), (5, 1), (6, 2)) == [0, 1]
    assert days_of((0, 2), (4, 1), (9, 3), in_order=False) == [0, 4, 9]
    assert days_of((0, 2), (3, 2), (4, 1), in_order=False) == [0, 1]


def test_one_event_is_one_step_in_order_and_each_that_it_is_in_any():
    own = [(START, [1, 2]), (START + DAY, [1, 2])]
    assert length_of(walked((own[:1], 2, DAY), in_order=True)) == 1
    assert length_of(walked((own, 2, DAY), in_order=True)) == 2
    assert length_of(walked((own[:1], 2, DAY), in_order=False)) == 2


def test_marks_divide_the_sessions_of_a_person():
    own = [(START + n * DAY, [step]) for n, step in ((1, 1), (5, 2), (6, 1), (7, 2))]
    mark = ((5 * DAY // timedelta(microseconds=1)) << 12).to_bytes(8, "big", signed=True)
    before = ((-DAY // timedelta(microseconds=1)) << 12).to_bytes(8, "big", signed=True)
    chains = Walk(2, True, None).chains(mark + codes_of(own, 2) + before, has_marks=True)
    assert [chain.length for chain in chains] == [1, 2]


# Over HTTP ------------------------------------------------------------------------------------


def visit(client, now, session: str, *pages: Any) -> None:
    """pages: paths, or (path, seconds after now)."""
    items = []
    for number, page in enumerate(pages):
        path, seconds = page if isinstance(page, tuple) else (page, number)
        when = (now - timedelta(hours=30) + timedelta(seconds=seconds)).isoformat()
        items.append({"sessionId": session, "type": "pageview", "path": path, "timestamp": when})
    answer = client.post("/api/track", json=items, headers=BROWSER)
    assert answer.json["events_stored"] == len(pages)


def funnel(client, **query: Any) -> list[tuple[int, Any, int]]:
    answer = client.get("/funnels", query_string=query, headers=AUTH)
    assert answer.status_code == 200, answer.text
    return [(s["count"], s["percentage"], s["dropped"]) for s in answer.json["steps"]]


def test_steps_count_in_order_within_a_session(client, now):
    visit(client, now, "all", "/", "/verticals/law", "/pricing", "/demo")
    visit(client, now, "backwards", "/demo", "/pricing", "/")
    visit(client, now, "half", "/", "/blog", "/pricing?x=1")
    visit(client, now, "none", "/about")
    answer = client.get("/funnels?steps=/,/pricing,/demo&days=7", headers=AUTH).json
    assert answer == {
        "success": True,
        "app": "website",
        "from": str((now - timedelta(days=6)).date()),
        "to": str(now.date()),
        "timezone": "UTC",
        "order": "strict",
        "within": None,
        "steps": [
            {"step": "/", "count": 3, "percentage": 100.0, "dropped": 0,
             "median_seconds": None, "p90_seconds": None},
            # its path without the query
            {"step": "/pricing", "count": 2, "percentage": 66.7, "dropped": 1,
             "median_seconds": 2.0, "p90_seconds": 2.0},
            {"step": "/demo", "count": 1, "percentage": 33.3, "dropped": 1,
             "median_seconds": 3.0, "p90_seconds": 3.0},
        ],
        "by": None,
        "computed": "events",
    }  # fmt: skip


def test_a_path_is_exact_unless_it_ends_in_a_star(client, now):
    visit(client, now, "one", "/blog", "/blog/2026/news#top")
    visit(client, now, "two", "/blog/2026", "/blogger")
    counts = lambda steps: [count for count, _, _ in funnel(client, steps=steps)]  # noqa: E731
    assert counts("/blog,/blog/2026/news") == [1, 1]
    assert counts("/blog*,/blog*") == [2, 2]
    assert counts("/blog/*,/blogger") == [2, 1]
    assert counts("/blog/2026,/blog/2026/news") == [1, 0]


def test_steps_are_events_or_paths_and_another_sessions_do_not_count(client, now):
    visit(client, now, "one", "/pricing")
    visit(client, now, "two", "/demo")
    assert funnel(client, steps="/pricing,/demo") == [(1, 100.0, 0), (0, 0.0, 1)]
    assert funnel(client, steps="pageview,/demo") == [(2, 100.0, 0), (0, 0.0, 2)]


def test_an_empty_funnel_divides_by_nothing(client):
    assert funnel(client, steps="/a,/b") == [(0, None, 0), (0, None, 0)]


def test_events_of_one_instant_count_in_the_order_of_the_steps(client, now):
    for number in range(12):  # enough for every order of their keys
        visit(client, now, f"s{number}", ("/demo", 5), ("/pricing", 5))
    assert funnel(client, steps="/pricing,/demo")[1][0] == 12


def desktop(client, now, *events: tuple[str, float], **changes: Any) -> None:
    """events: names and hours ago."""
    items = [
        event(event=name, timestamp=(now - timedelta(hours=hours)).isoformat(), **changes)
        for name, hours in events
    ]
    assert client.post("/track", json={"events": items}).json["events_stored"] == len(items)


STEPS = "app_opened,recording_started,recording_completed"


def test_a_person_has_some_days_from_their_latest_start(client, now):
    desktop(
        client, now,
        ("app_opened", 240), ("recording_started", 200),
        ("app_opened", 60), ("recording_started", 50), ("recording_completed", 30),
    )  # fmt: skip
    counts = lambda **more: [c for c, _, _ in funnel(client, app="desktop", steps=STEPS, **more)]  # noqa: E731
    assert counts(within=2) == [1, 1, 1]
    assert counts(within=1) == [1, 1, 0]
    assert counts(within=2, days=2) == [0, 0, 0]


def test_without_a_session_id_half_an_hour_of_silence_ends_a_session(client, now):
    none: dict[str, Any] = {"session_id": None}
    desktop(client, now, ("app_opened", 5), ("recording_started", 4.9), **none)
    desktop(client, now, ("recording_completed", 3), **none)
    assert [c for c, _, _ in funnel(client, app="desktop", steps=STEPS)] == [1, 1, 0]
    # What lies between holds the chain together, though it is no step.
    between = [("feature_toggled", hours) for hours in (4.5, 4.1, 3.7, 3.3)]
    desktop(client, now, *between, **none)
    assert [c for c, _, _ in funnel(client, app="desktop", steps=STEPS)] == [1, 1, 1]


def test_testers_are_left_out(client, now):
    client.patch("/apps/website", json={"testers": ["mine"]}, headers=AUTH)
    visit(client, now, "mine", "/pricing", "/demo")
    visit(client, now, "theirs", "/pricing")
    assert funnel(client, steps="/pricing,/demo")[0][0] == 1


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("", "steps"),
        ("steps=pageview", "steps"),
        ("steps=" + ",".join(["/a"] * 9), "steps"),
        ("steps=/a,unheard_of", "steps"),
        ("steps=/a,/b&within=0", "within"),
        ("steps=/a,/b&within=366", "within"),
        ("steps=/a,/b&within=x", "within"),
        ("steps=/a,/b&days=0", "days"),
        ("steps=/a,/b&app=nope", "app"),
        ("steps=/a,/b&step=/c", "step"),
        ("step=/a", "step"),
        ("step=/a&step=/b;nope:is:1", "nope"),
        ("step=/a&step=unheard_of", "step"),
        ("step=/a&step=", "step"),
        ("step=/a&step=/b;" + "x" * 1000, "step"),
        ("steps=/a,/b&order=loose", "order"),
        ("steps=/a,/b&by=event", "by"),
        ("steps=/a,/b&by=segment", "by"),
        ("steps=/a,/b&days=3&period=7d", "period"),
        ("steps=/a,/b&filter=x:is:1", "filter"),
        ("steps=/a,/b&question=1", "question"),
    ],
)
def test_a_bad_parameter_is_a_400_that_names_it(client, query, field):
    answer = client.get(f"/funnels?{query}", headers=AUTH)
    assert answer.status_code == 400
    assert field in answer.json["error"]
    assert client.get(f"/funnels?{query}").status_code == 401


def test_a_share_of_a_half_tenth_is_rounded_up(client, now):
    """1 of 16 is 6.25 %; to the even neighbour it would be 6.2."""
    for number in range(16):
        visit(client, now, f"s{number}", "/a", *(["/c"] if number == 0 else []))
    assert funnel(client, steps="/a,/c") == [(16, 100.0, 0), (1, 6.3, 15)]


def test_a_path_with_quotes_and_percents_is_only_text(client, now):
    visit(client, now, "one", "/a'b%25", "/c")
    assert funnel(client, steps="/a'b%25,/c") == [(1, 100.0, 0), (1, 100.0, 0)]


def test_what_takes_too_long_is_given_up_with_a_sentence(client, services, monkeypatch):
    with services.database.transaction() as tx:
        tx.run(
            Inline(
                "/* test */ insert into events "
                "(timestamp, dedupe_key, user_id, app_id, event, properties) "
                "select now() - n * interval '1 s', n, gen_random_uuid(), app_id, 'pageview', "
                """'{"path": "/x"}' from apps, generate_series(1, 20000) as n where slug = 'website'"""
            )
        )
    monkeypatch.setattr(views, "asking", partial(asking, 0.01))
    answer = client.get("/funnels?steps=/x,/y", headers=AUTH)
    assert answer.status_code == 503
    assert answer.json["code"] == "too_slow"
    assert "took longer than 0.01 s: ask for fewer days" in answer.json["error"]
    assert int(answer.headers["Retry-After"]) > 0
    monkeypatch.undo()
    assert funnel(client, steps="/x,/y")[0][0] == 20_000


# Conditions, breakdowns, people ---------------------------------------------------------------


def desktop_steps(client, *steps: str, **query: Any) -> list[int]:
    answer = client.get(
        "/funnels", query_string={"app": "desktop", "step": steps, **query}, headers=AUTH
    )
    assert answer.status_code == 200, answer.text
    return [step["count"] for step in answer.json["steps"]]


def test_a_step_takes_conditions(client, now):
    desktop(client, now, ("app_opened", 5))
    widget = {"properties": {"source": "widget", "note": "a;b"}}
    desktop(client, now, ("recording_started", 4.9), **widget)
    desktop(client, now, ("recording_started", 4.8), app_version="0.9.52")
    opened = "app_opened"
    for condition, count in (
        ("prop.source:is:widget", 1),
        ("prop.source:is:main", 0),
        ("version:gt:0.9.51", 1),
        ("version:gt:0.9.51;prop.source:set", 0),
        ("prop.note:is:a%3Bb", 1),
    ):
        assert desktop_steps(client, opened, f"recording_started;{condition}", within=1)[1] == count
    steps = (f"{opened};version:is:0.9.51", "recording_started;prop.source:set")
    assert desktop_steps(client, *steps, within=1, filter="platform_family:is:macOS") == [1, 1]
    assert desktop_steps(client, *steps, within=1, filter="version:is:0.9.52") == [0, 0]


def test_debug_builds_count_where_the_filter_names_them(client, services, now):
    desktop(client, now, ("app_opened", 5), ("recording_started", 4.9))
    with services.database.transaction() as tx:
        tx.run(Inline("/* test */ update events set channel = 'debug'"))
    steps = ("app_opened", "recording_started;country:set")
    assert desktop_steps(client, *steps, within=1) == [0, 0]
    assert desktop_steps(client, *steps, within=1, filter="channel:is:debug") == [1, 1]


def test_in_any_order_all_steps_so_far_are_needed(client, now):
    desktop(client, now, ("recording_started", 5), ("app_opened", 4.9))
    steps = ("app_opened", "recording_started", "recording_completed")
    assert desktop_steps(client, *steps, within=1) == [1, 0, 0]
    assert desktop_steps(client, *steps, within=1, order="any") == [1, 1, 0]
    assert desktop_steps(client, *steps[::-1], within=1, order="any") == [0, 0, 0]


def person(number: int) -> str:
    return f"00000000-0000-4000-8000-{number:012d}"


def test_by_version_a_person_counts_where_their_furthest_chain_began(client, now):
    for number in range(14):
        desktop(
            client, now, ("app_opened", 9), ("recording_started", 8),
            user_id=person(number), app_version=f"1.{min(number, 11)}.0",
        )  # fmt: skip
    desktop(client, now, ("app_opened", 9), user_id=person(20), app_version=None)
    # begins with 1.0, comes through from 2.0 on
    desktop(client, now, ("app_opened", 90), user_id=person(21), app_version="1.0.0")
    desktop(
        client, now, ("app_opened", 50), ("recording_started", 49),
        user_id=person(21), app_version="1.1.0",
    )  # fmt: skip
    query = {
        "app": "desktop",
        "steps": "app_opened,recording_started",
        "within": 1,
        "by": "version",
    }
    rows = client.get("/funnels", query_string=query, headers=AUTH).json["by"]
    counts = {row["key"]: [step["count"] for step in row["steps"]] for row in rows}
    assert counts["1.11.0"] == [3, 3]
    assert counts["1.1.0"] == [2, 2]
    assert counts["1.0.0"] == [1, 1]
    assert counts[None] == [1, 0]
    assert counts["other"] == [2, 2]
    assert len(counts) == 12
    assert rows[0]["key"] == "1.11.0"
    assert rows[-1]["key"] == "other"


def test_by_segment_each_is_a_funnel_of_its_own(client, services, now):
    with services.database.transaction() as tx:
        for place, (name, country) in enumerate((("Germany", "DE"), ("Abroad", "US,FR"))):
            tx.run(
                Inline(
                    "/* test */ insert into segments (app_id, place, name, filter) "
                    "select app_id, %(place)s, %(name)s, jsonb_build_array(%(condition)s::text) "
                    "from apps where slug = 'desktop'"
                ),
                place=place,
                name=name,
                condition=f"country:in:{country}",
            )
    services.apps.forget()
    for number, country in enumerate(("DE", "US", "US", "FR", "AT")):
        steps = ("app_opened", 9), *([("recording_started", 8)] if number % 2 else [])
        desktop(client, now, *steps, user_id=person(number), country=country)
    query = {"app": "desktop", "steps": "app_opened,recording_started", "within": 1}
    rows = client.get("/funnels", query_string={**query, "by": "segment"}, headers=AUTH).json["by"]
    assert [(row["key"], [step["count"] for step in row["steps"]]) for row in rows] == [
        ("Germany", [1, 0]),
        ("Abroad", [3, 2]),
    ]
    for row in rows:
        alone = client.get(
            "/funnels", query_string={**query, "segment": row["segment"]}, headers=AUTH
        ).json["steps"]
        assert [step["count"] for step in alone] == [step["count"] for step in row["steps"]]


def stopped(client, **query: Any) -> Any:
    answer = client.get("/funnels/people", query_string=query, headers=AUTH)
    assert answer.status_code == 200, answer.text
    return answer.json


def test_the_people_who_stopped_at_a_step_are_listed_by_page(client, now):
    for number in range(5):
        desktop(client, now, ("app_opened", 9 - number), user_id=person(number))
    desktop(client, now, ("app_opened", 9), ("recording_started", 8), user_id=person(7))
    query = {"app": "desktop", "steps": "app_opened,recording_started", "within": 1, "limit": 2}
    listed: list[str] = []
    cursor = None
    while True:
        page = stopped(client, **query, stopped=1, **({"cursor": cursor} if cursor else {}))
        listed += [row["user_id"] for row in page["people"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
        assert len(page["people"]) == 2
    assert listed == [person(number) for number in (4, 3, 2, 1, 0)]
    [row] = stopped(client, **query, stopped=2)["people"]
    assert row["user_id"] == person(7)
    assert row["session_id"] is None
    assert row["at"] == (now - timedelta(hours=8)).strftime("%Y-%m-%dT%H:%M:%S.000Z")


def test_within_a_session_each_session_that_stopped_is_listed(client, now):
    for session in ("s-1", "s-2"):
        desktop(client, now, ("app_opened", 9), session_id=session)
    desktop(client, now, ("app_opened", 5), ("recording_started", 4.9), session_id="s-3")
    query = {"app": "desktop", "steps": "app_opened,recording_started"}
    first, second = stopped(client, **query, stopped=1)["people"]
    assert first["session_id"] != second["session_id"]
    [through] = stopped(client, **query, stopped=2)["people"]
    assert through["session_id"] not in (None, first["session_id"], second["session_id"])


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("", "stopped"),
        ("stopped=0", "stopped"),
        ("stopped=3", "stopped"),
        ("stopped=1&limit=1001", "limit"),
        ("stopped=1&cursor=x", "cursor"),
        ("stopped=1&by=version", "by"),
    ],
)
def test_a_bad_parameter_of_the_list_is_a_400_that_names_it(client, query, field):
    answer = client.get(f"/funnels/people?steps=/a,/b&{query}", headers=AUTH)
    assert answer.status_code == 400
    assert field in answer.json["error"]
