"""Images through the real intake, and workers that store them at the stand-in or on the disk."""

from __future__ import annotations

import base64
import logging

import pytest

from database import Inline
from stories.images.uploader import Worker
from tests.images.cloudflare_standin import (
    PNG,
    Clock,
    Cloudflare,
    Told,
)


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
