"""flask backup and restore: under load, whole or not at all, never over anything."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from dataclasses import replace

import psycopg2
import pytest

from database import Database, Inline
from stories.apps import Apps
from stories.config import ROOT
from stories.errors import SetupError
from stories.operation import backup, local_postgres, migrate
from stories.operation.local_postgres import programs
from stories.privacy.person_keys import PersonKey
from stories.rollups import recount
from stories.rollups.fold import fold
from stories.symbols import artifacts, uploads
from tests.support import event, postgresql_15


@pytest.fixture
def source(config, dsn, tmp_path):
    data = tmp_path / "source"
    (data / "images" / "ab").mkdir(parents=True)
    (data / "images" / "ab" / "one.png").write_bytes(b"picture")
    return replace(config, database_url=dsn, data_dir=str(data))


@pytest.fixture
def target(config, postgres, tmp_path):
    """An empty database, and a folder to be."""
    name = f"test_restored_{os.getpid()}"
    admin = psycopg2.connect(postgres)
    admin.autocommit = True
    with admin.cursor() as cursor:
        cursor.execute(f"create database {name}")
    url = postgres.replace("/stories_analytics?", f"/{name}?")
    yield replace(config, database_url=url, data_dir=str(tmp_path / "target"))
    with admin.cursor() as cursor:
        cursor.execute(f"drop database {name} with (force)")
    admin.close()


def events_of(config):
    with psycopg2.connect(config.database_url) as link, link.cursor() as cursor:
        cursor.execute("select count(*) from events")
        [(found,)] = cursor.fetchall()
        return found


def test_what_is_acknowledged_before_a_backup_is_in_it_and_folding_goes_on(
    client, services, source, target, tmp_path
):
    client.post("/track", json={"events": [event() for _ in range(200)]})
    services.freshen()
    client.post("/track", json={"events": [event() for _ in range(100)]})  # not folded yet
    stop = threading.Event()

    def go_on():
        other = client.application.test_client()
        while not stop.is_set():
            other.post("/track", json={"events": [event() for _ in range(5)]})

    traffic = threading.Thread(target=go_on)
    traffic.start()
    try:
        told = backup.backup(source, tmp_path / "kept")
    finally:
        stop.set()
        traffic.join()
    assert told["images"] is True
    assert oct((tmp_path / "kept").stat().st_mode & 0o777) == "0o700"

    found = backup.restore(target, tmp_path / "kept")
    assert not any(found["differences"].values())
    assert 300 <= events_of(target) <= events_of(source)
    assert (tmp_path / "target/images/ab/one.png").read_bytes() == b"picture"
    database = Database(target.database_url, 2)
    apps = Apps(database, target.retention_days)
    assert fold(database, apps, PersonKey(database, "")) >= 0
    assert recount.check(database, apps)["events"] == events_of(target)
    with database.transaction() as tx:
        [counted] = tx.rows(
            Inline("/* test */ select sum(n) as n from daily_events where dim = 'none'")
        )
    assert counted["n"] == events_of(target)
    database.close()


SYMBOLS = ("artifacts", "artifact_pieces", "artifact_releases", "artifact_keys")


def symbols_of(config):
    with psycopg2.connect(config.database_url) as link, link.cursor() as cursor:
        counts = {}
        for table in (*SYMBOLS, "upload_chunks", "minidumps"):
            cursor.execute(f"select count(*) from {table}")
            [(counts[table],)] = cursor.fetchall()
        return counts


@pytest.mark.parametrize("with_artifacts", [True, False])
def test_artifacts_are_in_it_unless_they_are_left_out(
    database, source, target, tmp_path, with_artifacts
):
    content = artifacts.Content(artifacts.SCRIPT, b"x()", url="~/app.js")
    with database.transaction() as tx:
        artifacts.add(tx, 1, content, [("1.0.0", "")])
        uploads.add_chunk(tx, "me", b"half of a file")
        tx.run(
            Inline(
                "/* test */ insert into minidumps values "
                "(gen_random_uuid(), now(), 1, 1, 'memory', 6, now())"
            )
        )
    told = backup.backup(source, tmp_path / "kept", with_artifacts)
    assert told["artifacts"] is with_artifacts
    backup.restore(target, tmp_path / "kept")
    assert symbols_of(target) == {
        **dict.fromkeys(SYMBOLS, int(with_artifacts)),
        "upload_chunks": 0,
        "minidumps": 0,
    }


def test_a_backup_made_before_there_were_artifacts_is_still_one(source, target, tmp_path):
    backup.backup(source, tmp_path / "kept")
    about = tmp_path / "kept" / "about.json"
    told = json.loads(about.read_text())
    del told["artifacts"]
    about.write_text(json.dumps(told))
    assert not any(backup.restore(target, tmp_path / "kept")["differences"].values())


def test_nothing_is_written_over(source, tmp_path):
    (tmp_path / "kept").mkdir()
    with pytest.raises(SetupError, match="exists already"):
        backup.backup(source, tmp_path / "kept")


def test_a_backup_that_fails_leaves_nothing(source, tmp_path, monkeypatch):
    def broken(*_):
        raise SetupError("pg_dump failed: no.")

    monkeypatch.setattr(programs, "run", broken)
    with pytest.raises(SetupError, match="pg_dump failed"):
        backup.backup(source, tmp_path / "kept")
    assert not list(tmp_path.glob("kept*"))


def test_a_restore_wants_an_empty_database(source, tmp_path):
    backup.backup(source, tmp_path / "kept")
    with pytest.raises(SetupError, match="not empty"):
        backup.restore(source, tmp_path / "kept")


def test_half_a_backup_and_one_of_a_newer_release_are_refused(source, target, tmp_path):
    with pytest.raises(SetupError, match="is no backup"):
        backup.restore(target, tmp_path)
    kept = tmp_path / "kept"
    backup.backup(source, kept)
    about = json.loads((kept / "about.json").read_text())
    (kept / "about.json").write_text(json.dumps(about | {"migrations": ["999_newer"]}))
    with pytest.raises(SetupError, match="newer release"):
        backup.restore(target, kept)
    (kept / "about.json").write_text(json.dumps(about))
    (kept / "images.tar").unlink()
    with pytest.raises(SetupError, match=r"images\.tar is missing"):
        backup.restore(target, kept)
    assert not target.data_path.exists()


def test_a_program_that_is_too_old_is_one_sentence():
    with pytest.raises(SetupError, match="pg_dump of PostgreSQL 99 or newer is needed"):
        programs.find("pg_dump", 99)


@pytest.fixture(scope="module")
def oldest():
    """A PostgreSQL 15 with a migrated database and a tester in it, and a database that is empty."""
    with local_postgres.throwaway(binaries=postgresql_15()) as server:
        database = Database(server.dsn, 2)
        migrate.migrate(database)
        with database.transaction() as tx:
            tx.run(Inline("/* test */ insert into testers (user_id) values (gen_random_uuid())"))
        database.close()
        yield server.dsn


@pytest.fixture
def empty_oldest(config, oldest, tmp_path):
    url = oldest.replace("/stories_analytics?", "/restored?")
    admin = psycopg2.connect(oldest)
    admin.autocommit = True
    with admin.cursor() as cursor:
        cursor.execute("create database restored")
    yield replace(config, database_url=url, data_dir=str(tmp_path / "target"))
    with admin.cursor() as cursor:
        cursor.execute("drop database restored with (force)")
    admin.close()


def test_programs_of_the_servers_own_version_go_first():
    postgresql_15()
    assert programs.version_of(programs.find("pg_dump", 15)) == 15
    assert programs.version_of(programs.find("pg_dump", 18)) == 18


@pytest.mark.parametrize("dumped_by", [15, 18])
@pytest.mark.parametrize("restored_by", [15, 18])
def test_a_backup_of_postgresql_15_goes_back_into_it_whoever_wrote_and_reads_it(
    dumped_by, restored_by, config, oldest, empty_oldest, tmp_path, monkeypatch
):
    def only(version):
        """As on a machine that has the bundled programs alone, or with the server's own beside."""
        monkeypatch.setattr(programs, "DEBIAN", programs.DEBIAN if version == 15 else tmp_path)
        monkeypatch.setenv("PATH", str(tmp_path))

    with monkeypatch.context() as monkeypatch:
        only(dumped_by)
        backup.backup(replace(config, database_url=oldest), tmp_path / "kept")
    with monkeypatch.context() as monkeypatch:
        only(restored_by)
        found = backup.restore(empty_oldest, tmp_path / "kept")
    assert not any(found["differences"].values())
    with psycopg2.connect(empty_oldest.database_url) as link, link.cursor() as cursor:
        cursor.execute("select count(*) from testers")
        assert cursor.fetchall() == [(1,)]


