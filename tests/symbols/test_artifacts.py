"""What is stored of uploads: found by what crashes want, within the quota."""

from __future__ import annotations

import os

import pytest

from database import Inline
from stories.crashes.wanted import debug_key, file_key
from stories.symbols import artifacts
from stories.symbols.artifacts import CFI, SCRIPT, SOURCE_MAP, Content, NoRoom

ID = "5ac3ab1a-4b1c-5e6d-9fe3-0123456789ab"
APP = 1
TABLES = ("artifacts", "artifact_pieces", "artifact_releases", "artifact_keys")


@pytest.fixture
def store(database):
    def add(content, *releases, app_id=APP):
        with database.transaction() as tx:
            return artifacts.add(tx, app_id, content, releases)

    return add


def find(database, *keys, app_id=APP):
    with database.transaction() as tx:
        return artifacts.find(tx, app_id, keys)


def read(database, artifact_id):
    with database.transaction() as tx:
        return artifacts.read(tx, artifact_id)


def count(database, table):
    with database.transaction() as tx:
        return tx.value(Inline(f"/* test */ select count(*) from {table}"))


def set_dates(database, artifact_id, days_ago):
    with database.transaction() as tx:
        tx.run(
            Inline(
                "/* test */ update artifacts set uploaded_at = now() - make_interval(days => %(days)s) "
                "where artifact_id = %(id)s"
            ),
            days=days_ago,
            id=artifact_id,
        )


def test_a_map_is_found_by_its_debug_id_and_by_release_and_name(database, store):
    data = b'{"version":3}' * 100
    content = Content(SOURCE_MAP, data, ID.upper(), "~/assets/app.js.map", "app.js.map")
    added = store(content, ("1.2.3", "win"))
    assert added["keys"] == [
        debug_key(ID),
        file_key("1.2.3", "app.js.map"),
        file_key("1.2.3", "app.js"),
    ]
    for key in added["keys"]:
        [row] = find(database, key)
        assert row == {
            "artifact_id": added["artifact_id"],
            "kind": "source_map",
            "debug_id": ID,
            "url": "~/assets/app.js.map",
            "name": "app.js.map",
            "map_url": "",
            "bytes": len(data),
            "key": key,
            "releases": [{"release": "1.2.3", "dist": "win"}],
        }
    assert read(database, added["artifact_id"]) == data
    assert find(database, debug_key(ID), app_id=APP + 1) == []
    assert find(database) == []


