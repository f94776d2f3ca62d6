"""The job `thin`: a hundred crashes of a group are kept whole, of the others the row, which counts."""

from __future__ import annotations

from database import Database
from stories.apps import Apps

KEPT = 100  # whole crashes of a group; as many whole handled errors


def thin(database: Database, apps: Apps) -> int:
    """Returns how many crashes and handled errors lost their stack."""
    with database.transaction() as tx:
        groups = tx.rows("crashes/thin_groups", most=KEPT)
    thinned = 0
    for name, cases in (
        ("crashes/thin_crashes", groups),
        ("crashes/thin_errors", [{"app_id": app.app_id} for app in apps.all()]),
    ):
        for case in cases:
            with database.transaction(seconds=None) as tx:
                tx.script_named("crashes/thin_tables")
                number = tx.run(name, **case, most=KEPT)
                if number:
                    tx.script_named("crashes/thin_out")
                thinned += number
    return thinned
