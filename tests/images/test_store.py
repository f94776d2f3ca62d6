"""The queue of images against a stand-in of Cloudflare, and against a folder."""

from __future__ import annotations

from datetime import timedelta

import pytest

from stories.images.cloudflare import CloudflareImages
from stories.images.outcomes import Rejected, TryAgain
from stories.images.uploader import LONGEST_WAIT, MAX_TRIES, Worker, backoff
from stories.payloads.bot import MAX_IMAGE
from tests.images.cloudflare_standin import (
    ACCOUNT,
    HASH,
    PNG,
    TOKEN,
    Trouble,
)
from tests.images.sources import JPEG, Sources

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
