"""The crashes of an issue that are stored, each with its stack read as frames."""

from __future__ import annotations

from typing import Any

import msgspec

from database import Row, Transaction
from stories.crashes.frames import Link
from stories.crashes.grouping import group

KEYS = ("timestamp", "user_id", "dedupe_key")


def read_page(
    tx: Transaction,
    issue_id: int,
    *,
    kept: bool | None,
    ascending: bool,
    after: tuple[Any, ...] | None,
    limit: int,
) -> list[Row]:
    """kept: only crashes that are stored whole, or only thin ones. after: KEYS of the last row of
    the page before."""
    last = after or (None, None, None)
    return tx.rows(
        "crashes/issue_crashes",
        issue_id=issue_id,
        kept=kept,
        ascending=ascending,
        last_timestamp=last[0],
        last_user_id=last[1],
        last_key=last[2],
        limit=limit,
    )


def chain_of(row: Row) -> list[dict[str, Any]]:
    """The error and its causes, each {type, message, frames: [all fields of a Frame]}, as an SDK sent
    them, else read from the stack."""
    sent = (row["detail"] or {}).get("chain")
    grouping = group(
        row["crash_type"],
        row["error_message"] or "",
        row["stack_trace"],
        chain=msgspec.convert(sent, list[Link]) if sent else None,
    )
    return [
        {
            "type": link.type,
            "message": link.message,
            "frames": [msgspec.structs.asdict(frame) for frame in link.frames],
        }
        for link in grouping.chain
    ]
