"""The PostgreSQL from the wheel: starting, sharing, leaving it, and what the operator is told."""

import os
import signal
import subprocess
import sys
import tempfile
import textwrap
from collections.abc import Iterator
from pathlib import Path

import psycopg2
import pytest

from stories.errors import SetupError
from stories.operation import local_postgres
from stories.operation.local_postgres import cluster, sentences

ROOT = Path(__file__).resolve().parent.parent.parent
FAST = {"fsync": "off", "full_page_writes": "off", "synchronous_commit": "off"}


@pytest.fixture
def data_dir() -> Iterator[Path]:
    """A folder that root's server, which runs as somebody else, can enter."""
    with tempfile.TemporaryDirectory(prefix="stories-test-") as name:
        folder = Path(name)
        folder.chmod(0o711)
        yield folder
        stop_leftover(folder)


@pytest.fixture(scope="module")
def created() -> Iterator[Path]:
    """A folder with a database, made once: initdb costs more than most of these tests."""
    with tempfile.TemporaryDirectory(prefix="stories-test-") as name:
        folder = Path(name)
        folder.chmod(0o711)
        local_postgres.start(folder, settings=FAST).stop()
        yield folder


@pytest.fixture
def made(created: Path) -> Iterator[Path]:
    """The folder of `created`, its server stopped and its log empty: for tests that are about neither
    the making of a database nor what is in it."""
    for log in created.glob("postgres.log*"):
        log.unlink()
    yield created
    stop_leftover(created)


def postmaster(data_dir: Path) -> int | None:
    try:
        return int((data_dir / "postgres" / "postmaster.pid").read_text().split("\n")[0])
    except FileNotFoundError:
        return None


def stop_leftover(data_dir: Path) -> None:
    if postmaster(data_dir) and (data_dir / "postgres.lock").exists():
        local_postgres.start(data_dir).stop()


def ask(dsn: str, query: str) -> object:
    connection = psycopg2.connect(dsn)
    try:
        with connection, connection.cursor() as cursor:
            cursor.execute(query)
            row = cursor.fetchone() if cursor.description else None
            return row[0] if row else None
    finally:
        connection.close()


