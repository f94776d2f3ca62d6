"""A bundle's ZIP as a stranger may make it: a sentence, no more memory than allowed, nothing else."""

from __future__ import annotations

import io
import json
import struct
import tracemalloc
import zipfile
from base64 import b64encode
from urllib.parse import quote

import pytest

from stories.symbols import bundles, scripts
from stories.symbols.bundles import Archive
from stories.symbols.uploads import UploadRefused
from tests.symbols.sending import ID, OTHER_ID, bundle, manifest, script, source_map, zipped


def opened(data):
    return Archive(io.BytesIO(data), "app.zip")


def contents(data):
    archive = opened(data)
    return list(bundles.contents(archive, bundles.read_manifest(archive)))


def test_scripts_and_maps_are_read_with_what_the_manifest_says():
    [app, of_app] = contents(bundle(release="1.0.0"))
    assert (app.kind, app.url, app.debug_id) == ("script", "~/app.js", ID)
    assert (app.name, app.map_url, app.data) == ("app.js", "~/app.js.map", script())
    assert (of_app.kind, of_app.url, of_app.debug_id) == ("source_map", "~/app.js.map", ID)
    assert of_app.data == source_map()


def test_without_a_manifest_the_names_and_the_files_say_what_they_are():
    files = {
        "dist/app.js": script(),
        "dist/app.js.map": source_map(),
        "dist/app.css.map": b"of styles",
        "__MACOSX/dist/._app.js": b"of a file system",
        "dist/index.html": b"<!doctype html>",
    }
    app, of_app = contents(zipped(files))
    assert (app.kind, app.url, app.debug_id) == ("script", "~/dist/app.js", ID)
    assert (of_app.kind, of_app.url, of_app.debug_id) == ("source_map", "~/dist/app.js.map", ID)
    assert app.map_url == of_app.url
    assert contents(zipped({})) == []


def test_a_plain_zip_will_do_and_other_files_are_left_alone():
    described = manifest()
    described["files"]["readme.txt"] = {"type": "text"}
    data = zipped(
        {
            "manifest.json": json.dumps(described).encode(),
            "_/_/app.js": script(),
            "_/_/app.js.map": source_map(),
            "readme.txt": b"no script",
        },
        start=b"",
    )
    assert [each.kind for each in contents(data)] == ["script", "source_map"]


def changed(name, **entries):
    """A good bundle with one file more, or another manifest."""
    files = {
        "manifest.json": json.dumps(manifest()).encode(),
        "_/_/app.js": script(),
        "_/_/app.js.map": source_map(),
    }
    return zipped(files | entries | name)


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", "it is no whole ZIP"),
        (b"SYSB\x02\0\0\0", "it is no whole ZIP"),
        (bundle()[:-30], "it is no whole ZIP"),
        (changed({"../../etc/passwd": b"x"}), "a path out of it"),
        (changed({"/etc/passwd": b"x"}), "a path out of it"),
        (changed({"a\\..\\b": b"x"}), "a path out of it"),
        (changed({"C:/x": b"x"}), "a path out of it"),
        (changed({"manifest.json": b"{}"}), "manifest.json cannot be read"),
        (changed({"manifest.json": b'{"files": []}'}), "manifest.json cannot be read"),
        (changed({"manifest.json": b"[" * 100_000}), "manifest.json cannot be read"),
        (changed({"manifest.json": b"\xff"}), "manifest.json cannot be read"),
        (
            changed({"manifest.json": b'{"files": {"x.js": {"type": "source_map"}}}'}),
            "app.zip has no x.js",
        ),
        (changed({"_/_/app.js.map": b"<html>"}), "app.js.map is no source map"),
        (changed({"_/_/app.js.map": source_map(OTHER_ID)}), f"has the debug id {OTHER_ID}"),
        (changed({"_/_/app.js.map": source_map(sections=[])}), "sections"),
        (changed({"_/_/app.js.map": b'{"version": 2, "mappings": ""}'}), "version 3"),
        (changed({"_/_/app.js.map": b'{"version": 3}'}), "version 3"),
        (zipped({"a": b"x" * 100}, method=zipfile.ZIP_BZIP2), "a method unknown here"),
        (zipped({"a": b"x" * 100}, method=zipfile.ZIP_LZMA), "a method unknown here"),
    ],
)
def test_what_is_wrong_is_told(data, sentence):
    with pytest.raises(UploadRefused, match=sentence):
        contents(data)


