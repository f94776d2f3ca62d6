"""The family of a platform: as the expressions tell it that the function had until migration 024."""

from __future__ import annotations

import re

from database import Database, Inline

FAMILIES = {
    "macOS": r"darwin|mac|osx",
    "Windows": r"win",
    "Android": r"android",
    "iOS": r"ios|ipados|iphone|ipad",
    "Linux": r"linux|ubuntu|debian|fedora|centos|rhel|arch|manjaro|mint|alpine|suse|opensuse",
}
ODD = (
    "\n",
    " darwin",
    "xmac",
    "freebsd",
    "other",
    "İOS",
    "oſx",
    "DARWİN",
    "%win",
    "_mac",
    "\\mac",
    "mac\n",
)


def family(platform: str) -> str | None:
    if not platform:
        return None
    for name, beginnings in FAMILIES.items():
        if re.match(beginnings, platform, re.IGNORECASE | re.ASCII):
            return name
    return "other"


def test_a_platform_is_told_by_how_it_begins_in_any_case(database: Database) -> None:
    beginnings = [each for names in FAMILIES.values() for each in names.split("|")]
    platforms = ["", *ODD]
    for each in beginnings:
        platforms += [each, each.upper(), each.title(), each + "-24.6.0 ü", each[:-1], each[1:]]
    with database.transaction(read_only=True) as tx:
        rows = tx.rows(
            Inline(
                "select platform, platform_family(platform) from unnest(%(all)s::text[]) as platform"
            ),
            all=platforms,
        )
    assert len(rows) == len(platforms)
    assert {row["platform"]: row["platform_family"] for row in rows} == {
        platform: family(platform) for platform in platforms
    }