def start_elsewhere(data_dir: Path, then: str) -> subprocess.Popen[str]:
    """Another process that starts the server, runs `then` (with `server`), and has said so."""
    code = (
        "import os, sys, time; from pathlib import Path\n"
        "from stories.operation import local_postgres\n"
        f"server = local_postgres.start(Path(sys.argv[1]), settings={FAST!r})\n"
    ) + textwrap.dedent(then)
    process = subprocess.Popen(
        [sys.executable, "-c", code, str(data_dir)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        process_group=0,
    )
    assert process.stdout
    assert process.stdout.readline() == "ready\n"
    return process


def finish(process: subprocess.Popen[str], signal_number: int | None = None) -> None:
    if signal_number is not None:
        process.send_signal(signal_number)
    process.communicate("\n")


def test_a_second_start_finds_the_data_of_the_first(data_dir: Path) -> None:
    with local_postgres.start(data_dir, settings=FAST) as server:
        ask(server.dsn, "create table kept as select 42 as answer")
    assert postmaster(data_dir) is None
    with local_postgres.start(data_dir, settings=FAST) as server:
        assert ask(server.dsn, "select answer from kept") == 42


def test_it_is_made_for_utf8_utc_and_checked_pages_and_listens_on_no_network() -> None:
    with local_postgres.throwaway() as server:
        expected = {
            "server_encoding": "UTF8",
            "TimeZone": "UTC",
            "data_checksums": "on",
            "listen_addresses": "",
            "jit": "off",
        }
        found = {name: ask(server.dsn, f"select current_setting('{name}')") for name in expected}
        assert found == expected
        assert ask(server.dsn, "select upper('é')") == "É"
        assert ask(server.dsn, "select 'Z' < 'a'") is True


def test_commits_are_durable_unless_a_test_says_otherwise(made: Path) -> None:
    with local_postgres.start(made) as server:
        for name in ("fsync", "synchronous_commit", "full_page_writes"):
            assert ask(server.dsn, f"select current_setting('{name}')") == "on"


def test_its_log_holds_no_statement_and_no_values(made: Path) -> None:
    with local_postgres.start(made, settings=FAST) as server:
        ask(server.dsn, "create table once (id text primary key)")
        ask(server.dsn, "insert into once values ('somebody@example.com')")
        with pytest.raises(psycopg2.errors.UniqueViolation):
            ask(server.dsn, "insert into once values ('somebody@example.com')")
    log = (made / "postgres.log").read_text()
    assert "duplicate key" in log
    assert "somebody@example.com" not in log


def test_a_log_that_has_grown_is_set_aside_at_the_next_start(made: Path) -> None:
    (made / "postgres.log").write_bytes(b"x" * (10 * 1024 * 1024 + 1))
    with local_postgres.start(made, settings=FAST):
        assert (made / "postgres.log").stat().st_size < 100_000
        assert (made / "postgres.log.old").exists()


@pytest.mark.parametrize(
    "name",
    ['it\'s a "clöne"', "50%, # \\n &c", "/".join(["long" * 15] * 3)],
    ids=["space-quotes-accent", "comma", "longer-than-a-socket-address"],
)
def test_it_works_in_a_folder_called(name: str, data_dir: Path) -> None:
    with local_postgres.start(data_dir / name, settings=FAST) as server:
        assert ask(server.dsn, "select 1") == 1


@pytest.mark.skipif(os.geteuid() != 0, reason="only root's server runs as another user")
def test_root_needs_no_open_folder_and_opens_none(data_dir: Path) -> None:
    closed = data_dir / "closed"
    closed.mkdir(mode=0o700)
    with local_postgres.start(closed / "data", settings=FAST) as server:
        assert ask(server.dsn, "select 1") == 1
    assert closed.stat().st_mode & 0o777 == 0o700
    assert closed.stat().st_uid == 0


def test_a_server_is_shared_and_the_last_one_to_leave_stops_it(made: Path) -> None:
    first = local_postgres.start(made, settings=FAST)
    second = local_postgres.start(made)
    elsewhere = start_elsewhere(made, "print('ready', flush=True); input(); server.stop()")
    assert first.dsn == second.dsn
    first.stop()
    first.stop()
    assert ask(second.dsn, "select 1") == 1
    second.stop()
    assert ask(second.dsn, "select 1") == 1
    finish(elsewhere)
    assert postmaster(made) is None


def test_starters_at_the_same_moment_end_up_with_one_server(data_dir: Path) -> None:
    code = (
        "import sys; from pathlib import Path; import psycopg2\n"
        "from stories.operation import local_postgres\n"
        f"with local_postgres.start(Path(sys.argv[1]), settings={FAST!r}) as server:\n"
        "    psycopg2.connect(server.dsn).close()\n"
        "    print('fine')\n"
    )
    crowd = [
        subprocess.Popen(
            [sys.executable, "-c", code, str(data_dir)], cwd=ROOT, stdout=subprocess.PIPE, text=True
        )
        for _ in range(6)
    ]
    assert [process.communicate()[0] for process in crowd] == ["fine\n"] * 6
    assert postmaster(data_dir) is None


def test_a_server_left_by_a_killed_process_is_taken_over_and_stopped(made: Path) -> None:
    finish(start_elsewhere(made, "print('ready', flush=True); input()"), signal.SIGKILL)
    left = postmaster(made)
    assert left is not None
    with local_postgres.start(made) as server:
        assert ask(server.dsn, "select 1") == 1
        assert postmaster(made) == left
    assert postmaster(made) is None


def test_a_forked_worker_neither_stops_the_server_nor_keeps_it(made: Path) -> None:
    process = start_elsewhere(
        made,
        """
        if os.fork() == 0:
            server.stop()
            print("ready", flush=True)
            time.sleep(60)
        input()
        server.stop()
        os.killpg(0, 9)
        """,
    )
    assert postmaster(made) is not None
    finish(process)
    assert postmaster(made) is None


def test_an_orphaned_worker_does_not_keep_the_server_from_being_stopped(made: Path) -> None:
    process = start_elsewhere(
        made,
        """
        if os.fork() == 0:
            print("ready", flush=True)
            time.sleep(60)
        input()
        """,
    )
    process.kill()
    process.wait()
    local_postgres.start(made).stop()
    assert postmaster(made) is None
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate()


def test_it_recovers_after_a_crash_although_its_pid_is_somebody_elses_now(made: Path) -> None:
    with local_postgres.start(made) as server:
        ask(server.dsn, "create table kept as select 42 as answer")
        pid = postmaster(made)
        assert pid is not None
        lock_file = made / "postgres" / "postmaster.pid"
        lines = lock_file.read_text().split("\n")
        os.kill(pid, signal.SIGKILL)
    owner = lock_file.parent.stat()
    # A process of the same user, which PostgreSQL itself would take for the old server.
    other = subprocess.Popen(["sleep", "60"], user=owner.st_uid if os.geteuid() == 0 else None)
    try:
        for name in ("postmaster.pid", ".s.PGSQL.5432.lock"):
            (lock_file.parent / name).write_text("\n".join([str(other.pid), *lines[1:]]))
            os.chown(lock_file.parent / name, owner.st_uid, owner.st_gid)
        with local_postgres.start(made) as server:
            assert ask(server.dsn, "select answer from kept") == 42
    finally:
        other.kill()
        other.wait()


def test_control_c_does_not_reach_the_database(made: Path) -> None:
    with local_postgres.start(made, settings=FAST):
        pid = postmaster(made)
        assert pid is not None
        assert os.getsid(pid) != os.getsid(0)
        assert os.getpgid(pid) != os.getpgrp()


def test_a_copied_folder_does_not_lead_to_the_original(made: Path, data_dir: Path) -> None:
    with local_postgres.start(made, settings=FAST) as original:
        subprocess.run(["cp", "-a", made, data_dir / "two"], check=False)
        with local_postgres.start(data_dir / "two", settings=FAST) as copy:
            assert copy.dsn != original.dsn
            assert str(data_dir / "two") in str(ask(copy.dsn, "show data_directory"))
        assert ask(original.dsn, "select 1") == 1


def test_an_interrupted_creation_is_begun_anew(data_dir: Path) -> None:
    (data_dir / "postgres.new" / "base").mkdir(parents=True)
    with local_postgres.start(data_dir, settings=FAST) as server:
        assert ask(server.dsn, "select 1") == 1
    assert not (data_dir / "postgres.new").exists()


def test_it_refuses_the_data_of_another_version_in_one_sentence(made: Path) -> None:
    version = made / "postgres" / "PG_VERSION"
    made_by = version.read_text()
    version.write_text("14\n")
    try:
        with pytest.raises(SetupError, match=r"made by PostgreSQL 14 and this is 18: .* pg_dump"):
            local_postgres.start(made)
    finally:
        version.write_text(made_by)


def test_it_refuses_a_folder_that_holds_something_else(data_dir: Path) -> None:
    (data_dir / "postgres").mkdir()
    (data_dir / "postgres" / "diary.txt").write_text("dear")
    with pytest.raises(SetupError, match="holds files but no database"):
        local_postgres.start(data_dir)
    assert (data_dir / "postgres" / "diary.txt").exists()


def test_it_says_why_the_server_did_not_start(made: Path) -> None:
    with pytest.raises(SetupError, match=r"did not start: .*shared_buffers") as refusal:
        local_postgres.start(made, settings={"shared_buffers": "a lot"})
    assert "\n" not in str(refusal.value)
    local_postgres.start(made, settings=FAST).stop()


def test_it_says_when_the_folder_cannot_be_made(data_dir: Path) -> None:
    (data_dir / "file").write_text("")
    with pytest.raises(SetupError, match=r"file/data cannot be used .*DATA_DIR"):
        local_postgres.start(data_dir / "file" / "data")


def test_it_says_when_there_is_no_server_for_this_machine(
    data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(SetupError, match="set DATABASE_URL to a PostgreSQL 15 or newer"):
        local_postgres.start(data_dir)


def test_it_says_when_the_disk_is_full() -> None:
    said = 'initdb: error: could not write to file "x": No space left on device'
    refusal = sentences.failure(Path("/data/postgres"), "could not be created", said, Path("/log"))
    assert str(refusal) == (
        "The disk that holds /data/postgres is full: free some space and start again."
    )
    with pytest.raises(SetupError, match="is full"), sentences.plain_errors(Path("/data")):
        raise OSError(28, "No space left on device")


def test_it_takes_no_socket_folder_that_somebody_else_could_have_made(data_dir: Path) -> None:
    deep = data_dir / "/".join(["long" * 15] * 3)
    local_postgres.start(deep, settings=FAST).stop()
    theirs = cluster.Cluster(deep, Path("/nowhere"), {})._own_socket_dir()
    theirs.chmod(0o777)
    try:
        with pytest.raises(SetupError, match="remove it"):
            local_postgres.start(deep)
    finally:
        theirs.rmdir()


def test_database_url_is_used_as_it_is_and_starts_nothing(data_dir: Path) -> None:
    class Named:
        database_url = "postgresql://elsewhere/stories"
        data_path = data_dir

    assert local_postgres.dsn(Named()) == "postgresql://elsewhere/stories"
    assert not list(data_dir.iterdir())
    local_postgres.stop()


def test_without_database_url_the_first_call_starts_and_stop_stops(data_dir: Path) -> None:
    class Ours:
        database_url = ""
        data_path = data_dir

    try:
        dsn = local_postgres.dsn(Ours())
        assert local_postgres.dsn(Ours()) == dsn
        assert ask(dsn, "select current_database()") == cluster.DATABASE
    finally:
        local_postgres.stop()
    assert postmaster(data_dir) is None