def test_names_that_come_twice_are_refused():
    data = bundle().replace(b"_/_/app.js.map", b"_/_/app.js.mop")
    double = zipped({"manifest.json": b"{}", "a": b"1", "b": b"2"}).replace(b"b", b"a")
    assert b"mop" in data
    with pytest.raises(UploadRefused, match="two entries of the same name"):
        opened(double)


def test_a_wrong_checksum_within_the_zip_is_refused():
    text = b"x" * 1000
    data = zipped(
        {"manifest.json": json.dumps(manifest()).encode(), "_/_/app.js": text},
        method=zipfile.ZIP_STORED,
    )
    broken = data.replace(text, b"y" + text[1:])
    with pytest.raises(UploadRefused, match="checksum is wrong"):
        contents(broken)


def test_an_encrypted_entry_is_refused():
    data = bytearray(zipped({"manifest.json": b"{}"}))
    data[data.index(b"PK\x01\x02") + 8] |= 1
    with pytest.raises(UploadRefused, match="is encrypted"):
        opened(bytes(data))


def test_an_entry_is_counted_while_it_is_inflated_whatever_its_header_says():
    most = bundles.MAX_ENTRY
    data = bytearray(zipped({"manifest.json": b"{}", "bomb": bytes(most + 1)}))
    place = data.rindex(b"PK\x01\x02")
    struct.pack_into("<I", data, place + 24, 10)  # the size that is announced
    tracemalloc.start()
    with pytest.raises(UploadRefused, match=r"larger than 64 MB|checksum"):
        for _ in opened(bytes(data)).pieces("bomb", most):
            pass
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 8 * 2**20


def test_all_entries_together_are_counted_too(monkeypatch):
    monkeypatch.setattr(bundles, "MAX_INFLATED", 10_000)
    archive = opened(zipped({"a": bytes(6_000), "b": bytes(6_000)}))
    assert len(archive.read("a")) == 6_000
    with pytest.raises(UploadRefused, match="when it is unpacked"):
        archive.read("b")


def test_too_many_entries_are_refused_before_they_are_held():
    some = zipped({f"f{n}": b"" for n in range(bundles.MAX_ENTRIES + 1)})
    with pytest.raises(UploadRefused, match="more than 10000 entries"):
        opened(some)
    long = zipped({f"{n:030d}" * 100: b"" for n in range(1_500)})
    with pytest.raises(UploadRefused, match="list of entries is too long"):
        opened(long)


# Scripts and maps by themselves -------------------------------------------------------------------


def test_a_script_says_itself_what_its_id_and_its_map_are():
    text = b"a()\n//# sourceMappingURL=old.map\n//# sourceMappingURL=app.js.map\n"
    sent = scripts.script(text + b"//# debugId=" + ID.upper().encode(), "~/a/app.js", "app.js")
    assert (sent.debug_id, sent.map_url) == (ID, "~/a/app.js.map")


@pytest.mark.parametrize(
    ("url", "reference", "joined"),
    [
        ("~/app.js", "app.js.map", "~/app.js.map"),
        ("~/a/b/app.js", "../maps/app.js.map?v=1", "~/a/maps/app.js.map?v=1"),
        ("~/app.js", "https://cdn.example/app.js.map", "https://cdn.example/app.js.map"),
        ("https://a.example/x/app.js", "app.js.map", "https://a.example/x/app.js.map"),
        ("app.js", "app.js.map", "app.js.map"),
        ("~/app.js", "~/app.js.map", "~/app.js.map"),
        ("~/app.js", "http://[", ""),
        ("~/app.js", "", ""),
    ],
)
def test_a_map_is_beside_its_script(url, reference, joined):
    assert scripts.beside(url, reference) == joined


