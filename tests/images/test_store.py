"""The queue of images against a stand-in of Cloudflare, and against a folder."""

from __future__ import annotations

import base64
import logging
import os
import signal
import subprocess
import sys
import threading
from datetime import timedelta
from uuid import UUID

import pytest

from database import Database, Inline
from stories.config import ROOT, load
from stories.errors import SetupError
from stories.images.cloudflare import CloudflareImages, image_origin
from stories.images.fetch import Fetcher
from stories.images.files import FileStore
from stories.images.outcomes import Rejected, StoreBusy, TryAgain
from stories.images.queue import LEASE
from stories.images.uploader import LONGEST_WAIT, MAX_TRIES, Uploader, Worker, backoff
from stories.payloads.bot import MAX_IMAGE
from tests.images.cloudflare_standin import (
    ACCOUNT,
    HASH,
    PNG,
    TOKEN,
    Clock,
    Cloudflare,
    Told,
    Trouble,
)

JPEG = b"\xff\xd8\xff\xe0 another picture"


@pytest.fixture
def cloudflare():
    found = Cloudflare()
    yield found
    found.stop()


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def told():
    handler, log = Told(), logging.getLogger("stories.images")
    log.addHandler(handler)
    yield handler.lines
    log.removeHandler(handler)


@pytest.fixture
def config(config, tmp_path):
    return type(config)(ratelimit_enabled=False, run_jobs=False, data_dir=str(tmp_path / "data"))


@pytest.fixture
def worker(cloudflare, database, clock, config):
    """One that stores at the stand-in."""
    return Worker(cloudflare.config(data_dir=config.data_dir), database, clock=clock)


@pytest.fixture
def disk_worker(database, clock, config):
    return Worker(config, database, clock=clock)


class Sources(Fetcher):
    """Instead of a Fetcher: what each address gives, in turn, the last for good."""

    def __init__(self, **answers):
        self.answers = {
            f"https://pictures.example/{name}": list(all) for name, all in answers.items()
        }
        self.asked = []

    def fetch(self, url):
        self.asked.append(url)
        answers = self.answers[url]
        found = answers.pop(0) if len(answers) > 1 else answers[0]
        if isinstance(found, Exception):
            raise found
        return found


@pytest.fixture
def send(client, auth):
    """Sends an image through the real intake: bytes, or the name of a source."""

    def post(image=PNG, client_id="42"):
        item = {"client_id": client_id, "event_name": "image_generated"}
        if isinstance(image, str):
            item["image_url"] = f"https://pictures.example/{image}"
        else:
            item["image"] = {"data": base64.b64encode(image).decode()}
        answer = client.post("/api/bot/events", json=item, headers=auth)
        assert answer.json["events_stored"] == 1

    return post


@pytest.fixture
def rows(database):
    def read(table="images", order="timestamp"):
        with database.transaction() as tx:
            return tx.rows(Inline(f"/* test */ select * from {table} order by {order}"))

    return read


@pytest.fixture
def erase(client, auth):
    def delete(client_id="42"):
        answer = client.delete(f"/users/{client_id}?app=bot", headers=auth)
        assert answer.status_code == 200, answer.json
        return answer.json

    return delete


def make_due(database):
    with database.transaction() as tx:
        tx.run(Inline("/* test */ update images set next_try = now()"))


# Storing at Cloudflare


def test_bytes_are_stored_and_leave_the_database(send, worker, cloudflare, rows):
    send()
    assert worker.work_off() == {"images": 1, "deletions": 0}
    [row] = rows()
    name = f"stories-{row['image_id']}"
    assert cloudflare.images == {name: PNG}
    assert cloudflare.types == {name: "image/png"}
    assert (row["state"], row["remote_id"], row["content_type"]) == ("stored", name, "image/png")
    assert row["image_url"] == f"https://imagedelivery.net/{HASH}/{name}/public"
    assert (row["data"], row["source_url"], row["reason"]) == (None, None, None)


def test_the_conversation_shows_where_the_image_is(send, worker, client, auth, rows):
    send()
    worker.work_off()
    answer = client.get("/api/analytics/users/42/events", headers=auth).json
    assert [event["image_url"] for event in answer["events"]] == [rows()[0]["image_url"]]


