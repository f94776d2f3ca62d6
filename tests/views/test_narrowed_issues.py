"""GET /issues, GET /issues/{id} and their crashes under a filter, against a walk over the crashes."""

from __future__ import annotations

import random
from datetime import timedelta
from typing import Any

import pytest

from tests.views.crash_reports import AUTH, days_ago, get, send, use

FAULTS = ("cart", "door", "lamp", "sofa")
VERSIONS = ("1.0.0", "1.1.0", "1.2.0-beta.1", "1.10.0")
SYSTEMS = ("darwin-24.6.0", "win32-10.0.22631", "linux-6.1.0")
CHANNELS = (None, "debug", "beta")


@pytest.fixture
def crashes(client, now) -> list[dict[str, Any]]:
    """120 crashes of 15 people, each with an event of theirs some days before."""
    rng = random.Random(5)
    sent = []
    for _ in range(120):
        crash: dict[str, Any] = {
            "fault": rng.choice(FAULTS),
            "who": rng.randrange(15),
            "when": days_ago(now, rng.random() * 40),
            "version": rng.choice(VERSIONS),
            "system": rng.choice(SYSTEMS),
            "channel": rng.choice(CHANNELS),
        }
        more: dict[str, Any] = {} if crash["channel"] is None else {"channel": crash["channel"]}
        send(
            client,
            crash["fault"],
            crash["when"],
            who=crash["who"],
            version=crash["version"],
            os_version=crash["system"],
            error_message=f"TypeError: {crash['fault']} is not a function",
            **more,
        )
        sent.append(crash)
    for who in range(0, 15, 3):
        use(client, days_ago(now, 20), who=who, country="DE")
    return sent


def is_counted(crash: dict[str, Any], **wanted: Any) -> bool:
    return crash["channel"] != "debug" and all(
        crash[name] == value for name, value in wanted.items()
    )


def name(each: Any) -> str:
    return " ".join(each) if isinstance(each, list) else ""


FILTERS: tuple[tuple[list[str], Any], ...] = (
    (["version:is:1.1.0"], lambda c: is_counted(c, version="1.1.0")),
    (["version:gte:1.2"], lambda c: is_counted(c) and c["version"] == "1.10.0"),
    (["platform_family:in:macOS,Linux"], lambda c: is_counted(c) and c["system"][:3] != "win"),
    (["platform:not:linux-6.1.0"], lambda c: is_counted(c) and c["system"] != "linux-6.1.0"),
    (["channel:is:debug"], lambda c: c["channel"] == "debug"),
    (
        ["channel:is:beta", "version:is:1.0.0"],
        lambda c: is_counted(c, channel="beta", version="1.0.0"),
    ),
    (["version:is:7"], lambda c: False),
)


@pytest.mark.parametrize(("filter", "holds"), FILTERS, ids=name)
def test_an_issues_numbers_are_those_of_the_matching_crashes(client, now, crashes, filter, holds):
    for span, days in (({}, 1000), ({"period": "30d"}, 30), ({"period": "7d"}, 7)):
        answer = get(client, "/issues", filter=filter, sort="crashes", **span)
        since = now.replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=days - 1)
        matching = [crash for crash in crashes if holds(crash) and crash["when"] >= since]
        wanted = {}
        for fault in FAULTS:
            own = [crash for crash in matching if crash["fault"] == fault]
            if own:
                wanted[fault] = (len(own), len({crash["who"] for crash in own}))
        shown = {
            issue["title"].split()[1]: (issue["crashes"], issue["people"])
            for issue in answer["issues"]
        }
        assert shown == wanted
        ordered = [issue["crashes"] for issue in answer["issues"]]
        assert ordered == sorted(ordered, reverse=True)
        assert answer["counts"]["open"] == len(wanted)
        assert answer["counts"]["handled"] is None
        assert (answer["computed"], answer["unfiltered"]) == (
            "events",
            ["handled", "people_share", "rise"],
        )
        for issue in answer["issues"]:
            own = [c["when"] for c in matching if c["fault"] == issue["title"].split()[1]]
            assert issue["last_seen"][:19] == max(own).isoformat()[:19]
            assert issue["first_seen"][:19] == min(own).isoformat()[:19]
            last = [
                c for c in crashes
                if holds(c) and c["fault"] == issue["title"].split()[1]
                and (now.date() - c["when"].date()).days < 14
            ]  # fmt: skip
            assert sum(issue["days"]) == len(last)
            assert (issue["rise"], issue["people_share"]) == (None, None)


