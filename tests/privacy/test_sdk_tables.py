"""What docs/PRIVACY_TELEMETRY.md says is kept of SDKs of others is what their adapters keep."""

from __future__ import annotations

import re

import pytest

from stories.config import ROOT
from stories.intake.adapters import aptabase, crashpad, posthog_fields, segment

TABLES = {
    "PostHog": posthog_fields.KEPT,
    "Segment": segment.KEPT,
    "Aptabase": aptabase.KEPT,
    "Crashpad": crashpad.KEPT,
}


@pytest.mark.parametrize("name", TABLES)
def test_the_table_is_that_of_the_adapter(name):
    document = (ROOT / "docs" / "PRIVACY_TELEMETRY.md").read_text(encoding="utf-8")
    part = re.split(r"\n##+ ", document.partition(f"\n### {name}\n")[2])[0]
    rows = [line.strip("| ").split(" | ") for line in part.splitlines() if line.startswith("|")]
    shown = {field.strip("`"): becomes for field, becomes in rows[2:]}
    assert shown == TABLES[name]


@pytest.mark.parametrize("name", TABLES)
def test_every_field_of_the_table_is_read(name):
    """A line of a table that no code looks at would promise what does not happen."""
    folder = ROOT / "stories" / "intake" / "adapters"
    stem = name.lower()
    code = "".join(path.read_text(encoding="utf-8") for path in sorted(folder.glob(f"{stem}*.py")))
    code = re.sub(r"KEPT = \{.*?\n\}", "", code, flags=re.DOTALL)
    for field in TABLES[name]:
        if " " not in field:
            assert f'"{field.rpartition(".")[2]}"' in code, field