def test_an_image_with_line_breaks_and_boundaries_in_it_arrives_whole(send, worker, cloudflare):
    picture = PNG + b"\r\n--\r\n\r\n\0\xff" * 1000 + b"\r\n"
    send(picture)
    worker.work_off()
    assert list(cloudflare.images.values()) == [picture]


def test_the_largest_image_is_stored(send, worker, cloudflare):
    send(PNG.ljust(MAX_IMAGE, b"x"))
    worker.work_off()
    assert [len(data) for data in cloudflare.images.values()] == [MAX_IMAGE]


def test_an_image_is_fetched_from_its_source(send, cloudflare, config, database, clock, rows):
    send("a.jpg")
    sources = Sources(**{"a.jpg": [JPEG]})
    Worker(cloudflare.config(), database, clock=clock, fetcher=sources).work_off()
    assert list(cloudflare.images.values()) == [JPEG]
    [row] = rows()
    assert (row["state"], row["content_type"], row["source_url"]) == ("stored", "image/jpeg", None)


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (b"<html>not found</html>", "invalid_image"),
        (b"", "invalid_image"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "invalid_image"),
        (PNG.ljust(MAX_IMAGE + 1, b"x"), "image_too_large"),
        (Rejected("forbidden_address", "it is not on the open internet"), "forbidden_address"),
    ],
)
def test_what_is_no_image_or_may_not_be_fetched_fails_at_once(
    send, cloudflare, database, clock, rows, answer, reason
):
    send("a.png")
    worker = Worker(
        cloudflare.config(), database, clock=clock, fetcher=Sources(**{"a.png": [answer]})
    )
    worker.work_off()
    [row] = rows()
    assert row["state"] == "failed"
    assert row["reason"].startswith(f"{reason}: ")
    assert row["source_url"] is None
    clock.advance(days=30)
    assert worker.work_off() == {"images": 0, "deletions": 0}
    assert cloudflare.uploads == []


# Trouble at Cloudflare


def test_it_waits_as_long_as_a_429_asks_and_sends_no_other_image(
    send, worker, cloudflare, clock, rows
):
    send()
    send(JPEG)
    cloudflare.troubles = [Trouble(429, 10429, {"Retry-After": "300"})]
    worker.work_off()
    assert cloudflare.requests == 1
    clock.advance(seconds=290)
    assert worker.work_off() == {"images": 0, "deletions": 0}
    clock.advance(seconds=11)
    worker.work_off()
    assert sorted(cloudflare.images.values()) == sorted([PNG, JPEG])
    assert {row["state"] for row in rows()} == {"stored"}


@pytest.mark.parametrize("status", [500, 502, 503, 520, 408])
def test_an_answer_of_trouble_is_tried_again(send, worker, cloudflare, clock, rows, status):
    send()
    cloudflare.troubles = [Trouble(status), Trouble(status)]
    worker.work_off()
    [row] = rows()
    assert (row["state"], row["attempts"]) == ("waiting", 1)
    assert row["reason"] == f"Cloudflare answered {status}"
    assert bytes(row["data"]) == PNG
    for _ in range(2):
        clock.advance(seconds=60)
        worker.work_off()
    assert len(cloudflare.uploads) == 1
    assert list(cloudflare.images.values()) == [PNG]
    assert rows()[0]["state"] == "stored"


def test_other_images_go_on_while_one_waits(send, worker, cloudflare):
    send()
    send(JPEG)
    cloudflare.troubles = [Trouble(500)]
    assert worker.work_off() == {"images": 2, "deletions": 0}
    assert len(cloudflare.images) == 1


def test_silence_is_tried_again_and_an_upload_that_had_arrived_is_one(
    send, cloudflare, database, clock, rows
):
    """The answer is lost: the second upload is told that it is there already."""
    send()
    cloudflare.troubles = [Trouble(hang=True, lost=True)]
    store = CloudflareImages(cloudflare.config(), seconds=0.3)
    worker = Worker(cloudflare.config(), database, cloudflare=store, clock=clock)
    worker.work_off()
    assert rows()[0]["reason"] == "Cloudflare did not answer in time"
    clock.advance(seconds=60)
    worker.work_off()
    assert len(cloudflare.uploads) == 2
    assert list(cloudflare.images.values()) == [PNG]
    [row] = rows()
    assert (row["state"], row["remote_id"]) == ("stored", f"stories-{row['image_id']}")