@pytest.mark.parametrize(("filter", "holds"), FILTERS[:5], ids=name)
def test_an_issues_page_is_a_walk_over_the_matching_crashes(client, now, crashes, filter, holds):
    for issue in get(client, "/issues")["issues"]:
        fault = issue["title"].split()[1]
        own = [crash for crash in crashes if crash["fault"] == fault and holds(crash)]
        answer = get(client, f"/issues/{issue['id']}", filter=filter, period="all")
        shown = answer["issue"]
        assert (shown["crashes"], shown["people"]) == (len(own), len({c["who"] for c in own}))
        assert sum(day["crashes"] for day in shown["days"]) == len(own)
        for name, key in (("versions", "version"), ("systems", "system")):
            assert {row["value"]: row["crashes"] for row in shown[name]} == {
                value: len([c for c in own if c[key] == value]) for value in {c[key] for c in own}
            }
        germans = {c["who"] for c in own if c["who"] % 3 == 0}
        countries = {row["value"]: row["people"] for row in shown["countries"]}
        assert countries.get("DE", 0) == len(germans)
        assert sum(countries.values()) == shown["people"]
        walked = get(client, f"/issues/{issue['id']}/crashes", filter=filter, limit=100)["crashes"]
        assert [row["timestamp"][:19] for row in walked] == [
            c["when"].isoformat()[:19] for c in sorted(own, key=lambda c: c["when"], reverse=True)
        ]


def test_a_segment_and_a_cohort_mean_the_crashes_of_their_people(client, now, crashes):
    def saved(path: str, body: Any) -> int:
        made = client.post(f"{path}?app=desktop", json=body, headers=AUTH).json
        return int(made[path[1:-1]]["id"])

    germans = saved("/segments", {"name": "Germans", "filter": ["country:is:DE"]})
    macs = saved("/segments", {"name": "Macs", "filter": ["platform_family:is:macOS"]})
    cohort = saved("/cohorts", {"name": "Germans", "definition": {"country": "DE"}})
    told = {
        ("segment", germans): lambda c: is_counted(c) and c["who"] % 3 == 0,
        ("segment", macs): lambda c: is_counted(c, system="darwin-24.6.0"),
        ("cohort", cohort): lambda c: is_counted(c) and c["who"] % 3 == 0,
    }
    for (name, number), holds in told.items():
        own = [crash for crash in crashes if holds(crash)]
        answer = get(client, "/issues", **{name: number})
        assert sum(issue["crashes"] for issue in answer["issues"]) == len(own) > 0, name
    both = get(client, "/issues", segment=germans, filter="version:is:1.1.0")["issues"]
    own = [c for c in crashes if c["who"] % 3 == 0 and is_counted(c, version="1.1.0")]
    assert sum(issue["crashes"] for issue in both) == len(own) > 0
    # Their events lie 20 days back: of a week nobody is in the segment.
    assert get(client, "/issues", segment=germans, period="7d")["issues"] == []


def test_what_cannot_be_told_of_crashes_is_refused_by_name(client, now):
    send(client, "cart", days_ago(now, 1))
    for path in ("/issues", "/issues/desktop-1", "/issues/desktop-1/crashes"):
        for condition in ("country:is:DE", "prop.format:is:png", "event:is:app_opened"):
            answer = client.get(path, query_string={"filter": condition}, headers=AUTH)
            assert (answer.status_code, answer.json["details"][0]["parameter"]) == (400, "filter")
            assert "version, platform, platform_family, channel only" in answer.json["error"]
    for name, value in (("handled", "true"), ("sort", "rise")):
        query = {"filter": "version:is:1.0.0", name: value}
        answer = client.get("/issues", query_string=query, headers=AUTH)
        assert (answer.status_code, answer.json["details"][0]["parameter"]) == (400, name)
    assert client.get("/issues?cohort=77", headers=AUTH).status_code == 400


def test_pages_of_a_narrowed_list_follow_each_other(client, now, crashes):
    query = {"filter": "channel:not:debug", "sort": "people", "limit": 1}
    seen, cursor = [], None
    while True:
        answer = get(client, "/issues", **query, **({"cursor": cursor} if cursor else {}))
        seen += [issue["id"] for issue in answer["issues"]]
        cursor = answer["next_cursor"]
        if cursor is None:
            break
    assert len(seen) == len(set(seen)) == len(FAULTS)


def test_without_a_filter_nothing_is_left_out(client, now):
    send(client, "cart", days_ago(now, 1))
    answer = get(client, "/issues")
    assert (answer["computed"], answer["unfiltered"]) == ("rollups", [])
    assert answer["issues"][0]["people_share"] == 100.0
