"""How much room an event and a crash take, with their indexes, and what the rollups add."""

from __future__ import annotations

from typing import Any

from stories.storage.sizes import kind
from tools.benchmarks.place import query

# Size by table, partitions under their parent: the heap with TOAST, and the indexes.
_SIZES = """
select coalesce(parent.relname, child.relname) as name,
       sum(pg_table_size(child.oid))::bigint as heap,
       sum(pg_indexes_size(child.oid))::bigint as indexes
from pg_class as child
left join pg_inherits on inhrelid = child.oid
left join pg_class as parent on parent.oid = inhparent
where child.relkind = 'r' and child.relnamespace = 'public'::regnamespace
group by 1
order by 2 desc
"""


def sizes(dsn: str) -> dict[str, Any]:
    """{"event", "event_heap", "event_indexes", "crash", "rollups" (per event; as Settings counts them,
    without the outbox): bytes, "tables": {name: bytes}, "events", "crashes": rows}."""
    events, crashes = query(
        dsn, "select (select count(*) from events), (select count(*) from crashes)"
    )[0]
    tables = {name: (heap, indexes) for name, heap, indexes in query(dsn, _SIZES)}
    heap, indexes = tables["events"]
    rollups = sum(
        sum(both) for name, both in tables.items() if kind(name) == "rollups" and name != "outbox"
    )
    return {
        "events": events,
        "crashes": crashes,
        "event": (heap + indexes) / events,
        "event_heap": heap / events,
        "event_indexes": indexes / events,
        "crash": sum(tables["crashes"]) / crashes if crashes else None,
        "rollups": rollups / events,
        "tables": {name: sum(both) for name, both in tables.items()},
    }
