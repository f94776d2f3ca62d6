"""GET /funnels: in order within a session or within days of a person, held against every subsequence."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from database import Inline
from stories.reports.funnels import reached
from stories.views import funnels
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


def by_hand(rows: Any, length: int, window: timedelta | None) -> list[int]:
    groups: dict[Any, list[tuple[datetime, list[int]]]] = {}
    for person, session, moment, matched in rows:
        key = person if window is not None else (person, session)
        groups.setdefault(key, []).append((moment, matched))
    found = [longest(own, length, window) for own in groups.values()]
    return [sum(1 for best in found if best > step) for step in range(length)]


@st.composite
def streams(draw: Any) -> tuple[list[Any], int, timedelta | None]:
    length = draw(st.integers(2, 5))
    some = st.lists(st.integers(1, length), min_size=1, max_size=3, unique=True)
    one = st.tuples(st.integers(0, 2), st.sampled_from("ab"), st.integers(0, 20), some)
    window = draw(st.none() | st.integers(0, 12).map(timedelta))
    rows = [(p, s, START + n * DAY, m) for p, s, n, m in draw(st.lists(one, max_size=25))]
    by_session = window is None
    rows.sort(key=lambda row: (row[0], row[1] if by_session else "", row[2]))
    return rows, length, window


@settings(max_examples=400, deadline=None)
@given(streams())
def test_it_counts_what_trying_every_start_counts(stream):
    rows, length, window = stream
    assert reached(rows, length, window) == by_hand(rows, length, window)


def test_a_later_start_is_taken_when_the_first_is_too_long_ago():
    rows = [
        (1, "", START + n * DAY, [step]) for n, step in ((0, 1), (2, 2), (5, 1), (6, 2), (8, 3))
    ]
    assert reached(rows, 3, timedelta(3)) == [1, 1, 1]
    assert reached(rows, 3, timedelta(2)) == [1, 1, 0]


def test_one_event_is_one_step():
    rows = [(1, "", START, [1, 2]), (1, "", START + DAY, [1, 2])]
    assert reached(rows[:1], 2, timedelta(1)) == [1, 0]
    assert reached(rows, 2, timedelta(1)) == [1, 1]


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
        "within": None,
        "steps": [
            {"step": "/", "count": 4, "percentage": 100.0, "dropped": 0},
            # "/" is the prefix of every path: /demo, then /pricing is a step further
            {"step": "/pricing", "count": 3, "percentage": 75.0, "dropped": 1},
            {"step": "/demo", "count": 1, "percentage": 25.0, "dropped": 2},
        ],
    }


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
        ("steps=" + ",".join(["/a"] * 11), "steps"),
        ("steps=/a,unheard_of", "steps"),
        ("steps=/a,/b&within=0", "within"),
        ("steps=/a,/b&within=366", "within"),
        ("steps=/a,/b&within=x", "within"),
        ("steps=/a,/b&days=0", "days"),
        ("steps=/a,/b&app=nope", "app"),
        ("steps=/a,/b&step=/c", "step"),
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
    assert funnel(client, steps="/a'b%,/c") == [(1, 100.0, 0), (1, 100.0, 0)]


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
    monkeypatch.setattr(funnels, "SECONDS", 0.01)
    answer = client.get("/funnels?steps=/x,/y", headers=AUTH)
    assert answer.status_code == 503
    assert answer.json["code"] == "too_slow"
    assert "took longer than 0.01 s; ask for fewer days" in answer.json["error"]
    assert int(answer.headers["Retry-After"]) > 0
    monkeypatch.undo()
    assert funnel(client, steps="/x,/y")[0][0] == 20_000
