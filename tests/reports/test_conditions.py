"""Conditions as they are read, and what PostgreSQL makes of them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from database import Inline
from stories.reports.conditions import WrongCondition, read_conditions
from stories.reports.filters import Filter

EVENT: dict[str, Any] = {
    "event": "file_exported",
    "app_version": "1.10.0",
    "platform": "darwin-24.6.0",
    "country": "DE",
    "channel": None,
    "properties": {
        "format": "png",
        "pages": 3,
        "draft": False,
        "note": None,
        "a:b": "x",
        "pi": 3.0,
    },
}


def holds(database: Any, texts: list[str], **changes: Any) -> bool:
    row = {**EVENT, **changes}
    row["properties"] = json.dumps(row["properties"])
    columns = ", ".join(
        f"%({name})s::{'jsonb' if name == 'properties' else 'text'} as {name}" for name in row
    )
    statement = Inline(
        f"/* test */ select coalesce(%(matches)s, false) from (select {columns}) as events"
    )
    with database.transaction(read_only=True) as tx:
        matches = read_conditions(texts).of_events()
        return bool(tx.value(statement, matches=matches, **row))


@pytest.mark.parametrize(
    "text",
    [
        "version:is:1.10.0",
        "version:gte:1.9",
        "version:gt:1.9.9",
        "version:lte:1.10",
        "version:lt:1.10.0.1",
        "version:gt:1.10.0-beta.2",
        "version:in:1.8.0,1.10.0",
        "version:not:1.9.0",
        "platform_family:is:macOS",
        "platform_family:in:Windows,macOS",
        "country:is:de",
        "country:set",
        "source:set:false",
        "source:not:widget",
        "channel:is:release",
        "event:is:file_exported",
        "prop.format:is:png",
        "prop.pages:is:3",
        "prop.pages:is:3.0",
        "prop.pi:in:2,3",
        "prop.pages:gt:2.5",
        "prop.pages:lte:3",
        "prop.draft:is:false",
        "prop.draft:set",
        "prop.note:set:false",
        "prop.absent:not:x",
        "prop.a:b:is:x",
    ],
)
def test_it_holds(database, text):
    assert holds(database, [text])


@pytest.mark.parametrize(
    "text",
    [
        "version:gt:1.10",
        "version:lt:1.9.99",
        "version:not:1.10.0",
        "country:in:AT,CH",
        "country:set:false",
        "source:is:widget",
        "channel:is:debug",
        "prop.pages:gt:3",
        "prop.format:gt:2",
        "prop.absent:is:x",
        "prop.absent:lt:7",
        "prop.note:set",
        "prop.draft:is:true",
    ],
)
def test_it_does_not_hold(database, text):
    assert not holds(database, [text])


def test_debug_builds_count_only_where_they_are_named(database):
    assert not holds(database, [], channel="debug")
    assert not holds(database, ["channel:not:release"], channel="debug")
    assert holds(database, ["channel:is:debug"], channel="debug")
    assert holds(database, ["channel:in:debug,release"], channel="debug")
    assert holds(database, [], channel="nightly")


def test_versions_that_are_no_plain_numbers_have_their_place(database):
    assert holds(database, ["version:lt:1.2.0"], app_version="1.2.0-rc.1")
    assert holds(database, ["version:gte:1.2.0-beta.9"], app_version="1.2.0-rc.1")
    assert not holds(database, ["version:gte:1.0"], app_version="nightly")
    assert not holds(database, ["version:gte:1.0"], app_version=None)


def test_values_of_a_stranger_are_quoted(database):
    assert not holds(database, ["prop.x') or true --:is:'; drop table events; --"])
    assert not holds(database, ["version:is:%(v0)s"])
    assert not holds(database, ["prop.%s:is:%%"])


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("colour:is:red", "the fields are version"),
        ("version:like:1", "the operators are is"),
        ("version", "the operators are is"),
        ("version:is:", "a value is missing"),
        ("prop.pages:gt:many", "many is not a number"),
        ("prop.pages:gt:NaN", "not a number"),
        ("prop.pages:gt:1e9999", "not a number"),
        ("country:gt:DE", "have an order"),
        ("country:set:perhaps", "true or false"),
        ("prop.x:in:" + ",".join(map(str, range(51))), "at most 50"),
        ("prop.x:is:" + "x" * 201, "1 to 200"),
        ("prop.x:in:a,,b", "1 to 200"),
        ("prop.x:is:a\0", "1 to 200"),
    ],
)
def test_a_wrong_condition_is_named(text, sentence):
    with pytest.raises(WrongCondition) as refused:
        read_conditions([text])
    assert sentence in str(refused.value)
    assert str(refused.value).isprintable()


def test_at_most_ten_can_be_joined():
    with pytest.raises(WrongCondition, match="at most 10"):
        read_conditions([f"prop.p{n}:set" for n in range(11)])


def test_a_condition_reads_back_as_it_was_written():
    texts = ["prop.x:in:a,j%2Cpg", "version:gte:1.2", "prop.f:set:true"]
    assert read_conditions(texts).texts == texts
    assert read_conditions(["country:is:de"]) == read_conditions(["country:is:DE"])


def test_the_way_of_answering():
    assert Filter().dimension == ("none", "")
    assert Filter(read_conditions(["platform_family:is:macOS"])).dimension == ("family", "macOS")
    assert Filter(read_conditions(["version:gte:1"])).dimension is None
    assert Filter(read_conditions(["version:is:1", "country:is:DE"])).dimension is None
    assert Filter(read_conditions(["prop.x:is:1"]), segment=4).dimension == ("segment", "4")
    assert Filter(cohort="3").dimension is None
