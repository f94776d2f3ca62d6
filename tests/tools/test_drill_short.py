"""A short cut of the drills: one kill of each kind, a backend that hangs and a deployment, one after
another under load. `make drill` has the long ones."""

from __future__ import annotations

import pytest

from tools.drills import __main__ as drills
from tools.drills.deploy import reload
from tools.drills.hang import stop_backend
from tools.drills.kills import KINDS, kill
from tools.drills.load import Batch, Memory
from tools.drills.offer import offer
from tools.drills.scene import Scene
from tools.drills.tally import Tally
from tools.server import free_port

# Nobody pulls the plug here: what a killed process has written stays in the kernel.
FAST = {"fsync": "off", "full_page_writes": "off"}


def test_what_was_acknowledged_is_stored_and_counted_once_whatever_is_killed_meanwhile() -> None:
    with Scene("short", 7) as scene:
        postgres = scene.postgres(settings=FAST)
        server = scene.server(postgres.dsn).wait()
        load = scene.load(server)
        packing = scene.packing(postgres.dsn)
        for kind in KINDS:
            assert load.wait_for_answers(20), f"nothing is answered before a {kind} is killed"
            kill(kind, scene, postgres, server, packing)
        assert load.wait_for_answers(20), "nothing is answered after the kills"
        stop_backend(scene, postgres, (2.0, 2.0))
        assert load.wait_for_answers(20), "nothing is answered after a backend hung"
        reload(server)
        assert packing.stop(), packing.log_end()
        assert not packing.is_damaged()
        scene.finish(postgres.dsn)
    tally = scene.tally
    assert tally.problems == []
    assert (tally.lost, tally.doubled, tally.recount) == (0, 0, "clean")
    assert tally.stored == len(tally.memory.sent) > 100
    assert tally.memory.unknown + tally.memory.unreached > 0  # somebody noticed the kills


@pytest.mark.parametrize(("names", "written"), [([], True), (["clock"], False)])
def test_all_drills_write_their_tally_into_the_document_and_named_ones_do_not(
    monkeypatch, tmp_path, names, written
):
    page = tmp_path / "DRILLS.md"
    before = "by hand\n<!-- bench: begin -->\nold\n<!-- bench: end -->\nby hand, too\n"
    page.write_text(before)
    monkeypatch.setattr(drills, "DOCUMENT", page)
    monkeypatch.setattr(drills, "DRILLS", dict.fromkeys(("clock", "disk")))
    monkeypatch.setattr(drills, "run", lambda name, seed: Tally(name))
    monkeypatch.setattr("sys.argv", ["drills", *names, "--seed", "1"])
    assert drills.main() == 0
    text = page.read_text()
    if not written:
        assert text == before
        return
    assert text.startswith("by hand\n<!-- bench: begin -->\n\nseed 1")
    assert text.endswith("<!-- bench: end -->\nby hand, too\n")
    assert "| clock " in text
    assert "| disk " in text
    assert "old" not in text


def test_what_could_not_be_sent_is_not_taken_for_sent() -> None:
    memory, batch = Memory(), Batch("/track", b"{}", [1])
    offer(free_port(), [batch], memory, 100.0)
    assert (memory.sent, memory.unknown, memory.unreached) == (set(), 0, 1)
