"""A thousand messages while the process that sends them is killed: each arrives, and twice only with the
same id."""

from __future__ import annotations

import os
import signal
import time
from collections import Counter
from contextlib import suppress

from database import Database, Inline
from stories.alerts import sending
from stories.alerts.messages import enqueue
from stories.config import Config
from stories.operation import migrate
from stories.operation.process import Process
from tests.alerts.receivers import mail_server, webhook
from tools.drills.scene import Scene

EACH = {"mail": 500, "ok": 400, "slow": 100}
KILLS = 6
MOST_SECONDS = 300.0
CONTENT = {
    "rule": "Drill", "app": None, "more": 0, "since": "now", "link": "/dashboard/alerts",
    "lines": [{"text": "Something happened", "link": "/dashboard/alerts"}],
}  # fmt: skip
PLACE = """/* drill */
insert into destinations (name, kind, address, secret, created_by)
values (%(name)s, %(kind)s, %(address)s, 'secret', 'drill') returning destination_id"""
# What a killed process had claimed is free two minutes later; the drill does not wait for that.
FREE = "/* drill */ update messages set claimed_until = now() where sent_at is null"
LEFT = "/* drill */ select count(*) from messages where sent_at is null"
IDS = "/* drill */ select message_id::text as id from messages"


def messages(scene: Scene) -> None:
    database = Database(scene.postgres().dsn, 4)
    scene.at_end(database.close)
    migrate.migrate(database)
    sender = Process("messages")
    scene.at_end(sender.stop)
    with mail_server() as (mailbox, url), webhook() as hook:
        config = Config(smtp_url=url, mail_from="a@example.com", alert_private_targets=True)
        addresses = {"mail": "team@example.com", "ok": f"{hook.url}/ok", "slow": f"{hook.url}/slow"}
        with database.transaction() as tx:
            for name, count in EACH.items():
                kind = "email" if name == "mail" else "webhook"
                place = tx.value(Inline(PLACE), name=name, kind=kind, address=addresses[name])
                for number in range(count):
                    enqueue(tx, place, "firing", f"drill:{name}:{number}", CONTENT)
        until, left = time.monotonic() + MOST_SECONDS, sum(EACH.values())
        while left and time.monotonic() < until:
            sending.start(config, database.dsn, sender)
            scene.pause(2.0, 5.0)
            if scene.tally.faults < KILLS and sender.pid is not None:
                with suppress(ProcessLookupError):
                    os.kill(sender.pid, signal.SIGKILL)
                    scene.fault()
                while sender.is_running():
                    time.sleep(0.01)
                with database.transaction() as tx:
                    tx.run(Inline(FREE))
            with database.transaction() as tx:
                left = tx.value(Inline(LEFT))
        with database.transaction() as tx:
            ids = {row["id"] for row in tx.rows(Inline(IDS))}
        mails = [each["Message-ID"].strip("<>").partition("@")[0] for each in mailbox.mails]
        taken = Counter([*mails, *hook.keys("/ok"), *hook.keys("/slow")])
    twice = sum(count - 1 for count in taken.values())
    scene.expect(not left, f"{left} messages were not sent")
    scene.expect(taken.keys() == ids, f"{len(ids - taken.keys())} messages never arrived")
    scene.expect(twice <= scene.tally.faults * len(EACH), f"{twice} arrived more often than once")
    scene.note(f"{len(ids)} messages, each arrived; {twice} twice, with the id that they had")
