"""The country of a time zone's name, as an SDK sends it: Europe/Berlin is DE.

Of a zone that lies in two countries, and of UTC and the like, there is none. The table is that of the
package tzdata, which is pinned: systems have different ones, and some none.
"""

from __future__ import annotations

from functools import cache
from importlib import resources

MAX_NAME = 64  # characters; the longest name has half of that

# Names of before that browsers and systems go on sending. tzdata leads them to zones of other countries
# too (Africa/Asmera to Nairobi), so the ones that are sent stand here.
FORMER = {
    "Africa/Asmera": "ER",
    "America/Buenos_Aires": "AR",
    "America/Catamarca": "AR",
    "America/Cordoba": "AR",
    "America/Jujuy": "AR",
    "America/Mendoza": "AR",
    "America/Coral_Harbour": "CA",
    "America/Fort_Wayne": "US",
    "America/Godthab": "GL",
    "America/Indianapolis": "US",
    "America/Louisville": "US",
    "America/Montreal": "CA",
    "America/Pangnirtung": "CA",
    "America/Thunder_Bay": "CA",
    "Asia/Calcutta": "IN",
    "Asia/Dacca": "BD",
    "Asia/Katmandu": "NP",
    "Asia/Macao": "MO",
    "Asia/Rangoon": "MM",
    "Asia/Saigon": "VN",
    "Asia/Tel_Aviv": "IL",
    "Asia/Ujung_Pandang": "ID",
    "Atlantic/Faeroe": "FO",
    "Europe/Kiev": "UA",
    "Europe/Uzhgorod": "UA",
    "Europe/Zaporozhye": "UA",
    "Pacific/Enderbury": "KI",
    "Pacific/Ponape": "FM",
    "Pacific/Truk": "FM",
    "US/Alaska": "US",
    "US/Arizona": "US",
    "US/Central": "US",
    "US/Eastern": "US",
    "US/Hawaii": "US",
    "US/Mountain": "US",
    "US/Pacific": "US",
}


def country_of(timezone: str | None) -> str | None:
    """Two letters; None for a name that is no zone's, or a zone of more than one country."""
    if not timezone or len(timezone) > MAX_NAME:
        return None
    return _countries().get(timezone)


@cache
def _countries() -> dict[str, str]:
    """Read at first use: 420 lines, 19 KB."""
    table = resources.files("tzdata").joinpath("zoneinfo/zone.tab").read_text("utf-8")
    countries: dict[str, str] = {}
    shared = set()
    for line in table.splitlines():
        if not line.startswith("#"):
            country, _, zone = line.split("\t")[:3]
            if countries.setdefault(zone, country) != country:
                shared.add(zone)
    return {zone: country for zone, country in (FORMER | countries).items() if zone not in shared}
