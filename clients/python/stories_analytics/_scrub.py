"""Takes people and secrets out of text before it leaves the process.

Emails become [email], addresses [ip], keys, tokens and passwords [secret], a home directory ~;
numbers of people [card], [iban], [phone], [ssn] and [mac]. It would rather take too much than too
little. The rules are in _scrub_rules.py.
"""

from __future__ import annotations

import os
import re
from functools import lru_cache
from typing import Any

from ._scrub_rules import IPV4, QUALIFIED, RULES, SECRET, STRONG

LONGEST = 100_000
_SHORT = 40

_SECRET_NAME = re.compile(
    f"(?:{STRONG}|token|(?:{QUALIFIED})[-_ .]?key|\\Akey)s?\\Z", re.ASCII | re.IGNORECASE
)
# Names whose value says who somebody is, also as a number: pin, user_phone, contactEmail,
# card_number; not microphone, spin or email_sent.
_PERSONAL_NAME = re.compile(
    r"(?:\A|[-_ .]|(?-i:(?<=[a-z])(?=[A-Z])))(?:(?:e-?mail|(?:tele)?phone)s?"
    r"|(?:e-?mail|phone|card)[-_ .]?(?:address|number|no)|pin|pin[-_ .]?code|cvv|cvc|ssn|iban)\Z",
    re.ASCII | re.IGNORECASE,
)
# The shortest that a rule takes from words alone has 14 characters; of digits, an SSN has 11.
_PLAIN = re.compile(r"(?:(?:[A-Za-z0-9_ ]|-(?!-)){0,10}|(?:[A-Za-z_ ]|-(?!-)){0,13})\Z")


def _own_home() -> str:
    """This process's home directory where replacing it is safe ("/" or "/root" say nothing)."""
    home = os.path.expanduser("~")
    return home if home.count(os.sep) >= 2 and len(home) > 6 else ""


_OWN_HOME = _own_home()


def scrub(value: str) -> str:
    """`value` without home directories, emails, addresses, keys, tokens and people's numbers."""
    return _short(value) if len(value) <= _SHORT else _scrubbed(value[:LONGEST])


# Names and the values of enums come again and again, and are most of what is scrubbed.
@lru_cache(maxsize=4096)
def _short(value: str) -> str:
    return _scrubbed(value)


def _scrubbed(value: str) -> str:
    if len(value) < 5 or _PLAIN.match(value):
        return value
    if _OWN_HOME:
        value = value.replace(_OWN_HOME, "~")
    # What one rule leaves may be for another; twice is the rule, more takes contrived text.
    for _ in range(3):
        before, folded = value, value.lower()
        for needles, rule in RULES:
            if any(needle in folded for needle in needles):
                value = rule(value)
        if value == before:
            break
    return value


def member(name: str, value: Any) -> Any:
    """What a member of this name may hold: SECRET instead of a secret, None where that is fine."""
    if not 0 < len(name) < 200:
        return None
    is_number = type(value) in (int, float)
    if _PERSONAL_NAME.search(name) and (is_number or (isinstance(value, str) and value)):
        return SECRET
    if isinstance(value, str) and value:
        if _SECRET_NAME.search(name):
            return SECRET
        if name.lower().endswith("version") and IPV4.fullmatch(value):
            return value
    return None