def test_a_store_that_is_not_there_is_tried_again(send, cloudflare, database, clock, rows):
    send()
    config = cloudflare.config()
    cloudflare.stop()
    Worker(config, database, clock=clock).work_off()
    [row] = rows()
    assert (row["state"], row["attempts"]) == ("waiting", 1)
    assert row["reason"] == "Cloudflare could not be reached (ConnectionError)"


def test_a_bad_token_loses_nothing_is_said_once_and_never_shown(
    send, worker, cloudflare, clock, rows, told
):
    for _ in range(3):
        send()
    cloudflare.token = "another"
    for _ in range(5):
        worker.work_off()
        clock.advance(minutes=11)
    assert len(cloudflare.uploads) == 5  # one look each time, not one for each image
    assert {row["state"] for row in rows()} == {"waiting"}
    [line] = told
    assert line.startswith("ERROR [IMAGES] check CLOUDFLARE_API_TOKEN")
    assert "403 (10000)" in line
    assert TOKEN not in line
    assert ACCOUNT not in line

    cloudflare.token = TOKEN  # the operator has mended it
    clock.advance(hours=2)
    worker.work_off()
    assert len(cloudflare.images) == 3
    assert {row["state"] for row in rows()} == {"stored"}


@pytest.mark.parametrize("code", [5403, 5453, 9109, 10000])
def test_an_account_that_is_full_or_may_not_is_for_the_operator(
    send, worker, cloudflare, rows, code
):
    send()
    cloudflare.troubles = [Trouble(400, code)]
    worker.work_off()
    assert rows()[0]["state"] == "waiting"


def test_an_image_that_cloudflare_does_not_want_fails_and_keeps_its_bytes(
    send, worker, cloudflare, rows
):
    send()
    cloudflare.troubles = [Trouble(415, 5455)]
    worker.work_off()
    [row] = rows()
    assert (row["state"], row["reason"]) == (
        "failed",
        "store_refused: Cloudflare answered 415 (5455)",
    )
    assert bytes(row["data"]) == PNG


def test_an_answer_that_is_no_success_is_not_taken_for_one(send, worker, cloudflare, rows):
    send()
    cloudflare.troubles = [Trouble(201, 5500)]
    worker.work_off()
    assert rows()[0]["state"] == "waiting"


def test_sources_are_still_fetched_while_cloudflare_takes_nothing(
    send, cloudflare, database, clock, rows
):
    """A source's address may live for an hour only; the bytes wait in the database."""
    send()
    send("a.jpg")
    sources = Sources(**{"a.jpg": [JPEG, Rejected("source_refused", "gone")]})
    worker = Worker(cloudflare.config(), database, clock=clock, fetcher=sources)
    cloudflare.troubles = [Trouble(429)]
    worker.work_off()
    assert cloudflare.images == {}
    fetched = rows()[1]
    assert (bytes(fetched["data"]), fetched["source_url"]) == (JPEG, None)
    clock.advance(minutes=2)
    worker.work_off()
    assert sorted(cloudflare.images.values()) == sorted([PNG, JPEG])
    assert len(sources.asked) == 1


# Backoff


def test_a_source_that_never_answers_is_given_up_after_about_a_day(
    send, cloudflare, database, clock, rows
):
    send("a.png")
    began = clock.now
    sources = Sources(**{"a.png": [TryAgain("the image's source answered 503")]})
    worker = Worker(cloudflare.config(), database, clock=clock, fetcher=sources)
    while rows()[0]["state"] == "waiting":
        clock.now = max(clock.now, rows()[0]["next_try"])
        assert worker.work_off()["images"] == 1
    assert len(sources.asked) == MAX_TRIES
    assert rows()[0]["reason"] == "gave_up: the image's source answered 503"
    assert timedelta(hours=18) < clock.now - began < timedelta(hours=36)


def test_waits_double_up_to_an_hour_and_differ():
    assert 7.5 <= backoff(1) <= 12.5
    assert 15 <= backoff(2) <= 25
    for attempts in (10, 32, 10_000):
        assert 0.75 * LONGEST_WAIT <= backoff(attempts) <= 1.25 * LONGEST_WAIT
    assert len({backoff(5) for _ in range(20)}) > 1


