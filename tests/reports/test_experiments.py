"""GET /experiments/{name} and the list of what may be one."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tests.support import basic, event

AUTH = basic("admin", "admin")


@pytest.fixture
def studio(client):
    """An app that takes any event; returns what sends some: (name, person, hours ago, properties)."""
    key = client.post(
        "/apps", json={"slug": "studio", "kind": "desktop", "name": "Studio"}, headers=AUTH
    ).json["app"]["ingest_key"]

    def send(now: Any, *items: tuple[str, int, float, dict[str, Any]]) -> None:
        events = [
            event(
                event=name,
                user_id=f"00000000-0000-4000-8000-{person:012d}",
                timestamp=(now - timedelta(hours=hours)).isoformat(),
                properties=properties,
            )
            for name, person, hours, properties in items
        ]
        answer = client.post("/track", json={"events": events}, headers={"X-App-Key": key}).json
        assert answer["events_stored"] == len(items), answer

    return send


def shown(person: int, variant: Any, hours: float = 48) -> tuple[str, int, float, dict[str, Any]]:
    return ("canvas shown", person, hours, {"variant": variant})


def exported(person: int, hours: float = 40) -> tuple[str, int, float, dict[str, Any]]:
    return ("exported", person, hours, {"format": "png"})


def ask(client, **query: Any) -> Any:
    answer = client.get(
        "/experiments/canvas shown",
        query_string={"app": "studio", "goal": "exported", **query},
        headers=AUTH,
    )
    assert answer.status_code == 200, answer.text
    return answer.json


def rows(answer: Any) -> dict[str, tuple[int, int]]:
    return {row["variant"]: (row["people"], row["converted"]) for row in answer["variants"]}


def test_variants_are_compared_with_the_control(client, studio, now):
    studio(
        now, *(shown(n, "control") for n in range(8)), *(shown(n, "large") for n in range(8, 16))
    )
    studio(now, *(exported(n) for n in (0, 1, 8, 9, 10, 11, 12)))
    answer = ask(client)
    control, large = answer["variants"]
    assert answer["control"] == control["variant"] == "control"
    assert (control["people"], control["converted"], control["rate"]) == (8, 2, 25.0)
    assert (control["difference"], control["low"], control["high"]) == (None, None, None)
    assert (large["people"], large["converted"], large["rate"]) == (8, 5, 62.5)
    assert large["difference"] == 37.5
    assert large["low"] < 0 < 37.5 < large["high"]
    assert control["best"] + large["best"] == pytest.approx(100, abs=0.1)
    assert large["best"] > 90
    assert answer["split"] == {
        "expected": [50.0, 50.0], "chi_square": 0.0, "p": 1.0, "is_wrong": False,
    }  # fmt: skip
    assert answer["needed"] == 4862
    assert answer["can_tell"] is False
    assert answer["computed"] == "events"


def test_only_a_goal_after_the_variant_and_within_the_days_counts(client, studio, now):
    studio(now, *(shown(n, "a", 100) for n in range(6)))
    studio(
        now,
        exported(0, 101),  # before
        exported(1, 100),  # at the same moment
        exported(2, 76),  # a day later
        exported(3, 75.9),  # a day and six minutes
        exported(4, 1),
    )
    assert rows(ask(client, within=1)) == {"a": (6, 2)}
    assert rows(ask(client, within=7)) == {"a": (6, 4)}


def test_people_whose_days_are_not_over_may_still_convert(client, studio, now):
    studio(now, shown(0, "a", 100), shown(1, "a", 10), shown(2, "a", 10), exported(2, 5))
    [row] = ask(client, within=3)["variants"]
    assert (row["people"], row["converted"], row["open"]) == (3, 1, 1)


def test_who_was_shown_several_counts_for_the_first_and_as_mixed(client, studio, now):
    studio(now, shown(0, "b", 50), shown(0, "a", 40), shown(1, "a"), shown(1, "a", 30), exported(0))
    answer = ask(client)
    assert rows(answer) == {"a": (1, 0), "b": (1, 1)}
    assert answer["mixed"] == 1


def test_the_control_is_the_largest_unless_one_is_named_so_or_asked_for(client, studio, now):
    studio(now, shown(0, "a"), shown(1, "b"), shown(2, "b"))
    assert ask(client)["control"] == "b"
    assert [row["variant"] for row in ask(client)["variants"]] == ["b", "a"]
    assert ask(client, control="a")["control"] == "a"
    studio(now, shown(3, "control"))
    assert ask(client)["control"] == "control"
    answer = client.get(
        "/experiments/canvas shown?app=studio&goal=exported&control=c", headers=AUTH
    )
    assert answer.status_code == 400
    assert "control" in answer.json["error"]


def test_a_split_that_is_not_the_meant_one_is_said(client, studio, now):
    studio(now, *(shown(n, "a") for n in range(90)), *(shown(n, "b") for n in range(90, 130)))
    assert ask(client)["split"]["is_wrong"] is True
    meant = ask(client, split="90,40")["split"]
    assert meant == {"expected": [69.23, 30.77], "chi_square": 0.0, "p": 1.0, "is_wrong": False}
    answer = client.get(
        "/experiments/canvas shown?app=studio&goal=exported&split=1,1,1", headers=AUTH
    )
    assert answer.status_code == 400
    assert "split has 3 shares for 2 variants" in answer.json["error"]


def test_variants_may_be_numbers_or_truth_values_of_another_property(client, studio, now):
    studio(
        now,
        ("canvas shown", 0, 9, {"big": True}),
        ("canvas shown", 1, 9, {"big": False}),
        ("canvas shown", 2, 9, {"big": None}),
        ("canvas shown", 3, 9, {"variant": "x"}),
    )
    assert rows(ask(client, property="big")) == {"true": (1, 0), "false": (1, 0)}


def test_conditions_narrow_goals_and_filters_the_shown(client, studio, now):
    studio(now, shown(0, "a"), shown(1, "a"), exported(0), exported(1))
    studio(now, ("exported", 1, 20, {"format": "svg"}))
    assert rows(ask(client, goal="exported;prop.format:is:svg")) == {"a": (2, 1)}
    assert rows(ask(client, filter="country:is:DE")) == {}
    empty = ask(client, filter="country:is:DE")
    assert (empty["control"], empty["needed"], empty["split"]) == (None, None, None)


def test_ten_variants_are_compared_and_the_rest_counted(client, studio, now):
    studio(now, *(shown(n, f"v{n // 2:02}") for n in range(24)))
    answer = ask(client)
    assert len(answer["variants"]) == 10
    assert answer["left_out"] == 4


def test_events_with_a_variant_are_listed(client, studio, now):
    studio(now, shown(0, "a"), exported(0), ("menu shown", 0, 3, {"variant": 2}))
    answer = client.get("/experiments?app=studio", headers=AUTH).json
    assert answer == {
        "success": True,
        "app": "studio",
        "experiments": ["canvas shown", "menu shown"],
    }
    named = client.get("/experiments?app=studio&property=format", headers=AUTH).json
    assert named["experiments"] == ["exported"]


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("", "goal"),
        ("goal=exported&within=0", "within"),
        ("goal=exported&within=366", "within"),
        ("goal=canvas shown", "goal"),
        ("goal=exported;x:is:1", "goal"),
        ("goal=exported&split=50", "split"),
        ("goal=exported&split=50,0", "split"),
        ("goal=exported&split=50,nan", "split"),
        ("goal=exported&days=3", "days"),
        ("goal=exported&period=1y", "period"),
    ],
)
def test_a_bad_parameter_is_a_400_that_names_it(client, studio, query, field):
    answer = client.get(f"/experiments/canvas shown?app=studio&{query}", headers=AUTH)
    assert answer.status_code == 400, answer.text
    assert field in answer.json["error"]
    assert client.get("/experiments/nothing?goal=app_opened", headers=AUTH).status_code == 404
