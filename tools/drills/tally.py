"""After a drill: what was sent beside what is stored, and the rollups beside a recount."""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import dataclass, field

from database import Database
from stories.apps import Apps
from stories.rollups import recount
from tools.benchmarks.place import query
from tools.benchmarks.table import Section
from tools.drills.load import Memory

# Every event's properties, whether the event is a row or in a chunk.
PROPERTIES = "(select properties from events union all select properties from unpacked_events)"
EVENTS = "(select (select count(*) from events) + (select coalesce(sum(n), 0) from event_chunks))"
FOLD_SECONDS = 120.0  # for the running server to fold what waits
QUIET_SECONDS = 1.0

HEAD = ("drill", "faults", "sent", "acked", "refused", "no answer", "stored", "lost", "doubled",
        "recount", "outage", "slowest", "seconds")  # fmt: skip
NOTE = (
    "sent, acked, stored: events and crashes. refused: answers of 429 or 503 with Retry-After. "
    "no answer: connections that broke or were refused. outage: the longest time in which "
    "nothing was acknowledged, the fault's own included. slowest: the slowest answer of any kind. "
    "Seconds. What was refused or unanswered was sent again."
)


@dataclass
class Tally:
    """One drill's line. problems: why it is off; none when all is well."""

    drill: str
    faults: int = 0
    memory: Memory = field(default_factory=Memory)
    stored: int = 0
    lost: int = 0
    doubled: int = 0
    recount: str = "–"
    seconds: float = 0.0
    problems: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def row(self) -> tuple[str, ...]:
        memory = self.memory
        return (
            self.drill, str(self.faults), f"{len(memory.sent):,}", f"{memory.acked:,}",
            f"{memory.refused:,}", f"{memory.unknown + memory.unreached:,}", f"{self.stored:,}",
            str(self.lost), str(self.doubled), self.recount, f"{memory.outage:.1f}",
            f"{memory.slowest:.1f}", f"{self.seconds:.0f}",
        )  # fmt: skip


def section(tallies: list[Tally]) -> Section:
    notes = [NOTE]
    for tally in tallies:
        notes += [f"- **{tally.drill}**: {text}" for text in tally.notes]
        notes += [f"- **{tally.drill} is off**: {text}" for text in tally.problems]
    rows = [tally.row() for tally in tallies]
    return Section("Tally", HEAD, rows, "\n".join([notes[0], "", *notes[1:]]))


def count(tally: Tally, dsn: str) -> None:
    """Fill in what the database at `dsn` says. The servers still run: that what waited is folded is
    theirs to do."""
    problems, memory = tally.problems, tally.memory
    if memory.wrong:
        problems += [f"{times} times {text}" for text, times in memory.wrong.most_common(5)]
    if not memory.acked:
        problems.append("nothing was acknowledged")
    if not is_folded(dsn):
        problems.append("the servers do not fold what waits")
    stored = _stored(dsn, tally)
    acked = memory.events | memory.crashes.keys()
    tally.stored = stored.total()
    tally.lost = len(acked - stored.keys())
    tally.doubled = sum(times - 1 for times in stored.values())
    if tally.lost or tally.doubled:
        problems.append(f"{tally.lost} lost, {tally.doubled} doubled")
    if strangers := len(stored.keys() - memory.sent):
        problems.append(f"{strangers} are stored that were never sent")
    check_recount(tally, dsn)
    _check_sums(tally, dsn)


def is_folded(dsn: str) -> bool:
    """Waits until nothing is left to fold and nothing comes any more: of clients that gave up, a server
    may still find requests in its sockets."""
    deadline = time.monotonic() + FOLD_SECONDS
    before: tuple[int, ...] = ()
    while time.monotonic() < deadline:
        waiting, *stored = query(
            dsn,
            "select (select count(*) from outbox), (select count(*) from events), "
            "(select count(*) from crashes)",
        )[0]
        if not waiting and tuple(stored) == before:
            return True
        before = tuple(stored)
        time.sleep(QUIET_SECONDS)
    return False


def _stored(dsn: str, tally: Tally) -> Counter[int]:
    """How often each number is stored; crashes must have the id that was answered for them."""
    stored: Counter[int] = Counter()
    for number, times in query(
        dsn,
        f"select (properties->>'drill')::bigint, count(*) from {PROPERTIES} as held group by 1",
    ):
        stored[number] += times
    for number, key in query(
        dsn, "select substring(error_message from '[0-9]+$')::bigint, dedupe_key from crashes"
    ):
        stored[number] += 1
        answered = tally.memory.crashes.get(number)
        if answered not in (None, f"{key & 0xFFFF_FFFF_FFFF_FFFF:016x}"):
            tally.problems.append(f"crash {number} has another id than was answered")
    return stored


def check_recount(tally: Tally, dsn: str) -> None:
    """`recount` finds no difference."""
    database = Database(dsn, 2)
    report = recount.check(database, Apps(database, 365))
    database.close()
    differences = {name: n for name, n in report["differences"].items() if n}
    tally.recount = "differs" if differences or tally.recount == "differs" else "clean"
    if differences:
        tally.problems.append(f"the recount differs: {differences} {report['examples'][:3]}")


def _check_sums(tally: Tally, dsn: str) -> None:
    """The plainest sums, which need no recount to be believed."""
    problems = tally.problems
    sums = query(
        dsn,
        f"select {EVENTS}, "
        "(select coalesce(sum(n), 0) from daily_events where dim = 'none'), "
        "(select coalesce(sum(events), 0) from users), (select count(*) from crashes), "
        "(select coalesce(sum(n), 0) from daily_crashes where dim = 'none'), "
        "(select count(*) from set_aside)",
    )[0]
    events, in_days, of_people, crashes, crashes_in_days, aside = map(int, sums)
    if not events == in_days == of_people or crashes != crashes_in_days or aside:
        problems.append(f"the rollups' sums are off: {sums}")