def test_log_lines_hold_no_address_no_content_and_no_token(send, cloudflare, database, clock, told):
    send("a.png")
    send("b.png")
    send()
    sources = Sources(
        **{"a.png": [TryAgain("the image's source answered 503")], "b.png": [b"<html>"]}
    )
    cloudflare.troubles = [Trouble(400, 5400)]
    Worker(cloudflare.config(), database, clock=clock, fetcher=sources).work_off()
    assert len(told) == 3
    for line in told:
        assert "[IMAGES] " in line
        assert not any(word in line for word in ("://", "example", TOKEN, ACCOUNT, "html"))


# Several workers, and ends in the middle


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


# Deletion


def test_erasing_a_person_deletes_their_images_at_cloudflare(send, worker, cloudflare, erase, rows):
    send(client_id="42")
    send(JPEG, client_id="43")
    worker.work_off()
    erase("42")
    assert worker.work_off() == {"images": 0, "deletions": 1}
    assert list(cloudflare.images.values()) == [JPEG]
    assert rows("image_deletions", "image_id") == []


def test_expired_images_are_deleted_at_cloudflare(send, worker, cloudflare, database, clock, rows):
    send()
    worker.work_off()
    with database.transaction() as tx:
        tx.run("storage/expire_images", app_id=rows()[0]["app_id"], cutoff=clock.now, most=10)
    worker.work_off()
    assert cloudflare.images == {}
    assert rows("image_deletions", "image_id") == []


def test_a_deletion_is_tried_until_it_works(send, worker, cloudflare, clock, erase, rows):
    send()
    worker.work_off()
    erase()
    cloudflare.troubles = [Trouble(500), Trouble(429), Trouble(400, 5400), Trouble(403, 10000)]
    for _ in range(4):
        assert worker.work_off()["deletions"] == 1
        assert len(cloudflare.images) == 1
        clock.advance(hours=2)
    worker.work_off()
    assert cloudflare.images == {}
    assert rows("image_deletions", "image_id") == []


def test_what_is_not_there_any_more_counts_as_deleted(send, worker, cloudflare, erase, rows):
    send()
    worker.work_off()
    cloudflare.images.clear()
    erase()
    worker.work_off()
    assert len(cloudflare.deletions) == 1
    assert rows("image_deletions", "image_id") == []


def test_a_404_for_the_account_does_not_count_as_deleted(send, worker, cloudflare, erase, rows):
    send()
    worker.work_off()
    erase()
    cloudflare.troubles = [Trouble(404, 7003)]
    worker.work_off()
    assert len(rows("image_deletions", "image_id")) == 1


def test_an_image_of_a_person_erased_while_it_is_on_its_way_is_deleted(
    send, cloudflare, worker, dsn, clock, config, erase, rows
):
    send()
    cloudflare.troubles = [Trouble(hang=True)]
    thread = threading.Thread(target=worker.upload_next)
    thread.start()
    assert cloudflare.arrived.wait(20)
    erase()
    cloudflare.go_on.set()
    thread.join()
    assert len(cloudflare.images) == 1
    assert worker.work_off()["deletions"] == 1
    assert cloudflare.images == {}
    assert rows("image_deletions", "image_id") == []
    assert rows() == []


def test_an_image_that_a_killed_server_sends_after_its_erasure_is_deleted(
    send, cloudflare, worker, clock, erase, rows
):
    """Erased before anybody knew that it was on its way: there is a second look after the lease."""
    send()
    [row] = rows()
    erase()
    assert worker.work_off()["deletions"] == 1
    CloudflareImages(cloudflare.config()).put(row["image_id"], PNG, "image/png")
    assert worker.work_off()["deletions"] == 0
    clock.advance(seconds=LEASE.total_seconds())
    assert worker.work_off()["deletions"] == 1
    assert cloudflare.images == {}
    assert rows("image_deletions", "image_id") == []


def test_without_the_token_a_deletion_at_cloudflare_waits_and_is_said_once(
    send, worker, disk_worker, cloudflare, clock, erase, rows, told
):
    for person in ("42", "43"):
        send(client_id=person)
    worker.work_off()
    told.clear()
    erase("42")
    erase("43")
    for _ in range(3):
        disk_worker.work_off()
        clock.advance(hours=2)
    assert len(rows("image_deletions", "image_id")) == 2
    assert len(told) == 1
    worker.work_off()
    assert cloudflare.images == {}


# Files


def files(config):
    return [path for path in (config.data_path / "images").rglob("*") if path.is_file()]


