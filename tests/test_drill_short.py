"""A short cut of the drills: one kill of each kind, a backend that hangs and a deployment, one after
another under load. `make drill` has the long ones."""

from __future__ import annotations

from drills.deploy import reload
from drills.hang import stop_backend
from drills.kills import KINDS, kill
from drills.scene import Scene

# Nobody pulls the plug here: what a killed process has written stays in the kernel.
FAST = {"fsync": "off", "full_page_writes": "off"}


def test_what_was_acknowledged_is_stored_and_counted_once_whatever_is_killed_meanwhile() -> None:
    with Scene("short", 7) as scene:
        postgres = scene.postgres(settings=FAST)
        server = scene.server(postgres.dsn).wait()
        load = scene.load(server)
        for kind in KINDS:
            assert load.wait_for_answers(20), f"nothing is answered before a {kind} is killed"
            kill(kind, scene, postgres, server)
        assert load.wait_for_answers(20), "nothing is answered after the kills"
        stop_backend(scene, postgres, (2.0, 2.0))
        assert load.wait_for_answers(20), "nothing is answered after a backend hung"
        reload(server)
        scene.finish(postgres.dsn)
    tally = scene.tally
    assert tally.problems == []
    assert (tally.lost, tally.doubled, tally.recount) == (0, 0, "clean")
    assert tally.stored == len(tally.memory.sent) > 100
    assert tally.memory.unknown + tally.memory.unreached > 0  # somebody noticed the kills
