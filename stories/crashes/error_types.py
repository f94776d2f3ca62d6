"""The type at the start of a message: `TypeError` of `Uncaught TypeError: x is undefined`."""

from __future__ import annotations

import re

MAX_LOOKED_AT = 500
MAX_TYPE = 160

_NAME = re.compile(r"[A-Za-z_$][\w$]{0,60}(?:[.:]{1,2}[A-Za-z_$][\w$]{0,60}){0,8}\Z")
_ERROR_WORD = re.compile(
    "Error|Exception|Warning|Interrupt|Exit|Rejection|Fault|Timeout|Refused|Failed|Failure|Panic"
)
_NUMBER = re.compile(r"\d{3}")
_WITH_CODE = re.compile(r"([A-Za-z_$][\w$.]{0,80}) \[([A-Z][A-Z0-9_]{1,60})\]\Z")
# What browsers and runtimes put before an error that nobody caught.
_WRAPPERS = (
    *("Uncaught (in promise): ", "Uncaught (in promise) ", "(in promise) ", "Uncaught "),
    *("Error: Uncaught (in promise): ", "Unhandled Promise Rejection: "),
    *("Unhandled promise rejection: ", "Unhandled Rejection: ", "Unhandled rejection "),
    *("Unhandled exception. ", "Unhandled Exception: ", "uncaughtException: "),
    *("unhandledRejection: ", "PHP Fatal error:  Uncaught ", "Fatal error: Uncaught ", "[Error: "),
)
_JAVA = 'Exception in thread "'


def split_type(text: str) -> tuple[str, str]:
    """type and message of `TypeError: x is undefined`; ("", text) when it begins with no type."""
    text = text[:MAX_LOOKED_AT].strip()
    for _ in range(3):
        if text.startswith(_JAVA):
            text = text[len(_JAVA) :].partition('" ')[2]
        if not text.startswith(_WRAPPERS):
            break
        wrapper = next(mark for mark in _WRAPPERS if text.startswith(mark))
        text = text[len(wrapper) :].lstrip()
    line, _, more = text.partition("\n")
    name, colon, rest = line.partition(": ")
    if not colon:
        name, rest = line.rstrip().removesuffix(":"), ""
    rest = f"{rest}\n{more}" if more else rest
    if name == "Invariant Violation":
        return name, rest.strip()
    if (coded := _WITH_CODE.match(name)) is not None:  # Node
        return coded[1], f"[{coded[2]}] {rest.strip()}"
    if len(name) <= MAX_TYPE and _is_type(name, alone=not colon):
        return name, rest.strip()
    return "", text


def _is_type(name: str, alone: bool) -> bool:
    """`KeyError`, and of what stands before a colon any Name; ENOENT is a code, Order8412 a value."""
    if _NAME.match(name) is None:
        return False
    last = bare_type(name)
    if _NUMBER.search(last):
        return False
    if _ERROR_WORD.search(last):
        return True
    return not alone and len(last) > 2 and last[0].isupper() and not last.isupper()


def bare_type(name: str) -> str:
    """`ConnectTimeout` of `httpx.ConnectTimeout`: reporters differ in what they put before it."""
    return name.rpartition(".")[2].rpartition(":")[2]
