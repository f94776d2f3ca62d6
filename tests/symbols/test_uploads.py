"""Uploads that wait, and the job that takes them in: bounds, attempts, quota, nothing left behind."""

from __future__ import annotations

import gzip
import os
import tempfile
import time
from dataclasses import replace

import pytest

from database import Inline
from stories.symbols import listing, taking_in, uploads
from stories.symbols.artifacts import MAX_DIST, MAX_URL
from stories.symbols.uploads import Part, TooManyUploads, UploadRefused
from tests.symbols.sending import FIXTURES, ID, bundle, checksum, chunks_of, script, source_map

ME = "1 me, token ci"
APP = 1


@pytest.fixture
def send(database):
    """Queue an upload whose chunks are there; its id."""

    def sent(kind, files, app_id=APP, uploader=ME, **more):
        parts = []
        with database.transaction() as tx:
            for name, data in files.items():
                for at in range(0, len(data), uploads.MAX_CHUNK):
                    uploads.add_chunk(tx, uploader, data[at : at + uploads.MAX_CHUNK])
                parts.append(Part(name, f"app.{name}", len(data), chunks_of(data)))
            digest = checksum(next(iter(files.values())))
            return uploads.queue(tx, app_id, uploader, kind, digest, parts, **more)

    return sent


@pytest.fixture
def take_in(config, database):
    """Take the next upload in: (state, detail) of it; None: there is none."""

    def taken(**settings):
        before = count(database, "uploads where state = 'waiting'")
        state = taking_in.take_next_in(replace(config, **settings), database)
        if state is None:
            assert before == count(database, "uploads where state = 'waiting'")
            return None
        row = last(database)
        assert row["state"] == state
        return state, row["detail"]

    return taken


def count(database, what):
    with database.transaction() as tx:
        return tx.value(Inline(f"/* test */ select count(*) from {what}"))


def last(database):
    with database.transaction() as tx:
        return tx.row(Inline("/* test */ select * from uploads order by ended_at desc nulls last"))


def run(database, statement):
    with database.transaction() as tx:
        tx.run(Inline(f"/* test */ {statement}"))


def test_a_script_with_its_map_is_stored_and_its_chunks_go(database, send, take_in):
    send("script", {"file": script(), "map": source_map()}, release="1.2.3", dist="win")
    assert take_in() == ("stored", "")
    assert count(database, "upload_chunks") == 0
    stored = listing.shown(last(database)["stored"])
    assert [(each["kind"], each["debug_id"], each["url"]) for each in stored] == [
        ("script", ID, "~/app.file"),
        ("source_map", ID, "~/app.map"),
    ]
    assert take_in() is None


@pytest.mark.parametrize(
    ("kind", "files", "more", "sentence"),
    [
        ("script", {"map": b"{"}, {"release": "1.0.0"}, "app.map is no source map"),
        ("script", {"file": script(None)}, {}, "name a release"),
        ("bundle", {"bundle": b"PK nothing"}, {}, "no whole ZIP"),
        ("bundle", {"bundle": bundle(None)}, {}, "no debug id"),
        ("symbols", {"symbols": b"MODULE"}, {}, "app.symbols"),
        ("symbols", {"symbols": bundle()[8:]}, {}, ""),
    ],
)
def test_what_fails_leaves_nothing_but_its_sentence(
    database, send, take_in, kind, files, more, sentence
):
    send(kind, files, **more)
    if sentence:
        state, detail = take_in()
        assert (state, sentence in detail) == ("failed", True), detail
    else:
        assert take_in() == ("stored", ""), "sources beside symbols are left alone"
    for table in ("artifacts", "artifact_pieces", "artifact_keys", "upload_chunks"):
        assert count(database, table) == 0, table


def test_a_bundle_whose_last_file_is_wrong_stores_none_of_it(database, send, take_in):
    broken = bundle(
        entries={
            "manifest.json": b'{"files": {"a.js": {"type": "minified_source", "url": "~/a.js", '
            b'"headers": {"debug-id": "' + ID.encode() + b'"}}, "b.map": {"type": "source_map"}}}',
            "a.js": b"x()",
            "b.map": b"no map",
        }
    )
    send("bundle", {"bundle": broken})
    assert take_in()[0] == "failed"
    assert count(database, "artifacts") == 0


