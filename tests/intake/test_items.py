"""Splitting a body into items: what one bad item may cost, and what refuses a body as a whole."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NoReturn

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import models
from stories.errors import ApiError
from stories.intake import documents
from stories.intake.documents import MAX_CONTAINERS, MAX_DEPTH, MAX_DIGITS, SENTENCES, flaw, split

GOOD = b'{"event":"app_opened"}'


def codes(body: bytes, member: str | None = "events") -> list[str]:
    return [flaw(value) for value in split(body, member)]


def nested(depth: int) -> bytes:
    return b"[" * depth + b"]" * depth


@contextmanager
def refused(code: str) -> Iterator[None]:
    """The body is refused as a whole, with a 400 of one line."""
    with pytest.raises(ApiError) as caught:
        yield
    assert (caught.value.status, caught.value.code) == (400, code)
    assert "\n" not in caught.value.sentence


def around(poison: bytes) -> bytes:
    """A batch with a good event on either side of one that carries the poison."""
    return b'{"events": [%s, {"properties": {"k": %s}}, %s]}' % (GOOD, poison, GOOD)


@pytest.mark.parametrize(
    ("poison", "code"),
    [
        (rb'"a\u0000b"', "unstorable_text"),
        (rb'{"\u0000": 1}', "unstorable_text"),
        (rb'"\ud800"', "unstorable_text"),
        (rb'"\uDC00x"', "unstorable_text"),
        (rb'{"\ud800": 1}', "unstorable_text"),
        (b'"\xff"', "unstorable_text"),
        (b'"\xed\xa0\x80"', "unstorable_text"),
        (b'"\xc0\x80"', "unstorable_text"),
        (b"1e999", "number_too_large"),
        (b"-1e999", "number_too_large"),
        (b"7" * 400, "number_too_large"),
        (b"-" + b"7" * 400, "number_too_large"),
        (b"7" * 5000, "number_too_large"),
        (b"7" * 400 + b".5", "number_too_large"),
        (nested(MAX_DEPTH - 1), "too_deep"),
        (nested(800), "too_deep"),
        (b'{"a":' * 400 + b"1" + b"}" * 400, "too_deep"),
    ],
    ids=lambda value: str(value[:24]) if isinstance(value, bytes) else value,
)
def test_it_lets_a_poisonous_item_cost_only_itself(poison: bytes, code: str) -> None:
    values = split(around(poison), "events")
    assert [flaw(value) for value in values] == ["", code, ""]
    assert [values[0], values[2]] == [{"event": "app_opened"}] * 2
    assert code in SENTENCES


@pytest.mark.parametrize(
    ("harmless", "value"),
    [
        (rb'"\ud83d\ude00"', "\U0001f600"),
        (rb'"\\ud800 and \\u0000"', "\\ud800 and \\u0000"),
        (b"7" * MAX_DIGITS, int("7" * MAX_DIGITS)),
        (b"1e-999", 0.0),
        (b"1" * 25, int("1" * 25)),
        (b'"\x7f"', "\x7f"),
        (b'[1, "]", "{"]', [1, "]", "{"]),
    ],
)
def test_it_keeps_what_only_looks_poisonous(harmless: bytes, value: Any) -> None:
    values = split(around(harmless), "events")
    assert values[1] == {"properties": {"k": value}}
    assert flaw(values[1]) == ""


def test_it_takes_an_item_that_is_as_deep_as_allowed() -> None:
    assert codes(b'{"events":[%s]}' % nested(MAX_DEPTH)) == [""]
    assert codes(b'{"events":[%s]}' % nested(MAX_DEPTH + 1)) == ["too_deep"]


def test_many_shallow_brackets_are_not_depth() -> None:
    assert codes(b"[[" + b",".join([b"[]"] * 500) + b"]]", None) == [""]


def test_without_a_member_it_takes_an_array_or_one_object() -> None:
    assert split(b' [1, "two"] ', None) == [1, "two"]
    assert split(b'{"events": []}', None) == [{"events": []}]
    assert split(b"[]", None) == []


def test_a_member_given_twice_counts_as_the_last_one() -> None:
    assert split(b'{"events":[1],"events":[2]}', "events") == [2]
    with refused("invalid_body"):
        split(b'{"events":[1],"events":2}', "events")


def test_a_member_name_may_be_written_with_escapes() -> None:
    assert split(rb'{"\u0065vents":[1]}', "events") == [1]


def test_a_byte_order_mark_is_accepted() -> None:
    assert split(b"\xef\xbb\xbf[1]", None) == [1]


def test_other_members_need_not_be_storable() -> None:
    body = rb'{"a":"\ud800","b":1e999,"c":%s,"events":[1]}' % nested(500)
    assert split(body, "events") == [1]


@pytest.mark.parametrize(
    ("body", "member"),
    [
        (b"{}", "events"),
        (b'{"events": {}}', "events"),
        (b'{"events": null}', "events"),
        (b"[1]", "events"),
        (b"1", "events"),
        (b'"text"', None),
        (b"12", None),
    ],
)
def test_it_tells_a_wrong_shape_from_what_is_not_json(body: bytes, member: str | None) -> None:
    with refused("invalid_body"):
        split(body, member)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"   ",
        b'{"events": [1, 2',
        b'{"events": [1 2]}',
        b'{"events": [1, ]}',
        b'{"events": [1],}',
        b'{"events" [1]}',
        b'{"events": [1]} x',
        b'{"events": [NaN]}',
        b'{"events": [[1, -Infinity]]}',
        b'{"other": Infinity, "events": []}',
        rb'{"events": ["\x"]}',
        b'{"events": ["a\x01"]}',
        b'{"events": [01]}',
        b'{"events": [1]}\x00',
        b'{"events": [\xff]}',
    ],
)
def test_what_is_not_json_is_one_clear_refusal(body: bytes) -> None:
    for member in ("events", None):
        with refused("invalid_json"):
            split(body, member)


@pytest.mark.parametrize(
    "body", [b"[" * 100_000, nested(3000), b'{"a":' * 3000 + b"1" + b"}" * 3000]
)
def test_what_is_too_deep_for_the_decoder_is_one_clear_refusal(body: bytes) -> None:
    with refused("too_deep"):
        split(body, None)


@pytest.mark.parametrize("bracket", [b"[]", b'{"a":{}}'])
def test_more_objects_and_lists_than_are_decoded_are_counted_before(bracket: bytes) -> None:
    brackets = bracket.count(b"[") + bracket.count(b"{")
    most = b",".join([bracket] * (MAX_CONTAINERS // brackets))
    assert not documents.too_many_containers(most)
    assert documents.too_many_containers(most + b",[{")


def test_bytes_that_are_not_utf8_belong_to_the_item_that_holds_them() -> None:
    assert codes(b'{"other": "\xff"}', None) == ["unstorable_text"]


TWO_MIB = 2 * 1024 * 1024  # linear, so the limit's five tell no more and take longer


@pytest.mark.parametrize(
    "body",
    [
        b"[[" + b"[]," * (TWO_MIB // 3) + b"1]]",
        b"[[" + b"1," * (TWO_MIB // 2) + b"1]]",
        b"[" + (b'"' + b"a" * 100 + b'",') * (TWO_MIB // 103) + b"1]",
        b'["' + b"a" * TWO_MIB + b'"]',
        b'["' + rb"\\" * (TWO_MIB // 2) + b'"]',
        b'["' + rb"\ud800" * (TWO_MIB // 6) + b'"]',
        b"[" + b"9" * TWO_MIB + b"]",
        b"[" + b" " * TWO_MIB + b"1]",
    ],
    ids=range(8),
)
def test_two_mebibytes_of_anything_are_read_to_the_end(body: bytes) -> None:
    assert [flaw(value) in ("", *SENTENCES) for value in split(body, None)]


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(name)


def strictly(body: bytes, errors: str = "strict") -> Any:
    """What `json.loads` says, held to JSON proper: no NaN, UTF-8 only."""
    return json.loads(body.decode("utf-8-sig", errors), parse_constant=_refuse_constant)


def storable(value: Any) -> bool:
    if isinstance(value, dict):
        return all(storable(k) and storable(v) for k, v in value.items())
    if isinstance(value, list):
        return all(map(storable, value))
    if isinstance(value, str):
        return not any(c == "\0" or "\ud800" <= c <= "\udfff" for c in value)
    if isinstance(value, float):
        return math.isfinite(value)
    return True


text = st.text(st.characters(exclude_categories=()), max_size=6)
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | text,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(text, inner, max_size=4),
    max_leaves=12,
)
bodies = st.builds(
    lambda items, rest, tail: {**rest, "events": items, **tail},
    st.lists(values, max_size=5),
    st.dictionaries(text, values, max_size=2),
    st.dictionaries(text, values, max_size=2),
)


def encoded(document: Any, ascii_only: bool, indent: int | None) -> bytes:
    # An infinity is written as JSON can write one: a number out of range.
    dumped = json.dumps(document, ensure_ascii=ascii_only, indent=indent)
    return dumped.replace("Infinity", "1e999").encode("utf-8", "surrogatepass")


@settings(max_examples=100, deadline=None)
@given(bodies, st.sampled_from([None, 1]))
def test_it_agrees_with_the_standard_decoder_on_every_document(
    document: dict[str, Any], indent: int | None
) -> None:
    body = encoded(document, True, indent)
    expected = strictly(body)["events"]
    if not isinstance(expected, list):
        return
    values = split(body, "events")
    assert len(values) == len(expected)
    for value, same in zip(values, expected, strict=True):
        assert (flaw(value) == "") == storable(same)
        assert flaw(value) or value == same


@settings(max_examples=60, deadline=None)
@given(bodies, st.booleans(), st.data())
def test_a_changed_byte_is_accepted_only_where_the_standard_decoder_accepts_it(
    document: dict[str, Any], ascii_only: bool, data: st.DataObject
) -> None:
    body = bytearray(encoded(document, ascii_only, None))
    for _ in range(20):
        changed = bytearray(body)
        at = data.draw(st.integers(0, len(body) - 1))
        changed[at] = data.draw(st.integers(0, 255) | st.sampled_from(list(b'"\\{}[],:0eE.-')))
        _check_against_the_standard_decoder(bytes(changed))


def _check_against_the_standard_decoder(body: bytes) -> None:
    try:
        values = split(body, "events")
    except ApiError as error:
        if error.code == "invalid_json":
            with pytest.raises(ValueError, match=r"."):
                strictly(body, "surrogateescape")
        else:
            value = strictly(body, "surrogateescape")
            assert not (isinstance(value, dict) and isinstance(value.get("events"), list))
        return
    assert len(values) == len(strictly(body, "surrogateescape")["events"])


TEXT = st.lists(st.sampled_from(["a", "é", "\0", "\\", "u0000", '"', "\ud800", "\udfff"])).map(
    "".join
)


@given(
    st.recursive(
        st.none() | st.floats() | st.integers() | TEXT,
        lambda inner: st.lists(inner) | st.dictionaries(TEXT, inner),
    )
)
def test_a_look_at_the_json_tells_what_has_to_be_made_storable(value: Any) -> None:
    clean = models.storable(value)
    assert repr(clean) == repr(walked(value))
    assert flaw(clean) in ("", "number_too_large")


def walked(value: Any) -> Any:
    if isinstance(value, str):
        return (
            "".join("\ufffd" if char == "\0" else char for char in value)
            .encode(errors="replace")
            .decode()
        )
    if isinstance(value, dict):
        return {walked(name): walked(inner) for name, inner in value.items()}
    return [walked(inner) for inner in value] if isinstance(value, list) else value