def test_a_dump_that_was_cut_short_restores_nothing_and_its_own_error_is_told(
    config, oldest, empty_oldest, tmp_path, monkeypatch
):
    backup.backup(replace(config, database_url=oldest), tmp_path / "kept")
    dump = tmp_path / "kept" / "database.dump"
    dump.write_bytes(dump.read_bytes()[:-200])
    monkeypatch.setenv("PATH", str(tmp_path))
    for folder in (programs.DEBIAN, tmp_path):
        monkeypatch.setattr(programs, "DEBIAN", folder)
        with pytest.raises(SetupError, match=r"pg_restore failed: could not .*end of file\.$"):
            backup.restore(empty_oldest, tmp_path / "kept")
    database = Database(empty_oldest.database_url, 1)
    assert migrate.applied(database) == set()
    database.close()


def test_what_the_server_refuses_is_told_in_its_own_words(oldest, empty_oldest, tmp_path):
    with psycopg2.connect(empty_oldest.database_url) as link, link.cursor() as cursor:
        cursor.execute("create table apps ()")
    dump = tmp_path / "stories.dump"
    for program in (programs.find("pg_dump", 15), programs.find("pg_dump", 18)):
        programs.run(program, oldest, "--format=custom", f"--file={dump}")
        with pytest.raises(SetupError, match='relation "apps" already exists'):
            programs.restore(dump, empty_oldest.database_url, 15)