def test_an_upload_whose_chunk_is_gone_says_so(database, send, take_in):
    send("bundle", {"bundle": bundle()})
    run(database, "delete from upload_chunks")
    assert "send it again" in take_in()[1]


def test_no_file_is_left_behind(database, send, take_in, tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    send("bundle", {"bundle": bundle()})
    send("symbols", {"symbols": b"MODULE"})
    assert [take_in()[0], take_in()[0]] == ["stored", "failed"]
    assert not list(tmp_path.iterdir())


def test_symbols_need_the_library(database, send, take_in, monkeypatch):
    data = gzip.decompress((FIXTURES / "recorder.sym.gz").read_bytes())
    monkeypatch.setattr(listing, "has_symbolic", lambda: False)
    send("symbols", {"symbols": data})
    state, detail = take_in()
    assert (state, "requirements/symbols.txt" in detail) == ("failed", True)


# Attempts -----------------------------------------------------------------------------------------


def test_one_that_is_killed_in_the_middle_is_tried_again(database, send, take_in, monkeypatch):
    send("bundle", {"bundle": bundle()})
    with monkeypatch.context() as patch:
        patch.setattr(taking_in, "take_in", killed)
        with pytest.raises(KeyboardInterrupt):
            take_in()
    assert count(database, "uploads where state = 'waiting' and attempts = 1") == 1
    assert take_in() == ("stored", "")


def killed(*_):
    raise KeyboardInterrupt


def test_one_that_kills_its_process_each_time_has_failed_and_others_go_on(
    database, send, take_in, monkeypatch
):
    first = send("bundle", {"bundle": bundle()})
    with monkeypatch.context() as patch:
        patch.setattr(taking_in, "take_in", killed)
        for _ in range(taking_in.MAX_ATTEMPTS):
            with pytest.raises(KeyboardInterrupt):
                take_in()
    second = send("bundle", {"bundle": bundle(release="1.0.0")})
    assert take_in()[0] == "stored"
    rows = states(database)
    assert rows[second] == ("stored", "")
    assert rows[first][0] == "failed"
    assert "3 attempts" in rows[first][1]


def states(database):
    with database.transaction() as tx:
        rows = tx.rows(Inline("/* test */ select upload_id, state, detail from uploads"))
    return {row["upload_id"]: (row["state"], row["detail"]) for row in rows}


def test_one_that_takes_too_long_has_failed(database, send, take_in, monkeypatch):
    send("bundle", {"bundle": bundle()})
    monkeypatch.setattr(taking_in, "WAIT_SECONDS", 0.2)
    monkeypatch.setattr(taking_in, "take_in", lambda *_: time.sleep(20))
    began = time.monotonic()
    state, detail = take_in()
    assert (state, "longer than" in detail) == ("failed", True)
    assert time.monotonic() - began < 10


def test_one_that_needs_too_much_memory_has_failed(database, send, take_in, monkeypatch):
    send("bundle", {"bundle": bundle()})

    def greedy(*_):
        raise MemoryError

    monkeypatch.setattr(taking_in, "take_in", greedy)
    assert "memory" in take_in()[1]


def test_only_one_process_takes_uploads_in(database, send, take_in):
    send("bundle", {"bundle": bundle()})
    assert uploads.is_due(database)
    with database.transaction() as other:
        assert other.value("symbols/lock_turn", lock=uploads.TURN)
        assert not uploads.is_due(database)
        assert take_in() is None
    assert uploads.is_due(database)
    assert take_in() == ("stored", "")
    assert not uploads.is_due(database)


# Bounds -------------------------------------------------------------------------------------------


def test_chunks_of_one_uploader_and_of_all_are_bounded(database, monkeypatch):
    def add(uploader, data):
        with database.transaction() as tx:
            return uploads.add_chunk(tx, uploader, data)

    monkeypatch.setattr(uploads, "MAX_OWN_BYTES", 1_000)
    monkeypatch.setattr(uploads, "MAX_ALL_BYTES", 1_500)
    add(ME, bytes(600))
    add(ME, b"1" * 400)
    with pytest.raises(TooManyUploads):
        add(ME, b"2")
    add("2 other", b"3" * 500)
    with pytest.raises(TooManyUploads):
        add("3 third", b"4")
    run(database, "update upload_chunks set at = now() - interval '25 hours'")
    with database.transaction() as tx:
        assert uploads.missing_chunks(tx, ME, [checksum(bytes(600))]) == []
    assert uploads.expire(database)["upload_chunks"] == 2, "what is asked for stays"
    add(ME, b"1" * 400)


def test_uploads_that_wait_are_bounded(send, monkeypatch):
    monkeypatch.setattr(uploads, "MAX_WAITING", 2)
    monkeypatch.setattr(uploads, "MAX_ALL_WAITING", 3)
    for app_id in (1, 1, 2):
        send("bundle", {"bundle": b"x"}, app_id=app_id)
    for app_id in (1, 2):
        with pytest.raises(TooManyUploads, match="wait already"):
            send("bundle", {"bundle": b"x"}, app_id=app_id)


def test_a_file_of_too_many_megabytes_is_refused_when_it_is_put_together(database, monkeypatch):
    monkeypatch.setattr(uploads, "MAX_FILE", 1_000)
    with database.transaction() as tx:
        chunk = uploads.add_chunk(tx, ME, bytes(600))
        with pytest.raises(UploadRefused, match="MB at most"):
            uploads.missing_chunks(tx, ME, [chunk, chunk])


def test_texts_are_cut(database, send, take_in):
    long = "漢\0" * 3_000
    send("script", {"map": source_map()}, release="1.0.0", dist=long, url=f"~/{long}")
    assert take_in() == ("stored", "")
    row = last(database)
    assert (len(row["dist"]), len(row["url"])) == (MAX_DIST, MAX_URL)
    assert "\0" not in row["dist"] + row["url"]


def test_what_is_told_of_uploads_ends_after_a_month(database, send, take_in):
    for n in range(3):
        send("bundle", {"bundle": bundle(release=f"1.0.{n}")})
    for _ in range(2):
        take_in()
    run(database, "update uploads set ended_at = now() - interval '31 days' where upload_id = "
                  "(select min(upload_id) from uploads)")  # fmt: skip
    assert uploads.expire(database)["uploads"] == 1
    run(database, "update uploads set at = now() - interval '3 days'")
    assert uploads.expire(database)["uploads"] == 1, "one whose chunks are gone waits for nothing"


def test_a_failed_upload_may_be_sent_again_a_little_later(database, send, take_in):
    send("bundle", {"bundle": b"nothing"})
    take_in()

    def same():
        with database.transaction() as tx:
            return uploads.same(tx, APP, "bundle", checksum(b"nothing"), None, None)

    assert same()["state"] == "failed"
    run(database, "update uploads set ended_at = ended_at - interval '1 minute'")
    assert same() is None


def test_an_app_s_latest_uploads_are_remembered_without_their_chunks(
    database, send, take_in, monkeypatch
):
    monkeypatch.setattr(uploads, "MAX_TOLD", 2)
    ids = [send("bundle", {"bundle": bundle(release=f"1.0.{n}")}) for n in range(3)]
    for _ in ids:
        take_in()
    assert last(database)["parts"] == [
        {
            "part": "bundle",
            "name": "app.bundle",
            "bytes": len(bundle(release="1.0.0")),
            "chunks": [],
        }
    ]
    assert uploads.expire(database)["uploads"] == 1
    assert sorted(states(database)) == ids[1:]


def test_time_is_up_while_the_database_works_too(database, send, take_in, monkeypatch):
    def slow(_, database, upload):
        with database.transaction() as tx:
            tx.value(Inline("/* test */ select pg_sleep(20)"))

    send("bundle", {"bundle": bundle()})
    monkeypatch.setattr(taking_in, "WAIT_SECONDS", 0.5)
    monkeypatch.setattr(taking_in, "take_in", slow)
    assert "longer than" in take_in()[1]


# Quota --------------------------------------------------------------------------------------------


def test_what_does_not_fit_beside_the_newest_releases_is_refused(database, send, take_in):
    def one(version, size):
        text = os.urandom(size).hex()
        send("script", {"file": f'"{text}"'.encode()}, release=version)
        return take_in(artifacts_mb=1)

    for n in range(4):
        assert one(f"1.{n}.0", 200_000)[0] == "stored"
    assert count(database, "artifacts") == 4
    assert one("1.4.0", 400_000)[0] == "stored", "the oldest two made room"
    assert count(database, "artifacts") == 3
    state, detail = one("1.5.0", 900_000)
    assert state == "failed"
    assert "ARTIFACTS_MB allows 1 MB" in detail
    assert count(database, "artifacts") == 3
    assert count(database, "upload_chunks") == 0
