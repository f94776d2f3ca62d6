"""Images are deleted where they are stored when their person is erased or they expire."""

from __future__ import annotations

import threading

from stories.images.cloudflare import CloudflareImages
from stories.images.queue import LEASE
from tests.images.cloudflare_standin import (
    PNG,
    Trouble,
)
from tests.images.sources import JPEG


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
