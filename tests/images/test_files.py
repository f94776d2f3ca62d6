"""Without Cloudflare images are files; and the settings of both."""

from __future__ import annotations

from uuid import UUID

import pytest

from stories.config import load
from stories.errors import SetupError
from stories.images.cloudflare import image_origin
from stories.images.files import FileStore
from stories.images.outcomes import StoreBusy
from stories.images.queue import LEASE
from stories.images.uploader import Worker
from tests.images.cloudflare_standin import (
    ACCOUNT,
    PNG,
    TOKEN,
)


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
