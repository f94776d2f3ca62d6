"""Several workers share the queue, and one that ends in the middle loses nothing."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading

import pytest

from database import Database, Inline
from stories.config import ROOT
from stories.images.cloudflare import CloudflareImages
from stories.images.queue import LEASE
from stories.images.uploader import Uploader, Worker
from tests.images.cloudflare_standin import (
    PNG,
    Clock,
    Trouble,
)
from tests.images.sources import make_due


def test_two_uploaders_share_the_queue(send, cloudflare, dsn, rows):
    for number in range(24):
        send(PNG + bytes([number]))
    databases = [Database(dsn, 2) for _ in range(2)]
    clock = Clock()
    done = []

    def work(database):
        done.append(Worker(cloudflare.config(), database, clock=clock).work_off()["images"])

    threads = [threading.Thread(target=work, args=(database,)) for database in databases]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for database in databases:
        database.close()
    assert sum(done) == 24
    assert len(cloudflare.uploads) == len(set(cloudflare.uploads)) == 24
    assert {row["state"] for row in rows()} == {"stored"}


def test_no_row_is_locked_while_an_image_is_on_its_way(send, cloudflare, worker, dsn, rows):
    send()
    cloudflare.troubles = [Trouble(hang=True)]
    thread = threading.Thread(target=worker.work_off)
    thread.start()
    assert cloudflare.arrived.wait(20)
    other = Database(dsn, 1)
    with other.transaction() as tx:
        assert tx.rows(Inline("/* test */ select image_id from images for update nowait"))
    other.close()
    cloudflare.go_on.set()
    thread.join()
    assert rows()[0]["state"] == "stored"


@pytest.mark.parametrize("lost", [False, True], ids=["before it is stored", "after it is stored"])
def test_a_server_that_is_killed_during_an_upload_loses_nothing(
    serve, cloudflare, database, clock, send, rows, tmp_path, lost
):
    send()
    cloudflare.troubles = [Trouble(-1, hang=True, lost=lost)]
    server = serve(DATA_DIR=str(tmp_path), **cloudflare.settings)
    assert cloudflare.arrived.wait(30)
    os.killpg(server.process.pid, signal.SIGKILL)
    server.process.wait()
    cloudflare.go_on.set()
    [row] = rows()
    assert (row["state"], row["attempts"], bytes(row["data"])) == ("waiting", 1, PNG)
    assert len(cloudflare.images) == int(lost)

    worker = Worker(cloudflare.config(), database, clock=clock)
    assert worker.work_off() == {"images": 0, "deletions": 0}  # the lease still runs
    clock.advance(
        seconds=LEASE.total_seconds() + 60
    )  # the server claimed it later than our clock began
    assert worker.work_off() == {"images": 1, "deletions": 0}
    assert list(cloudflare.images.values()) == [PNG]
    assert len(cloudflare.uploads) == 1 + lost
    assert rows()[0]["state"] == "stored"


def test_the_thread_stores_what_waits_and_goes_on_after_a_failure(
    send, cloudflare, database, rows, monkeypatch
):
    send()
    failing = [RuntimeError("a bug")]
    put = CloudflareImages.put

    def broken(*arguments):
        if failing:
            raise failing.pop()
        return put(*arguments)

    monkeypatch.setattr(CloudflareImages, "put", broken)
    monkeypatch.setattr("stories.images.uploader.IDLE_SECONDS", 0.02)
    uploader = Uploader(cloudflare.config(), database)
    uploader.start()
    try:
        while failing:
            assert uploader.is_alive()
        make_due(database)
        assert cloudflare.arrived.wait(20)
    finally:
        uploader.stop(20)
    assert not uploader.is_alive()
    assert rows()[0]["state"] == "stored"


def test_a_stop_ends_as_soon_as_the_uploader_has(dsn):
    """As in a worker of gunicorn: the module is loaded, and only then does gevent replace threads."""
    program = f"""
from stories.images.uploader import Uploader
from gevent import monkey; monkey.patch_all()
from database import Database
from stories.config import Config
uploader = Uploader(Config(), Database({dsn!r}, 2))
uploader.start()
uploader.stop(3600)
"""
    subprocess.run([sys.executable, "-c", program], cwd=ROOT, check=True, timeout=60)
