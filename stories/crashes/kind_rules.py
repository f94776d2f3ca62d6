"""How the kinds of messages are told: the words of engines, systems and libraries."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NamedTuple

from stories.crashes.system_codes import CODE_OF_NUMBER, ERRNO, FAULTS

_MAX_NAME = 80

_Names = Callable[[re.Match[str]], tuple[str, ...]]


class Rule(NamedTuple):
    kind: str
    needles: tuple[str, ...]  # the pattern is tried if the text has one: most texts have none
    pattern: re.Pattern[str]
    names: _Names


def _groups(match: re.Match[str]) -> tuple[str, ...]:
    return tuple(_short(group) for group in match.groups() if group)


def _short(name: str) -> str:
    return "<n>" if name.isdigit() else name[:_MAX_NAME]


def _nothing(_: re.Match[str]) -> tuple[str, ...]:
    return ()


_WORDS = re.compile(r"[\w$]+")


def _last_word(match: re.Match[str]) -> tuple[str, ...]:
    """The last name of an expression such as `e.price.amount`, `e["amount"]` or `a.b(…)`."""
    expression = match[1].partition(" = ")[0]
    if expression.endswith(")"):
        expression = _without_arguments(expression)
    words = _WORDS.findall(expression[-_MAX_NAME:])
    return (_short(words[-1]),) if words else ()


def _without_arguments(expression: str) -> str:
    depth = 0
    for index in range(len(expression) - 1, -1, -1):
        depth += {")": 1, "(": -1}.get(expression[index], 0)
        if depth == 0:
            return expression[:index]
    return expression.partition("(")[0]  # it was cut


_CALL_BEFORE = re.compile(
    r"\b(connect|getaddrinfo|read|write|spawn|bind|listen|accept|send|query[A-Z]\w{0,8})"
    r" (?:[^ ]{1,80} )?\Z"
)
_CALL_AFTER = re.compile(r"[^,]{0,80}, ([a-z]{2,12})(?= ['\"]|\Z)")


def _code_and_call(match: re.Match[str]) -> tuple[str, ...]:
    """ENOENT open of `ENOENT: no such file or directory, open '…'`; ETIMEDOUT connect."""
    text = match.string
    before = _CALL_BEFORE.search(text[max(0, match.start() - 100) : match.start()])
    call = before or _CALL_AFTER.match(text, match.end())
    return (match[0], call[1]) if call else (match[0],)


def _code_of_number(match: re.Match[str]) -> tuple[str, ...]:
    number = f"{match[1]} {match[2]}"
    return (CODE_OF_NUMBER.get(number, number),)


def _rule(kind: str, needles: str, *patterns: str, names: _Names = _groups) -> Rule:
    return Rule(kind, tuple(needles.split("|")), re.compile("|".join(patterns)), names)


_NOTHING = "(?:undefined|null)"


def _fault(name: str, pattern: str) -> Rule:
    needles = "SIG|EXC|VIOLATION|fault|0xc0|0xC0|STATUS_|INSTRUCTION|DIVIDE"
    return _rule("fault", needles, rf"\b(?:{pattern})\b", names=lambda _: (name,))


RULES = (
    # Something of nothing.
    _rule(
        "nullish",
        "ropert",
        rf"Cannot (?:read|set) propert(?:y|ies) of {_NOTHING} \((?:reading|setting) '([\w$-]+)'\)",
        rf"Cannot (?:read|set) property '([\w$-]+)' of {_NOTHING}",
        rf"can't access property \"?([\w$-]+)\"?, .{{1,120}} is {_NOTHING}",
        r"Cannot destructure property '([\w$-]+)' of",
        rf"Unable to (?:get|set) property '(\w+)' of {_NOTHING}",
    ),
    _rule(
        "nullish",
        "is not an object (eval",
        rf"{_NOTHING} is not an object \(evaluating '(.{{1,250}})'\)",
        names=_last_word,
    ),
    _rule(
        "nullish",
        "NoneType",
        r"'NoneType' object has no attribute '(\w+)'",
        r"'NoneType' object is not (subscriptable|iterable|callable|an iterator)",
    ),
    _rule(
        "nullish",
        '" because ',
        r"Cannot (?:invoke|read field|load from|store to|assign field|read the)[^\"]{0,40}"
        r" \"([^\"]{1,160})\" because",
        names=_last_word,
    ),
    # Something that is not what it is used as.
    _rule(
        "not-a-function",
        "is not a ",
        r"undefined is not a function \(near '\.{0,3}(.{1,120}?)\.{0,3}'\)",
        names=_last_word,
    ),
    _rule(
        "not-a-function",
        "is not a ",
        r"(?<!\S)([^\s;:]{1,160}) is not a (?:function|constructor)\b",
        names=_last_word,
    ),
    _rule(
        "not-a-function",
        "upport property",
        r"Object doesn't support property or method '(\w+)'",
    ),
    _rule(
        "not-defined",
        "is not defined|Can't find variable|local variable",
        r"name '(\w+)' is not defined",
        r"(?<![\w$.])([\w$]{1,80}) is not defined",
        r"Can't find variable: ([\w$]{1,80})",
        r"local variable '(\w+)' (?:where|referenced)",
    ),
    _rule(
        "attribute", "has no attribute", r"'?([\w.]{1,80})'?(?: object)? has no attribute '(\w+)'"
    ),
    _rule(
        "uninitialized",
        "nitializ",
        r"Cannot access '?[\w$]+'? before initialization",
        "can't access lexical declaration",
        "Cannot access uninitialized variable",
        names=_nothing,
    ),
    _rule(
        "import",
        "annot import|o module named|annot find ",
        r"cannot import name '(\w+)'",
        r"No module named '([\w.]+)'",
        r"Cannot find (?:module|package) '(@?\w[\w@/-]{0,79})'",
    ),
    _rule(
        "arguments",
        "argument",
        r"(\w{1,80})\(\) (?:missing \d|takes |got an? (?:unexpected|multiple))",
    ),
    _rule("not-iterable", "iterable", r"(?:is not|[Nn]on-?) ?iterable", names=_nothing),
    # What engines and browsers say.
    _rule(
        "stack-overflow",
        "call stack|recursion|tack overflow|STACK_OVERFLOW|stack space|00000fd",
        "Maximum call stack size exceeded",
        "too much recursion",
        "maximum recursion depth exceeded",
        "[Ss]tack overflow",
        "Out of stack space",
        "STACK_OVERFLOW",
        "0x[cC]00000fd",
        "infinite recursion",
    ),
    _rule(
        "json",
        "JSON|nexpected |xpecting ",
        "Unexpected (?:token|end of JSON input|end of input|identifier|non-whitespace|EOF)",
        "in JSON at position",
        r"JSON\.parse: ",
        "JSON Parse error",
        "Expecting (?:value|property name|',')",
        "is not valid JSON",
        "Extra data: line",
        names=_nothing,
    ),
    _rule(
        "chunk",
        "hunk|odule|preload CSS|MIME type",
        r"Loading (?:CSS )?chunk \S+ failed",
        "Failed to fetch dynamically imported module",
        "error loading dynamically imported module",
        "Importing a module script failed",
        "Unable to preload CSS",
        "is not a valid JavaScript MIME type",
    ),
    _rule(
        "fetch",
        "etch|etwork|Load failed|offline|Could not connect",
        r"\A(?:Failed to fetch|NetworkError when attempting to fetch|Load failed|fetch failed"
        r"|The Internet connection appears to be offline|The network connection was lost"
        r"|Network request failed|A network error occurred|Could not connect to the server"
        r"|Network Error\Z)",
    ),
    _rule(
        "aborted",
        "bort",
        "The user aborted a request",
        "[Tt]h(?:e|is) operation was aborted",
        "signal is aborted without reason",
        "Fetch is aborted",
    ),
    _rule(
        "quota",
        "uota|QUOTA",
        "exceeded the quota",
        "quota has been exceeded",
        "QUOTA_(?:REACHED|EXCEEDED)",
        "[Qq]uota ?[Ee]xceeded",
    ),
    _rule("play-interrupted", "play()", r"The play\(\) request was interrupted"),
    _rule(
        "not-allowed",
        "not allowed by the user agent|failed because the user|Permission d",
        "not allowed by the user agent",
        r"play\(\) failed because the user",
        r"\APermission (?:denied|dismissed)(?: by \w+)?\Z",
    ),
    _rule(
        "dom",
        "Failed to execute '|is not a child of",
        r"Failed to execute '(\w+)' on '\w+'",
        r"\bNode\.(\w+): ",
    ),
    _rule(
        "all-rejected",
        "romise",
        "All promises were rejected",
        r"No Promise in Promise\.any was resolved",
    ),
    _rule("resize-observer", "ResizeObserver", "ResizeObserver loop"),
    _rule("script-error", "cript error", r"\A[Ss]cript error\.?\Z"),
    _rule(
        "memory",
        "emory|oom|OOM|alloc",
        "[Oo]ut of memory",
        "Array buffer allocation failed",
        "Cannot allocate memory",
        "heap out of memory",
        "bad_alloc",
        "OutOfMemory",
    ),
    _rule(
        "process-gone",
        "rocess",
        r"(?:\b(\w{1,30}) )?[Pp]rocess (?:gone|exited|crashed): ([a-z-]{2,30})",
        names=lambda match: ((match[1] or "").lower(), match[2]),
    ),
    # Codes.
    _rule(
        "minified",
        "inified",
        r"Minified (\w{2,20}) error #(\d{1,6})",
        names=lambda match: (match[1].lower(), match[2]),
    ),
    _rule(
        "framework",
        "NG|svelte.dev/e/|vuejs.org/error",
        r"\b(NG0?\d{2,4})\b",
        r"svelte\.dev/e/(\w{3,60})",
        r"vuejs\.org/error-reference/#([\w-]{2,40})",
    ),
    _rule(
        "firebase",
        "/",
        r"\(((?:auth|storage|messaging|firestore|functions|app|database)/[a-z-]{3,60})\)",
    ),
    _rule(
        "constraint",
        "onstraint|for key '|not-null",
        r"constraint (?:[\"'`(]{1,3}|failed: )([\w.]{2,80})",
        r"for key '([\w.]{2,80})'",
        r"failed on the (?:fields?|constraint): \(?`(\w{1,80})`",
        r"in column \"(\w{1,80})\"",
    ),
    _rule(
        "schema",
        "does not exist|no such |doesn't exist",
        r"(?:relation|column|table|function|type|schema) \"?([\w.]{1,80})\"? does not exist",
        r"no such (?:table|column): ([\w.]{1,80})",
        r"Table '([\w.]{1,80})' doesn't exist",
    ),
    _rule(
        "errno",
        "[WinError|[Errno",
        r"\[(WinError|Errno) (-?\d{1,6})\]",
        names=_code_of_number,
    ),
    _rule(
        "errno",
        "os error|in32",
        r"\(os error (-?\d{1,6})\)",
        r"[Ww]in32 ?(?:[Ee]rror|Exception)? ?\(?(\d{1,6})\b",
        names=lambda match: ("number", match[1] or match[2]),
    ),
    _rule(
        "errno",
        "E|SELF_SIGNED",
        rf"(?<![\w.])(?:{ERRNO})(?!\w)",
        names=_code_and_call,
    ),
    _rule(
        "sqlite",
        "database|disk I/O",
        r"(database is locked|disk I/O error|image is malformed|unable to open database file"
        r"|readonly database|database or disk is full)",
    ),
    _rule("ssl", "SSL", r"\[SSL: ([A-Z_0-9]{3,50})\]", r"\bssl\.c:.{0,1}"),
    _rule(
        "ns-error",
        "Error Domain=",
        r"Error Domain=([\w.]{2,80}) Code=(-?\d{1,6})",
        names=lambda match: (match[1], match[2]),
    ),
    *(_fault(name, pattern) for name, pattern in FAULTS),
    # Electron: the channel is the program's own name.
    _rule("remote-method", "remote method '", r"Error invoking remote method '([\w:./-]{1,80})'"),
    _rule(
        "hresult",
        "0x8",
        r"\b(0x8[0-9A-Fa-f]{7})\b",
        names=lambda match: (match[1].lower(),),
    ),
)
