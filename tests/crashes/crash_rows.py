"""What the tests of issues share: crashes of a group straight into the append, and issues as plain
values."""

from __future__ import annotations

import itertools
from datetime import datetime
from hashlib import blake2b
from typing import Any
from uuid import UUID

from stories.payloads.crash import HandledRow
from stories.web.services import Services
from tests.rollup_tables import crash_row, event_row, person, run, values

NAMED = """insert into group_names
values (%(app)s, %(fingerprint)s, %(title)s, %(culprit)s, 'main_crash', %(raw)s, %(handled)s, '{}', '{}')
on conflict do nothing"""


def fingerprint(name: str) -> bytes:
    return blake2b(name.encode(), digest_size=16).digest()


def crash(
    services: Services,
    group: str,
    when: datetime,
    who: int | UUID = 1,
    version: str | None = "1.0",
    *,
    app_id: int = 1,
    raw: bool = False,
    also: tuple[str, ...] = (),
    received: datetime | None = None,
    **more: Any,
) -> None:
    """One crash of the group of this name, stored and not yet folded. received: when it arrived, if
    not at `when`."""
    row = crash_row(
        who if isinstance(who, UUID) else person(who),
        when,
        app_id,
        app_version=version or "",
        fingerprint=fingerprint(group),
        also=[fingerprint(name) for name in also] or None,
        **more,
    )
    name_group(services, group, app_id, raw)
    services.crashes.append([row])
    run(
        services.database,
        "update crashes set received_at = %(received)s "
        "where (user_id, timestamp, dedupe_key) = (%(who)s, %(when)s, %(key)s)",
        received=received or when,
        who=row.user_id,
        when=when,
        key=row.dedupe_key,
    )


def handled_error(
    services: Services, group: str, when: datetime, who: int = 1, version: str | None = "1.0"
) -> None:
    """One handled error of the group of this name, stored and not yet folded."""
    row = event_row(
        person(who),
        when,
        "error_handled",
        app_version=version,
        properties={"fingerprint": fingerprint(group).hex(), "type": "TypeError"},
    )
    columns = {name: getattr(row, name) for name in row.__struct_fields__}
    name_group(services, group, 1, handled=True)
    services.handled_errors.append([HandledRow(**columns, detail={"error_message": "gone"})])


def name_group(
    services: Services, group: str, app_id: int = 1, raw: bool = False, handled: bool = False
) -> None:
    run(
        services.database,
        NAMED,
        app=app_id,
        fingerprint=fingerprint(group),
        title=group,
        culprit=f"in {group}",
        raw=raw,
        handled=handled,
    )


def issues(services: Services, *columns: str) -> list[Any]:
    """These columns of all issues, by number; of one column its values."""
    rows = values(
        services.database, f"select {', '.join(columns)} from issues order by app_id, number"
    )
    return [row[0] for row in rows] if len(columns) == 1 else rows


def issue(services: Services, title: str, *columns: str) -> Any:
    """The columns of the issue of this title; of one column its value."""
    [row] = values(
        services.database,
        f"select {', '.join(columns)} from issues where title = %(title)s",
        title=title,
    )
    return row[0] if len(columns) == 1 else row


def issue_id(services: Services, title: str) -> int:
    number: int = issue(services, title, "issue_id")
    return number


def log_of(services: Services, title: str) -> list[tuple[str, str]]:
    """What happened to an issue and who did it, in order."""
    return values(
        services.database,
        "select what, who from issue_log join issues using (issue_id) where title = %(title)s "
        "order by entry_id",
        title=title,
    )


_numbers = itertools.count()


def letters(count: int) -> list[str]:
    """So many names that no group has yet."""
    return [f"fault {next(_numbers)}" for _ in range(count)]