def test_a_database_of_another_encoding_is_one_sentence(config, postgres, tmp_path):
    admin = psycopg2.connect(postgres)
    admin.autocommit = True
    with admin.cursor() as cursor:
        cursor.execute(
            "create database test_ascii encoding 'SQL_ASCII' locale 'C' template template0"
        )
    try:
        url = postgres.replace("/stories_analytics?", "/test_ascii?")
        database = Database(url, 2)
        with pytest.raises(SetupError, match="SQL_ASCII and must be UTF8"):
            migrate.migrate(database)
        with pytest.raises(SetupError, match="SQL_ASCII and must be UTF8"):
            backup.backup(replace(config, database_url=url), tmp_path / "kept")
        database.close()
    finally:
        with admin.cursor() as cursor:
            cursor.execute("drop database test_ascii with (force)")
        admin.close()


def test_the_commands_say_what_they_did_and_how_it_ended(source, target, tmp_path):
    def flask(config, *command):
        return subprocess.run(
            [sys.executable, "-m", "flask", "--app", "app", *command],
            cwd=ROOT,
            env={"PATH": os.environ["PATH"], "DATABASE_URL": config.database_url,
                 "DATA_DIR": config.data_dir},
            capture_output=True,
            text=True,
            timeout=60,
        )  # fmt: skip

    kept = str(tmp_path / "kept")
    made = flask(source, "backup", kept)
    assert made.returncode == 0, made.stderr
    assert json.loads(made.stdout)["folder"] == kept
    again = flask(source, "backup", kept)
    assert again.returncode == 1
    assert again.stderr.startswith("Error: ")
    restored = flask(target, "restore", kept)
    assert restored.returncode == 0, restored.stderr
    assert "differences" in json.loads(restored.stdout)
    looked = flask(target, "doctor")
    assert looked.returncode == 0, looked.stdout + looked.stderr
    assert "ok    schema" in looked.stdout
    assert json.loads(flask(target, "doctor", "--json").stdout)[0]["about"] == "settings"
