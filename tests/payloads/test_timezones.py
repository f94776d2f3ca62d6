"""The country of a time zone, where it says one."""

from __future__ import annotations

from zoneinfo import available_timezones

import pytest

from stories.payloads.timezones import FORMER, country_of


@pytest.mark.parametrize(
    ("zone", "country"),
    [
        ("Europe/Berlin", "DE"),
        ("Europe/Copenhagen", "DK"),
        ("America/New_York", "US"),
        ("Asia/Kolkata", "IN"),
        ("Asia/Calcutta", "IN"),
        ("Europe/Kiev", "UA"),
        ("Africa/Asmera", "ER"),
        ("US/Pacific", "US"),
    ],
)
def test_a_zone_of_one_country_names_it(zone, country):
    assert country_of(zone) == country


@pytest.mark.parametrize("zone", ["UTC", "Etc/GMT+3", "CET", "EST5EDT", "GMT", "", None, "x" * 1000,
                                  "europe/berlin", "Europe/Berlin\n", "Mars/Base"])  # fmt: skip
def test_what_says_none_has_none(zone):
    assert country_of(zone) is None


def test_every_former_name_is_a_zone_still():
    assert set(FORMER) <= available_timezones()
    for country in FORMER.values():
        assert len(country) == 2
