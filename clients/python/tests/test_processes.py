"""Processes that are killed, fork, or simply end."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from standin import MakeClient, StandIn

PACKAGE = Path(__file__).parents[1]
pytestmark = pytest.mark.skipif(os.name != "posix", reason="signals and fork are POSIX")

HEADER = """
import os, sys, time
from stories_analytics import Client
client = Client({url!r}, queue_path={queue!r}, timeout=5.0, **{options!r})
"""


def run(server: StandIn, tmp_path: Path, code: str, **options: Any) -> subprocess.Popen[str]:
    header = HEADER.format(url=server.url, queue=str(tmp_path / "queue"), options=options)
    return subprocess.Popen(
        [sys.executable, "-c", header + code],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(PACKAGE)},
    )


@pytest.mark.parametrize("survives", [0.05, 0.15, 0.3, 0.6])
def test_sigkill_in_the_middle_of_a_flush_loses_and_doubles_nothing_durable(
    make_client: MakeClient, server: StandIn, tmp_path: Path, survives: float
) -> None:
    server.faults.extend(["ok", "lost", "slow"] * 3)
    child = run(
        server,
        tmp_path,
        """
number = 0
while True:
    client.track("app_opened", {"number": number})
    print(number, flush=True)
    number += 1
""",
        durable=True,
        flush_at=50,
        flush_interval=0.02,
    )
    with child:
        assert child.stdout is not None
        child.stdout.readline()
        time.sleep(survives)
        child.kill()
        printed = [0, *(int(line) for line in child.stdout.read().split("\n")[:-1])]
    server.faults.clear()
    client = make_client()
    wait_for_empty_queue(client)
    numbers = sorted(event["properties"]["number"] for event in server.items("event"))
    assert len(numbers) == len(set(numbers))
    assert set(printed) <= set(numbers)


def test_sigkill_a_moment_after_track_loses_nothing(
    make_client: MakeClient, server: StandIn, tmp_path: Path
) -> None:
    child = run(
        server,
        tmp_path,
        """
for number in range(500):
    client.track("app_opened", {"number": number})
client._writer.drain(5.0)   # what the writer does within 100 ms
print("written", flush=True)
time.sleep(60)
""",
        flush_interval=60.0,
        flush_at=100_000,
    )
    assert child.stdout is not None
    assert child.stdout.readline() == "written\n"
    child.send_signal(signal.SIGKILL)
    child.communicate()
    assert server.items("event") == []
    wait_for_empty_queue(make_client())
    assert len(server.items("event")) == 500


def test_it_flushes_at_exit(server: StandIn, tmp_path: Path) -> None:
    child = run(server, tmp_path, "client.track('app_opened')", flush_interval=60.0)
    assert child.communicate(timeout=60)[1] == ""
    assert child.returncode == 0
    assert len(server.items("event")) == 1


def test_exit_waits_no_longer_than_its_limit_and_keeps_what_is_left(
    make_client: MakeClient, server: StandIn, tmp_path: Path
) -> None:
    server.faults.append("slow")  # 3 s
    child = run(
        server,
        tmp_path,
        """
import atexit
client.track('app_opened')
began = time.monotonic()
import stories_analytics._fork as f
f._at_exit()
print(time.monotonic() - began)
""",
        flush_at_exit=0.5,
    )
    out, err = child.communicate(timeout=60)
    assert err == ""
    assert float(out) < 2.5
    wait_for_empty_queue(make_client())
    assert len(server.items("event")) == 1


def test_tracking_while_the_interpreter_closes_neither_raises_nor_loses(
    make_client: MakeClient, server: StandIn, tmp_path: Path
) -> None:
    child = run(
        server,
        tmp_path,
        """
import atexit
class Late:
    def __del__(self):
        client.track("app_opened")
atexit.register(lambda: client.track("recording_started"))
late = Late()
sys.modules["keep"] = late
""",
    )
    assert child.communicate(timeout=60)[1] == ""
    wait_for_empty_queue(make_client())
    assert len(server.items("event")) == 1  # the atexit one; after our own exit nothing is taken


@pytest.mark.parametrize("durable", [False, True])
def test_forked_workers_send_their_own_and_only_once(
    make_client: MakeClient, server: StandIn, tmp_path: Path, durable: bool
) -> None:
    child = run(
        server,
        tmp_path,
        """
for number in range(50):
    client.track("app_opened", {"who": "parent", "number": number})
workers = []
for worker in range(4):
    pid = os.fork()
    if pid == 0:
        for number in range(200):
            client.track("app_opened", {"who": worker, "number": number})
            if number % 50 == 0: time.sleep(0.03)
        sys.exit(0)
    workers.append(pid)
    client.track("app_opened", {"who": "parent", "number": 1000 + worker})
for pid in workers:
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0
""",
        durable=durable,
        flush_at=20,
        flush_interval=0.05,
    )
    assert child.communicate(timeout=60)[1] == ""
    wait_for_empty_queue(make_client())
    seen = [(e["properties"]["who"], e["properties"]["number"]) for e in server.items("event")]
    assert len(seen) == len(set(seen)) == 54 + 800


def test_a_worker_that_ends_without_goodbye_leaves_its_events_to_the_others(
    make_client: MakeClient, server: StandIn, tmp_path: Path
) -> None:
    child = run(
        server,
        tmp_path,
        """
client.track("app_opened", {"who": "parent"})
client._writer.drain(5.0)
pid = os.fork()
if pid == 0:
    client.track("app_opened", {"who": "child"})
    client._writer.drain(20.0)
    os._exit(0)
os.waitpid(pid, 0)
""",
        flush_interval=60.0,
    )
    assert child.communicate(timeout=60)[1] == ""
    wait_for_empty_queue(make_client())
    assert sorted(e["properties"]["who"] for e in server.items("event")) == ["child", "parent"]


def test_processes_that_share_a_file_send_each_item_once(
    make_client: MakeClient, server: StandIn, tmp_path: Path
) -> None:
    code = """
for number in range(400):
    client.track("app_opened", {"who": os.getpid(), "number": number})
    if number % 100 == 0: time.sleep(0.02)
"""
    children = [run(server, tmp_path, code, flush_at=50, flush_interval=0.05) for _ in range(4)]
    for child in children:
        assert child.communicate(timeout=60)[1] == ""
    wait_for_empty_queue(make_client())
    assert len(server.items("event")) == 1_600
    assert sum(len(body) > 0 for path, body in server.deliveries if path == "/track") < 200


def wait_for_empty_queue(client: Any) -> None:
    deadline = time.monotonic() + 30
    while not client.flush(2.0) or client.stats().pending:
        assert time.monotonic() < deadline, client.stats()
        time.sleep(0.05)
