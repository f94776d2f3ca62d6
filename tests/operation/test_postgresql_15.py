"""The oldest PostgreSQL that is supported: the whole way, from the migrations to an erasure."""

from __future__ import annotations

from app import create_app
from database import Database
from stories.config import Config
from stories.operation import local_postgres, migrate
from stories.rollups import recount
from stories.storage import partitions
from tests.support import PERSON, basic, crash, event, postgresql_15


def test_it_works_on_postgresql_15():
    auth = basic("admin", "admin")
    with local_postgres.throwaway({"fsync": "off"}, binaries=postgresql_15()) as server:
        database = Database(server.dsn, 4)
        migrate.migrate(database)
        partitions.ensure_all(database, 365)
        app = create_app(Config(ratelimit_enabled=False, run_jobs=False), server.dsn)
        client, services = app.test_client(), app.extensions["stories"]
        batch = [event(id=f"id-{n}") for n in range(50)]
        assert client.post("/track", json={"events": batch}).get_json()["events_stored"] == 50
        assert client.post("/track", json={"events": batch}).get_json()["duplicates"] == 50
        assert client.post("/crash", json=crash()).status_code == 200
        answer = client.get("/stats?period=7d&include=growth,usage,stability", headers=auth)
        assert answer.get_json()["summary"]["active_users_7d"] == 1
        found = recount.check(services.database, services.apps)
        assert not any(found["differences"].values())
        assert client.post("/cleanup", headers=auth).status_code == 200
        erased = client.delete(f"/users/{PERSON}", headers=auth).get_json()["deleted"]
        assert (erased["events"], erased["crashes"]) == (50, 1)
        services.database.close()
        database.close()
