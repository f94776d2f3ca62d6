"""Positions through a source map: ours and symbolic's are the same, and no map can break the reader."""

from __future__ import annotations

import json
import sys

import pytest

from stories.symbols.maps import NoPlace, SourceMap, Tokens, source_path
from tests.symbols.source_maps import Bundle, shop


def document(**changes):
    return json.dumps({"version": 3, "sources": ["a.js"], "names": [], **changes}).encode()


def where(place):
    return None if place is None else (place.file, place.line, place.column, place.name)


def whole(place):
    return where(place), place.context, place.context_start


@pytest.fixture
def bundle():
    return shop(padding=20)


def test_our_own_reading_finds_what_symbolic_does(bundle):
    named, own = SourceMap(bundle.script, bundle.map(), "m"), Tokens(bundle.map())
    found = 0
    for column in range(1, len(bundle.text) + 1):
        try:
            place = named.place(1, column)
        except NoPlace:
            assert own.lookup(1, column) is None
            continue
        found += 1
        assert whole(own.lookup(1, column)) == whole(place), column
    assert found == len(bundle.text) - len("/*--------------------*/")
    assert own.lookup(2, 1) is None


def test_a_map_of_sections_and_one_with_a_root_are_read(bundle):
    part = json.loads(bundle.map())
    sections = [
        {"offset": {"line": 0, "column": 0}, "map": part},
        {"offset": {"line": 4, "column": 7}, "map": part},
    ]
    content = json.dumps({"version": 3, "sections": sections}).encode()
    column = bundle.at["throw"]
    for line, at in ((1, column), (5, column + 7)):
        expected = ("src/history.js", 3, 22, None)
        assert where(Tokens(content).lookup(line, at)) == expected
        assert where(SourceMap(None, content, "m").place(line, at)) == expected
    rooted = bundle.map(sourceRoot="webpack://shop/", sources=["./src/history.js", "b.js"])
    assert where(Tokens(rooted).lookup(1, column)) == ("src/history.js", 3, 22, None)
    guarded = b")]}'\n" + bundle.map()
    assert SourceMap(bundle.script, guarded, "m").place(1, column).line == 3


def test_columns_are_those_of_utf_16():
    bundle = Bundle(0)
    bundle.source("a.js", "a()\n")
    bundle.add('"\N{PILE OF POO}";', 1, 1)
    source_map = SourceMap(bundle.text.encode(), bundle.map(), "m")
    width = len(bundle.text.encode("utf-16-le")) // 2
    assert source_map.place(1, width + 1).line == 1  # behind the last
    with pytest.raises(NoPlace, match=f"ends at column {width}"):
        source_map.place(1, width + 2)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{}",
        b"[]",
        b"null",
        b"\xff\xfe",
        b'{"version":3',
        b")]}'",
        b'{"mappings": 7}',
        document(mappings="A"),
        document(mappings="AAAA", sources=[None]),
        document(mappings="AAAAA"),
        document(mappings="AAgggggggggggggggggggggA"),
        document(mappings="!!!!"),
        document(mappings="AADA"),
        document(mappings="AACA"),
        document(mappings="AAAD"),
        document(mappings="AAAA,DAAA,DAAA"),
        document(mappings="AAAAC", names=["a"]),
        document(mappings=";" * 100_000),
        document(mappings="AAAA," * 100_000),
        document(mappings="AAAA", sourcesContent=[]),
        document(mappings="AAAA", sourcesContent=[None, "b"]),
        document(sections=[]),
        document(sections=[{"offset": {"line": -9, "column": -9}, "map": {}}]),
        document(sections=[{"offset": {"line": 0, "column": 0}, "map": {"sections": []}}]),
        document(sections=[{"offset": {"line": 10**12, "column": 0}, "map": {"mappings": "A"}}]),
    ],
)
def test_a_map_that_is_none_gives_a_sentence_or_no_place(content, monkeypatch):
    sentences = [tried(script, content, 1) for script in (None, b"x\ny")]
    monkeypatch.setitem(sys.modules, "symbolic.sourcemapcache", None)  # the same without it
    sentences += [tried(None, content, column) for column in (1, 2, 99_999_999)]
    for sentence in filter(None, sentences):
        assert sentence.startswith("The map m ")
        assert sentence.endswith(".")


def tried(script, content, column):
    try:
        SourceMap(script, content, "m").place(1, column)
    except NoPlace as trouble:
        return str(trouble)
    return None


@pytest.mark.parametrize(
    ("source", "path"),
    [
        ("webpack://shop/./src/a.ts?f00d", "src/a.ts"),
        ("webpack:///webpack/bootstrap", "webpack/bootstrap"),
        ("../../src/a.ts", "src/a.ts"),
        ("..\\src\\a.ts", "src/a.ts"),
        ("\0vite/preload-helper.js", "vite/preload-helper.js"),
        ("https://x.example/src/a.ts", "https://x.example/src/a.ts"),
        ("/home/jane/src/a.ts", "/home/jane/src/a.ts"),
        ("node_modules/react/index.js", "node_modules/react/index.js"),
        ("", "<source>"),
        ("../", "<source>"),
    ],
)
def test_a_source_is_called_by_its_path_in_the_project(source, path):
    assert source_path(source) == path
