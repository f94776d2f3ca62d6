"""Changes to good input that have hurt servers before: a mutation is a few of them at random places.

Everything works on bytes, so that the same serves bodies, whole requests and query strings.
"""

from __future__ import annotations

import re
from random import Random

# What may stand where a JSON value stood.
VALUES: tuple[bytes, ...] = (
    *(b"null", b"true", b"false", b"{}", b"[]", b'""', b"0", b"-1", b"-0.0", b"0.5", b"1e308"),
    *(b"1e999", b"-1e999", b"NaN", b"Infinity", b"9007199254740993", b"9223372036854775808"),
    *(b"-9223372036854775809", b"340282366920938463463374607431768211456", b"9" * 400, b"9" * 5000),
    *(b'"\\u0000"', b'"a\\u0000b"', b'"\\ud800"', b'"\\udfff\\ud800"', b'"\xff\xfe"', b'"\x00"'),
    *(
        b'"\\\\u0000"',
        b'"\xed\xa0\x80"',
        b'"\xf0\x9f\x98\x80"',
        b'"\\n\\r\\t"',
        b'"' + b"a" * 30_000 + b'"',
    ),
    *(b'"%b"' % (b"\xc3\xbc" * 2_100), b"[" * 2_000, b"[" * 100 + b"]" * 100),
    b'{"a":' * 70 + b"1" + b"}" * 70,
    *(b'{"a":1,"a":2}', b'{"__proto__":{"x":1}}', b'{"":null}', b'{"\\u0000":1}', b"[1,null,[]]"),
    *(b'"9999-12-31T23:59:59-23:59"', b'"0001-01-01T00:00:00+23:59"', b'"2026-02-30"', b'"24:00"'),
    *(b'"2026-11-21T23:59:60Z"', b'"2026-W47"', b"253402300800000", b"-62135596800001", b"1e17"),
    *(b'"=1+1"', b'"@SUM(1)"', b'"\';select pg_sleep(9)--"', b'"%s%(x)s%"', b'"\\\\"', b'"{0}"'),
    *(
        b'"http://[/"',
        b'"http://[::1"',
        b'"//x:99999999/?utm_source=%00"',
        b'"/?utm_source=%ff%00"',
    ),
    *(b'"00000000-0000-0000-0000-000000000000"', b'"denied"', b'"conversion"', b'"a.b:c-d"'),
)
# What may stand where a parameter of a query or a piece of a path stood.
PIECES: tuple[bytes, ...] = (
    *(b"", b"%00", b"%ff", b"%2e%2e%2f", b"../..", b"//", b"%2F", b"a" * 201, b"0", b"-1", b"1e9"),
    *(b"99999999999999999999", b"1_0", b"%D9%A1", b"0001-01-01", b"9999-12-31", b"2026-W47-1"),
    *(b"%27;select+1--", b"%25s", b"%7B0%7D", b"%0d%0aX:y", b"desktop", b"website", b"bot", b"all"),
    *(b"9999-12-31T23:59:59-23:59", b"0001-01-01T00:00+23:59", b"W10", b"WyJcdTAwMDAiXQ", b"x,y,,"),
    *(b"WyJcdTAwMDAiLCI1NTBlODQwMC1lMjliLTQxZDQtYTcxNi00NDY2NTU0NDAwMDAiXQ", b"550e8400-e29b"),
    *(b"WyI5OTk5LTEyLTMxVDIzOjU5OjU5LTIzOjU5IiwxODQ0Njc0NDA3MzcwOTU1MTYxNl0", b"?", b"#", b"&&=&"),
)
SCALAR = re.compile(rb'"(?:[^"\\]|\\.){0,300}"|-?[0-9][0-9.eE+-]{0,30}|true|false|null')
PIECE = re.compile(rb"(?<=[=/&?,])[^=/&?, \r\n]{0,200}")
MOST = 200_000  # bytes: what a mutation may grow to


def mutate(data: bytes, random: Random, other: bytes = b"") -> bytes:
    """`data` with one to four changes; `other`: more good input, for pieces to paste."""
    for _ in range(random.choice((1, 1, 1, 2, 3, 4))):
        data = random.choice(CHANGES)(data, random, other)[:MOST]
    return data


def _value(data: bytes, random: Random, other: bytes) -> bytes:
    values = list(SCALAR.finditer(data[:20_000]))
    if not values:
        return data + random.choice(VALUES)
    place = random.choice(values)
    return data[: place.start()] + random.choice(VALUES) + data[place.end() :]


def _piece(data: bytes, random: Random, other: bytes) -> bytes:
    line, end, rest = data.partition(b"\r\n")
    pieces = list(PIECE.finditer(line[:4_000]))
    if not pieces:
        return data
    place = random.choice(pieces)
    return line[: place.start()] + random.choice(PIECES) + line[place.end() :] + end + rest


def _flip(data: bytes, random: Random, other: bytes) -> bytes:
    if not data:
        return data
    at = random.randrange(len(data))
    return data[:at] + bytes([random.randrange(256)]) + data[at + 1 :]


def _cut(data: bytes, random: Random, other: bytes) -> bytes:
    at = random.randrange(len(data) + 1)
    return data[:at] + data[at + random.choice((1, 2, 8, 64, len(data))) :]


def _double(data: bytes, random: Random, other: bytes) -> bytes:
    at = random.randrange(len(data) + 1)
    part = data[at : at + random.choice((1, 8, 64, 512))]
    return data[:at] + part * random.choice((2, 3, 50)) + data[at + len(part) :]


def _paste(data: bytes, random: Random, other: bytes) -> bytes:
    at, begin = random.randrange(len(data) + 1), random.randrange(len(other) + 1)
    return data[:at] + other[begin : begin + random.choice((1, 8, 64, 512))] + data[at:]


# A value in the wrong place finds more than a wrong byte.
CHANGES = (_value, _value, _value, _value, _piece, _piece, _flip, _cut, _double, _paste)
