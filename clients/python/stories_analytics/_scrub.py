"""Takes people and secrets out of text before it leaves the process.

It would rather take too much than too little. Every repetition is bounded, so that hostile text
costs time in proportion to its length only.
"""

from __future__ import annotations

import os
import re

LONGEST = 100_000

# A user's directory: up to the next separator when there is one (names may hold spaces), up to the
# closing quote when quoted, otherwise one word and the capitalised words after it ("John Smith").
_NAME_BEFORE_SLASH = r"[^/\\\n\"'<>|:*?]{1,80}(?=[/\\])"
_NAME_AT_END = r"[^\s/\\\"'<>|:*?,;()\[\]]{1,80}(?: [A-Z][\w.-]{0,40}){0,3}"
_HOME = re.compile(
    r"(?:file:/{2,3})?"
    r"(?:[A-Za-z]:)?(?:/|\\{1,4})(?:Users|home|Documents and Settings)(?:/|\\{1,4})"
    rf"(?:(?<=[\"'].)[^\"'\n/\\]{{1,80}}(?=[\"'])|{_NAME_BEFORE_SLASH}|{_NAME_AT_END})",
)
_EMAIL = re.compile(
    r"[A-Za-z0-9._%+-]{1,64}(?:@|%40)[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,6}"
)
_URL_LOGIN = re.compile(r"(?<=://)[^/\s:@]{0,80}:[^/\s@]{1,200}@")
_PRIVATE_KEY = re.compile(
    r"-----BEGIN [A-Z ]{0,40}PRIVATE KEY-----[^-]{0,10000}"
    r"(?:-----END [A-Z ]{0,40}PRIVATE KEY-----)?"
)
_JWT = re.compile(r"\beyJ[\w-]{8,4000}\.[\w-]{4,4000}(?:\.[\w-]{0,4000})?")
_BEARER = re.compile(r"(?i)\b(bearer|basic|token)(\s{1,4})[A-Za-z0-9._~+/=-]{8,4000}")
_KNOWN = re.compile(
    r"\b(?:sk|pk|rk)[-_][A-Za-z0-9_-]{16,200}"  # OpenAI, Stripe
    r"|\bgh[pousr]_[A-Za-z0-9]{20,255}|\bgithub_pat_\w{20,255}|\bglpat-[\w-]{16,64}"
    r"|\bxox[abeoprs]-[A-Za-z0-9-]{10,200}"  # Slack
    r"|\b(?:AKIA|ASIA)[A-Z0-9]{16}\b|\bAIza[\w-]{35}|\bya29\.[\w-]{20,400}"  # AWS, Google
    r"|\b\d{8,12}:AA[\w-]{30,40}"  # Telegram bots
    r"|\bSG\.[\w-]{16,64}\.[\w-]{16,64}|\bhf_[A-Za-z0-9]{20,64}|\bnpm_[A-Za-z0-9]{30,64}"
)
_NAMED = re.compile(
    r"(?i)([\w-]{0,40}(?:api[_-]?key|app[_-]?key|access[_-]?key|secret|password|passwd|pwd|token"
    r"|authorization|cookie|session[_-]?key|private[_-]?key)[\w-]{0,40}[\"']?\s{0,4}(?:=>|[=:])\s{0,4})"
    r"(?:\"[^\"\n]{1,2000}\"|'[^'\n]{1,2000}'|(?!\[)[^\s,;&\"'<>)\]}]{1,2000})"
)
_OPAQUE = re.compile(
    r"\b(?=[A-Za-z0-9]{0,200}\d)(?=[A-Za-z0-9]{0,200}[A-Za-z])[A-Za-z0-9]{32,200}\b"
)


def _own_home() -> str:
    """This process's home directory where replacing it is safe ("/" or "/root" say nothing)."""
    home = os.path.expanduser("~")
    return home if home.count(os.sep) >= 2 and len(home) > 6 else ""


_OWN_HOME = _own_home()


def scrub(value: str) -> str:
    """`value` without home directories ("~"), emails ("[email]"), keys and tokens ("[secret]")."""
    if len(value) < 5:
        return value
    value = value[:LONGEST]
    if _OWN_HOME:
        value = value.replace(_OWN_HOME, "~")
    if "/" in value or "\\" in value:
        value = _HOME.sub("~", value)
    value = _URL_LOGIN.sub("[secret]@", value)
    if "@" in value or "%40" in value:
        value = _EMAIL.sub("[email]", value)
    if "PRIVATE KEY" in value:
        value = _PRIVATE_KEY.sub("[secret]", value)
    value = _JWT.sub("[secret]", value)
    value = _BEARER.sub(r"\1\2[secret]", value)
    value = _KNOWN.sub("[secret]", value)
    if "=" in value or ":" in value:
        value = _NAMED.sub(r"\1[secret]", value)
    return _OPAQUE.sub("[secret]", value) if len(value) >= 32 else value
