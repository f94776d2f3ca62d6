"""Names of functions: the same in every engine and every build, and those that say nothing."""

from __future__ import annotations

import re

UNNAMED = frozenset(
    (
        *("", "?", "??", "anonymous", "anonymous function", "unknown", "redacted", "name omitted"),
        *("lambda", "listcomp", "dictcomp", "setcomp", "genexpr", "computed", "eval", "eval code"),
        *("global code", "module code", "closure", "instance_members_initializer"),
        *("static_initializer", "0x0", "main{}"),
    )
)
_PREFIXES = re.compile(
    r"(?:async \*?|new |get |set |static |bound |unbound |function |created by |virtual |inline )+"
)
_BUNDLERS_SUFFIX = re.compile(r"\$(?:\d{1,4}|_)?\Z")  # Rollup's render$2
_IDENTIFIER = re.compile(r"[\w$#-]+\Z")
_QUALIFIED = re.compile(r"[\w$.~:+-]+\Z")
_LONG_NUMBER = re.compile(r"\d{4,}")
_GENERATED = re.compile(r"\$\$(?:Lambda|Enhancer|FastClass|SpringCGLIB)")
_JAVA_LAMBDA = re.compile(r"lambda\$([\w]{1,80}?)\$")
_NET_CLOSURE = re.compile(r"<(\w{1,80})>[a-z]__")
_NATIVE_FILE = re.compile(
    r"\.(?:c|cc|cpp|cxx|h|hh|hpp|hxx|inl|m|mm|rs|swift|zig|s|asm)\Z", re.IGNORECASE
)
_LENGTH = re.compile(r"[0-9]{1,3}")
_NATIVE_NOISE = re.compile(
    r"\.(?:cold|part|isra|constprop|llvm|lto_priv)(?:\.\d{1,20})*|\[abi:\w{1,20}\]|\[clone [^\]]{0,40}\]"
    r"|::h[0-9a-f]{16}\Z|(?:\(anonymous namespace\)|`anonymous namespace'|\{anonymous\})::"
    r"|::\$_\d{1,4}|::\{lambda[^}]{0,100}\}"
    r"|::\{\{?closure\}?\}|::\{closure#\d{1,4}\}|::\{impl#\d{1,4}\}"
)
_BRACKET = re.compile(r"[()<>]")
_RUST_SIGNS = (
    *(("_$LT$", "<"), ("_$u7b$", "{"), ("$LT$", "<"), ("$GT$", ">"), ("$u20$", " ")),
    *(("$u7b$", "{"), ("$u7d$", "}"), ("..", "::")),
)
_BACKTICKS = re.compile(r"`\d{1,4}'(?:::)?|[`']")  # `Recorder::start'::`2'::
_GENERIC_NATIVE = frozenset(
    ("operator()", "operator", "call", "invoke", "_FUN", "__invoke", "main.cold")
)


def function_name(name: str) -> str:
    """The bare name in a scripting or managed language: `update` of `async HistoryView.update [as x]`,
    of Firefox's `onClick/this.update` too; "" if it has none."""
    name = name.strip()
    if name.startswith(("Generator.", "./")) or ".." in name or _GENERATED.search(name):
        return ""  # Babel's regenerator; webpack's name of a module's own code
    if (closure := _NET_CLOSURE.search(name)) or (closure := _JAVA_LAMBDA.search(name)):
        name = closure[1]
    name = name.partition(" [as ")[0].rpartition("*")[2]
    name = _PREFIXES.sub("", name.strip(), count=1) if " " in name else name
    name = name.partition("(")[0] or name
    name = name.rpartition("/")[2]
    if name.endswith("<") and name != "<":  # Firefox: a function without a name
        return ""
    if name.endswith(">") and name.startswith("<"):  # Python's <module> is a name
        return name if name == "<module>" or name == "<syntax>" else ""
    name = name.rpartition(".")[2].strip("<>[](){} ")
    if name.startswith("_callee"):  # Babel: an async function without its name
        return ""
    name = _LONG_NUMBER.sub("", _BUNDLERS_SUFFIX.sub("", name) or name)
    # What is no identifier is rather a line of a message than a name.
    return "" if name.lower() in UNNAMED or not _IDENTIFIER.match(name) else name


def native_name(name: str) -> str:
    """A C++, Rust, Swift or Objective-C name without arguments, templates and what compilers append."""
    name = name.strip()
    if name[:2] in ("-[", "+["):
        return name[2:].partition("]")[0]
    if name.startswith(("_ZN", "__ZN")):
        name = _demangled(name)
    name = _NATIVE_NOISE.sub("", name)
    name = _without_brackets(name)
    if not name.startswith("operator") and "operator" not in name:
        name = name.partition(" in conformance")[0].rpartition(" ")[2]  # Swift's long ones
    name = _BACKTICKS.sub("", name).replace("::::", "::").removesuffix("::operator")
    name = name.strip(":*& ")
    if name.lower() in UNNAMED or name in _GENERIC_NATIVE or not _QUALIFIED.match(name):
        return ""
    return name


def _without_brackets(name: str) -> str:
    """Without what is inside () and <>, which nest; `operator()` and `<T as Trait>::f` keep sense."""
    if name.startswith("<") and " as " in name:
        kept = name[1:].partition(" as ")[0]
        rest = name.rpartition(">::")[2]
        name = f"{kept}::{rest}" if rest != name else kept
    name = name.partition(" -> ")[0].removesuffix(" throws").removesuffix(" async")  # Swift
    name = (
        name.replace("operator()", "operator").replace("operator<<", "operator").replace("->", "")
    )
    out, depth, start = [], 0, 0
    for match in _BRACKET.finditer(name):
        if match[0] in "(<":
            if depth == 0:
                out.append(name[start : match.start()])
            depth += 1
        elif depth:
            depth -= 1
            if depth == 0:
                start = match.end()
    if depth == 0:
        out.append(name[start:])
    text = "".join(out)
    return text.removesuffix(" const").strip()


def _demangled(name: str) -> str:
    """The nested name of an Itanium symbol, `Recorder::tick` of `_ZN8Recorder4tickEi`: no arguments."""
    rest = name.partition("N")[2].lstrip("KVO")
    parts: list[str] = []
    while (length := _LENGTH.match(rest)) and len(parts) < 20:
        end = length.end() + int(length[0])
        part, rest = rest[length.end() : end], rest[end:]
        if not (len(part) == 17 and part[0] == "h"):  # Rust's hash
            parts.append(part)
    text = "::".join(parts)
    for sign, meaning in _RUST_SIGNS:
        text = text.replace(sign, meaning)
    return text or name


def is_native_file(file: str) -> bool:
    return _NATIVE_FILE.search(file) is not None


def class_name(name: str) -> str:
    """`service` of `Acme.Service.Run`: stands for the file of a frame that has none."""
    if closure := _NET_CLOSURE.search(name):
        name = name[: closure.start()].rstrip(".") + "._"
    parts = name.partition("(")[0].split(".")
    return parts[-2].partition("$")[0].lower()[:60] if len(parts) > 1 else ""