def test_of_a_pair_either_tells_the_other_its_debug_id():
    for ids in ((ID, None), (None, ID), (ID, ID)):
        pair = scripts.pair(("app.js", script(ids[0])), ("app.js.map", source_map(ids[1])), None)
        [app, of_app] = pair
        assert app.debug_id == of_app.debug_id == ID
        assert (app.url, app.map_url, of_app.url) == ("~/app.js", "~/app.js.map", "~/app.js.map")
    with pytest.raises(UploadRefused, match="debug id"):
        list(scripts.pair(("a", script(ID)), ("b", source_map(OTHER_ID)), None))


def test_a_map_alone_is_that_of_the_script_whose_name_it_has():
    [alone] = scripts.pair(None, ("C:\\build\\app.js.map", source_map()), None)
    assert (alone.url, alone.name) == ("~/app.js.map", "app.js.map")
    [placed] = scripts.pair(None, ("x.map", source_map()), "~/assets/app.js")
    assert placed.url == "~/assets/x.map"


def inlined(form, before="", after=""):
    """A script of three lines, the map in its second. form: what stands behind `data:`."""
    return f"{before}x()\n//# sourceMappingURL=data:{form}\n{after}".encode()


IN_BASE64 = "application/json;charset=utf-8;base64," + b64encode(source_map(None)).decode()
FORMS = [
    IN_BASE64,
    IN_BASE64.rstrip("=") + "%3D" * IN_BASE64.count("="),
    "application/json," + quote(source_map(None)),
]


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("at", ["before", "after"])
def test_a_map_inside_its_script_is_taken_out(form, at):
    line = f"//# debugId={ID}\n"
    [app, of_app] = scripts.pair(("app.js", inlined(form, **{at: line})), None, "~/a/app.js")
    assert (app.kind, app.debug_id, app.map_url) == ("script", ID, "~/a/app.js.map")
    assert (of_app.kind, of_app.debug_id, of_app.url) == ("source_map", ID, "~/a/app.js.map")
    assert of_app.data == source_map(None)
    lines = {"before": [line[:-1], "x()", ""], "after": ["x()", "", line[:-1]]}
    assert app.data.decode().splitlines() == lines[at]


def test_a_map_inside_a_script_of_a_zip_is_taken_out_too():
    app, of_app, bare = contents(
        zipped({"dist/app.js": inlined(IN_BASE64), "dist/bare.js": b"y()"})
    )
    assert (app.url, app.map_url) == ("~/dist/app.js", "~/dist/app.js.map")
    assert (of_app.url, of_app.data) == ("~/dist/app.js.map", source_map(None))
    assert (bare.url, bare.map_url, bare.data) == ("~/dist/bare.js", "", b"y()")


def test_a_map_that_is_sent_wins_over_the_one_inside():
    sent = ("app.js.map", source_map())
    [app, of_app] = scripts.pair(("app.js", inlined(FORMS[2])), sent, None)
    assert of_app.data == source_map()
    assert app.data == b"x()\n\n"


@pytest.mark.parametrize(
    ("form", "sentence"),
    [
        ("application/json;base64,e30", "source map inside app.js is no whole base64"),
        ("application/json;base64,e30=", "app.js.map is no source map: it is not JSON of one"),
        ("application/json,%7B%7D", "app.js.map is no source map"),
        ("text/plain,", "app.js.map is no source map"),
    ],
)
def test_a_map_inside_that_is_none_is_told(form, sentence):
    with pytest.raises(UploadRefused, match=sentence):
        list(scripts.pair(("app.js", inlined(form)), None, None))


@pytest.mark.parametrize(
    "text", ["const url = '//# sourceMappingURL=data:x,y'", "//# sourceMappingURL=data:no comma"]
)
def test_what_is_no_comment_of_a_map_stays(text):
    [app] = scripts.pair(("app.js", f"x()\n  {text}\n".encode()), None, None)
    assert (app.data, app.map_url) == (f"x()\n  {text}\n".encode(), "")


def test_a_map_inside_is_bounded_as_one_that_is_sent(monkeypatch):
    monkeypatch.setattr(scripts, "MAX_SCRIPT", 10_000)
    with pytest.raises(UploadRefused, match=r"app\.js is too large"):
        list(scripts.pair(("app.js", inlined(IN_BASE64 + "A" * 10_000)), None, None))


def test_what_servers_put_before_json_is_taken_off():
    sent = scripts.source_map(b")]}'\n" + source_map(), "~/a.map", "a.map")
    assert sent.data == source_map()