@pytest.mark.parametrize("size", [0, 1, artifacts.PIECE, 3 * artifacts.PIECE + 5])
def test_content_comes_back_whole_whatever_its_size(database, store, size):
    data = os.urandom(size)
    added = store(Content(CFI, data, ID, name="app"))
    assert read(database, added["artifact_id"]) == data
    assert count(database, "artifact_pieces") == max(-(-(size + 5 + size // 5_000) // 2**20), 1)
    with pytest.raises(KeyError):
        read(database, added["artifact_id"] + 1)


def test_the_same_content_is_stored_once_for_all_of_its_releases(database, store):
    content = Content(SCRIPT, b"x()", ID, "~/app.js", "app.js", "app.js.map")
    first = store(content, ("1.0.0", ""))
    second = store(content, ("1.1.0", ""), ("1.1.0", "mac"))
    assert first["artifact_id"] == second["artifact_id"]
    assert (first["is_new"], second["is_new"]) == (True, True)
    assert store(content, ("1.0.0", ""))["is_new"] is False
    assert second["keys"] == [debug_key(ID), "file:1.0.0:app.js", "file:1.1.0:app.js"]
    assert [count(database, table) for table in TABLES] == [1, 1, 3, 3]
    assert store(content, app_id=2)["artifact_id"] != first["artifact_id"]


def test_an_artifact_has_a_bounded_number_of_releases(database, store, monkeypatch):
    monkeypatch.setattr(artifacts, "MAX_RELEASES", 5)
    content = Content(SCRIPT, b"x()", url="~/app.js")
    for n in range(4):
        store(content, (f"1.{n}.0", "a"), (f"1.{n}.0", "b"))
    assert count(database, "artifact_releases") == 5


def test_hostile_names_are_cut_to_what_can_be_stored_and_indexed(database, store):
    long = "漢\0\ud800\n" * 5_000
    added = store(Content(SCRIPT, b"x()", "no id", long, long, long), ("1.0.0", long))
    [row] = find(database, *added["keys"])
    assert row["debug_id"] == ""
    assert row["url"] == row["map_url"] == "漢" * artifacts.MAX_URL
    assert row["name"] == "漢" * 100
    assert row["releases"] == [{"release": "1.0.0", "dist": "漢" * artifacts.MAX_DIST}]


def test_use_and_trouble_are_noted_and_use_ends_trouble(database, store):
    added = store(Content(SCRIPT, b"x()", ID))

    def state():
        with database.transaction() as tx:
            row = tx.row(Inline("/* test */ select used_at, uses, trouble from artifacts"))
            return row["used_at"] is not None, row["uses"], row["trouble"]

    with database.transaction() as tx:
        artifacts.note_trouble(tx, added["artifact_id"], "It is too large.")
    assert state() == (False, 0, "It is too large.")
    with database.transaction() as tx:
        artifacts.note_use(tx, [added["artifact_id"]])
    assert state() == (True, 1, "")


def test_room_is_made_of_the_least_recently_used_but_never_of_the_newest_three_releases(
    database, store
):
    ids = {}
    for age, version in enumerate(("2.0.0", "1.9.0", "1.10.0", "1.8.0", "1.7.0"), start=1):
        content = Content(SCRIPT, os.urandom(5_000), url="~/app.js")
        ids[version] = store(content, (version, ""))["artifact_id"]
        set_dates(database, ids[version], 100 - age)
    symbols = store(Content(CFI, os.urandom(5_000), ID))["artifact_id"]
    set_dates(database, symbols, 50)
    with database.transaction() as tx:
        artifacts.note_use(tx, [ids["1.8.0"]])
        kept = tx.value("symbols/kept_bytes")
    assert kept == pytest.approx(6 * (5_000 + artifacts.ROW_BYTES), abs=200)

    def make_room(needed):
        with database.transaction() as tx:
            return artifacts.make_room(tx, needed, kept)

    assert make_room(0) == 0
    assert make_room(10) == 1
    left = {row["artifact_id"] for row in find(database, *(f"file:{v}:app.js" for v in ids))}
    assert left == set(ids.values()) - {ids["1.7.0"]}
    assert make_room(14_000) == 2, "the symbols, and 1.8.0 that was used"
    assert count(database, "artifacts") == 3
    with pytest.raises(NoRoom, match="ARTIFACTS_MB"):
        make_room(kept)
    assert count(database, "artifacts") == 3


def test_what_an_upload_itself_adds_makes_no_room_for_the_rest_of_it(database):
    with database.transaction() as tx:
        artifacts.add(tx, APP, Content(CFI, b"x", ID))
        with pytest.raises(NoRoom):
            artifacts.make_room(tx, 10, 10)


def test_what_is_deleted_leaves_nothing(database, store):
    added = store(Content(SCRIPT, b"x()", ID, "~/app.js"), ("1.0.0", ""))
    with database.transaction() as tx:
        assert artifacts.delete(tx, [added["artifact_id"]]) == 1
    assert [count(database, table) for table in TABLES] == [0, 0, 0, 0]


@pytest.mark.parametrize(
    ("sent", "stored"),
    [
        ("1.2.3", "1.2.3"),
        ("my-app@1.2.3", "1.2.3"),
        (" 1.2.3 ", "1.2.3"),
        ("a@b@2.0.0", "2.0.0"),
        ("0123456789abcdef0123456789abcdef01234567", "0123456789abcdef0123"),
        ("somebody's build", None),
        ("", None),
        (None, None),
    ],
)
def test_a_release_is_named_as_the_versions_of_crashes_are(sent, stored):
    assert artifacts.release_of(sent) == stored