def test_without_cloudflare_an_image_is_a_file_behind_basic(
    send, disk_worker, client, auth, config, rows
):
    send()
    disk_worker.work_off()
    [row] = rows()
    assert row["image_url"] == f"/images/{row['image_id']}"
    assert (row["remote_id"], row["data"]) == (None, None)
    [path] = files(config)
    assert path.parts[-3:] == ("images", row["image_id"].hex[:2], f"{row['image_id']}.png")
    assert client.get(row["image_url"]).status_code == 401
    answer = client.get(row["image_url"], headers=auth)
    assert (answer.status_code, answer.data) == (200, PNG)
    assert answer.headers["Content-Type"] == "image/png"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert answer.headers["Cache-Control"].startswith("private")


@pytest.mark.parametrize(
    "name",
    [
        "nothing",
        "3572e5b6-5d0c-4e53-a130-119de42ad2e1",
        "../../etc/passwd",
        "%2e%2e%2fx",
        "\0",
        "3572e5b6-5d0c-4e53-a130-119de42ad2e1.png",
    ],
)
def test_an_image_that_is_not_there_is_a_404(client, auth, name):
    assert client.get(f"/images/{name}", headers=auth).status_code == 404


def test_an_image_at_cloudflare_is_not_served_here(send, worker, client, auth, rows):
    send()
    worker.work_off()
    assert client.get(f"/images/{rows()[0]['image_id']}", headers=auth).status_code == 404


def test_erasing_a_person_deletes_their_files_at_once(
    send, disk_worker, client, auth, config, clock, erase, rows
):
    send()
    disk_worker.work_off()
    [row] = rows()
    part = files(config)[0].with_name(f"{row['image_id']}.killed.part")
    part.write_bytes(PNG)
    erase()
    assert client.get(row["image_url"], headers=auth).status_code == 404
    disk_worker.work_off()
    assert files(config) == []
    clock.advance(seconds=LEASE.total_seconds())
    disk_worker.work_off()
    assert rows("image_deletions", "image_id") == []


def test_storing_a_file_twice_is_harmless_and_leaves_one(tmp_path):
    store, name = FileStore(tmp_path), UUID(int=7)
    assert store.put(name, PNG, "image/png") == store.put(name, PNG, "image/png")
    assert [path.read_bytes() for path in tmp_path.rglob("*.*")] == [PNG]


def test_a_disk_that_takes_nothing_is_tried_again(send, database, clock, config, tmp_path, rows):
    send()
    config.data_path.mkdir()
    (config.data_path / "images").write_text("a file in the way")
    with pytest.raises(StoreBusy):
        FileStore(config.data_path / "images").put(UUID(int=1), PNG, "image/png")
    worker = Worker(config, database, clock=clock)
    worker.work_off()
    [row] = rows()
    assert (row["state"], bytes(row["data"])) == ("waiting", PNG)
    (config.data_path / "images").unlink()
    clock.advance(minutes=2)
    worker.work_off()
    assert rows()[0]["state"] == "stored"


def test_pages_may_show_cloudflares_images_only_when_they_are_used(cloudflare, config):
    assert image_origin(config) is None
    assert image_origin(cloudflare.config()) == "https://imagedelivery.net"


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"CLOUDFLARE_ACCOUNT_HASH": ""}, "CLOUDFLARE_ACCOUNT_HASH"),
        ({"CLOUDFLARE_API_TOKEN": ""}, "CLOUDFLARE_API_TOKEN"),
        ({"CLOUDFLARE_API_TOKEN": f"{TOKEN}\r\nX-Injected: 1"}, "CLOUDFLARE_API_TOKEN"),
        ({"CLOUDFLARE_ACCOUNT_ID": f"{ACCOUNT}/../x"}, "CLOUDFLARE_ACCOUNT_ID"),
        ({"CLOUDFLARE_API_URL": "api.cloudflare.com"}, "CLOUDFLARE_API_URL"),
        ({"CLOUDFLARE_API_URL": "https://me:word@api.cloudflare.com"}, "CLOUDFLARE_API_URL"),
    ],
)
def test_settings_that_cannot_work_stop_the_start_and_are_not_repeated(cloudflare, changes, named):
    with pytest.raises(SetupError, match=named) as refused:
        load({**cloudflare.settings, **changes})
    assert not any(word in str(refused.value) for word in (TOKEN, ACCOUNT, "word"))
    assert load(cloudflare.settings).cloudflare_api_token == TOKEN
