"""Files and binaries: how a key names them, and whose they are.

A key must be the same on every machine and in every build, so it has the last two parts of a path, no
address, no query, and nothing of what a bundler put into the name.
"""

from __future__ import annotations

import re
from enum import IntEnum
from functools import lru_cache


class Owner(IntEnum):
    """Whose code a frame is in."""

    APP = 0
    LIBRARY = 1  # it came with the app
    PLATFORM = 2  # the engine, the system, a browser's extension: it differs between machines


# Of languages whose frames name a file without its folder, and the class in the function.
CLASS_FILES = (".java", ".kt", ".scala", ".groovy", ".cs", ".fs", ".vb")
# At the start of a path.
_PLATFORM = re.compile(
    r"node:|internal/|node_bootstrap|bootstrap_node|ext:|(?:native|unknown|undefined)\Z|index \d|<"
    r"|\[native code|(?:chrome|moz|safari|safari-web|ms-browser)-extension:|extensions::|debugger\b"
    r"|(?:blob|data|about|chrome|resource|devtools|pptr):|user-?script|/usr/(?:local/)?(?:lib|include)/"
    r"|/lib(?:32|64)?/|/system/|/apex/|/library/|/rustc/|rustc/|/usr/local/go/src/|/buildroot/"
    r"|[a-z]:/windows/|[a-z]:/program files[^/]*/(?:nodejs|go|dotnet)/"
    r"|(?:asyncio|concurrent/futures|importlib|multiprocessing|urllib)/|http/(?:client|server)\.py\Z"
    r"|(?:threading|runpy|socketserver|selectors|contextlib|ssl|socket)\.py\Z"
    r"|json/(?:__init__|decoder|encoder)\.py\Z"
    # Node up to 14 and Electron up to 12 name their own files without a folder.
    r"|(?:assert|buffer|child_process|cluster|dgram|dns|domain|events|fs|https?|module|net|node|os|path"
    r"|querystring|readline|repl|stream|string_decoder|timers|tls|url|util|vm|zlib|_[a-z_]+)\.js\Z"
)
_PLATFORM_INSIDE = re.compile(
    r"electron/js2c|electron\.asar/|webpack/(?:runtime|bootstrap)|/\(webpack\)|/@vite/|/@react-refresh"
    r"|/lib(?:64)?/python\d|/(?:ana|mini)?(?:python|conda|forge)[\w.]{0,9}/lib/(?!site-packages)|/python\.framework/"
    r"|\bpython\d+\.zip|pythonsoftwarefoundation\.|/internal/(?:modules|process|timers|streams|deps)/"
    r"|/go/src/runtime/|/libexec/src/runtime/|/rustlib/src/|/rustc/[0-9a-f]+/"
)
_LIBRARY = re.compile(
    r"/node_modules/|\Anode_modules/|/(?:site|dist)-packages/|/\.cargo/registry/|/go/pkg/mod/"
    r"|/\.pub-cache/|/vendor/(?:bundle/|composer/|github\.com/|golang\.org/)|/gems/|/jspm_packages/"
    r"|//(?:[\w-]+\.)*(?:unpkg\.com|cdnjs\.cloudflare\.com|cdn\.jsdelivr\.net|esm\.sh|esm\.run|jspm\.dev"
    r"|skypack\.dev|ajax\.googleapis\.com|code\.jquery\.com|googletagmanager\.com|google-analytics\.com"
    r"|googlesyndication\.com|doubleclick\.net|gstatic\.com|maps\.googleapis\.com|connect\.facebook\.net"
    r"|js\.stripe\.com|hotjar\.com|cloudflareinsights\.com|clarity\.ms|intercomcdn\.com|hs-scripts\.com"
    r"|browser\.sentry-cdn\.com|cdn\.segment\.com|paypal\.com|yandex\.ru)/"
    r"|(?:\A|/)(?:chunk-)?(?:vendors?|polyfills?)(?:[.~_-][^/]*)?\.m?js\Z"
    r"|//[^?#]{0,300}/(?:framework|runtime|webpack|zone)(?:[.~_-][^/]*)?\.m?js\Z"
    r"|(?:\A|/)jquery\.js\Z"
    r"|(?:\A|/)(?:jquery|react|react-dom|vue|angular|lodash|underscore|bootstrap|d3|moment|axios|backbone"
    r"|three|gsap|socket\.io)(?:[.-](?:v?\d[\d.]*|min|slim|core|prod|production|development|global"
    r"|runtime|bundle|esm|browser|umd))+\.m?js\Z"
)
_SCHEME = re.compile(r"([a-z][a-z.+-]{1,30}):(//)?", re.IGNORECASE)
_HOME = re.compile(
    r"(?:[a-z]:)?/(?:users|home|documents and settings)/[^/]{1,80}/|~/|/root/", re.IGNORECASE
)
_NO_PARTS = frozenset(("", ".", "..", "~", "_", "[project]", "@fs"))
# Folders that say how an app was built or installed, not what stands in them.
_GENERIC = frozenset(
    """
    app app.asar app.asar.unpacked assets bin build bundle bundles chunks client code contents
    dist electron esm htdocs html javascript javascripts js lib macos opt out output public
    release resources root scripts site src srv static target tmp usr var workspace www _next
    _nuxt debug
    """.split()  # noqa: SIM905 (words)
)
_CODE = re.compile(r"(.+?)((?:\.(?:chunk|bundle|min|async|prod|production|legacy))*\.[mc]?js)\Z")
_HEX = re.compile(r"(?=[a-f]*\d)[0-9a-f]{6,64}\Z")
_A_WORD = r"(?:[a-z]+|[A-Z]?[a-z]{2,}(?:[A-Z][a-z]{2,})*|[A-Z]{2,4}[a-z]{3,})\d{0,2}"
_WORDS = re.compile(rf"{_A_WORD}(?:[_-]{_A_WORD})*\Z")
_LONG_HASH = re.compile(r"(?=[^\d]*\d)(?=[^A-Z]*[A-Z])(?=[^a-z]*[a-z])[A-Za-z0-9]{9,40}\Z")

_SYSTEM_BINARIES = re.compile(
    r"(?:ntdll|kernel(?:32|base)|user32|win32u|gdi32\w*|ucrtbased?|msvc\w*|vcruntime\w*|combase|ole32"
    r"|rpcrt4|ws2_32|mswsock|d3d\w+|dxgi|nv\w+64|ati\w+|ig\w+64|wow64\w*|advapi32|shell32|shlwapi|crypt32"
    r"|libc|libc-\d[\d.]*|libc\+\+(?:abi)?|libstdc\+\+|libgcc_s|libm|libpthread|libdl|librt|ld"
    r"|ld-(?:linux|musl)[\w-]*|linux-(?:vdso|gate)|libsystem_\w+|libsystem\.b|dyld|libdispatch"
    r"|libobjc(?:\.a)?|libart|libbinder|libutils|libhwui|linker(?:64)?|corefoundation|foundation|appkit"
    r"|uikit(?:core)?|hitoolbox|quartzcore|coregraphics|coreaudio|audiotoolbox|graphicsservices"
    r"|iokit|metal|security|cfnetwork|libglib-2\.0|libgobject-2\.0|libx11|libxcb|libgtk-3|libgdk-3"
    r"|node|electron framework|python[\d.]*|libpython[\d.]*|python\d*|libjvm|jvm|java|ruby|php"
    r"|libgl\w*|libegl\w*|libnvidia[\w-]*|\[vdso\])(?:\.|\Z)"
)
_BINARY_END = re.compile(r"\.(?:exe|dll|so|dylib|node|so(?:\.\d+)+|drv|sys|bundle|framework)\Z")


@lru_cache(maxsize=4096)
def file_name(path: str) -> str:
    """`renderer/history.js` of a path or URL: lower case, `` for none, `<page>` for a page's script."""
    path = path.replace("\\", "/")
    if path.startswith("<"):
        return path.lower()[:80]
    path = path.split("?", 1)[0].split("#", 1)[0]
    is_page = False
    if scheme := _SCHEME.match(path):
        name = scheme[1].lower()
        path = path[scheme.end() :]
        if scheme[2]:  # a host, which may be empty
            path = path.partition("/")[2]
            path = f"/{path}" if name == "file" and path[1:2] != ":" else path
        is_page = name in ("http", "https") and "." not in path.rpartition("/")[2]
        if name.startswith("webpack") and path.startswith("("):  # Next.js: (rsc)/./src/…
            path = path.partition("/")[2]
    if is_page:
        return "<page>"
    if home := _HOME.match(path):
        path = path[home.end() :]
    package = ""
    for folder in ("node_modules/", "site-packages/", "dist-packages/"):
        _, mark, inside = path.rpartition(folder)
        if mark:
            path, package = inside, inside.partition("/")[0]
    parts = [part for part in path.split("/") if part not in _NO_PARTS]
    if not parts:
        return ""
    last = _without_hash(parts[-1]).lower()
    if len(parts) == 1:
        return last[:120]
    parent = parts[-2].lower()
    if package and package[0] != ".":
        return f"{package.lower()[:60]}/{last[:120]}"
    is_generic = parent in _GENERIC or parent[0] == "." or parent.endswith((":", ".app", ".asar"))
    if is_generic or any(map(str.isdigit, parent)):
        return last[:120]
    return f"{parent[:60]}/{last[:120]}"


def _without_hash(name: str) -> str:
    """`index.js` of `index-DffsctBF.js`, `main.js` of `main.8f3a2b1c.chunk.js`, `*.js` of `417.js`."""
    code = _CODE.match(name)
    if code is None:
        return name
    stem, end = code[1], code[2]
    # Vite, Rollup and esbuild write eight characters, which may hold - and _ themselves.
    if len(stem) > 9 and stem[-9] in "-._" and _is_hash(stem[-8:]):
        stem = stem[:-9]
    else:
        cut = max(stem.rfind("."), stem.rfind("-"))
        if cut > 0 and _is_hash(stem[cut + 1 :]):
            stem = stem[:cut]
        elif _is_hash(stem):
            stem = "*"
    if stem.isdigit():
        stem = "*"
    return f"{stem}.{end.rpartition('.')[2]}"


def _is_hash(text: str) -> bool:
    if len(text) == 8:
        return _WORDS.match(text) is None and not (text.isdigit() and text[:2] in ("19", "20"))
    return bool(_HEX.match(text) or (_LONG_HASH.match(text) and not _WORDS.match(text)))


def is_bundle(path: str) -> bool:
    """Whether a bundler named the file: then names in it are those of one build."""
    name = path.replace("\\", "/").rpartition("/")[2]
    return ".min." in name or (_CODE.match(name) is not None and _without_hash(name) != name)


@lru_cache(maxsize=4096)
def binary_name(path: str) -> str:
    """`recorder` of recorder.exe, librecorder.so.1 and /opt/recorder: the same on every system."""
    name = path.replace("\\", "/").rpartition("/")[2].lower().strip()
    short = _BINARY_END.sub("", name)
    if short != name and short.startswith("lib"):
        short = short[3:]
    return (short or name)[:100]


@lru_cache(maxsize=4096)
def owner_of_file(path: str) -> Owner:
    folded = path.replace("\\", "/").lower()
    if _LIBRARY.search(folded):
        return Owner.LIBRARY
    return Owner.PLATFORM if _is_platform(folded) else Owner.APP


def _is_platform(folded: str) -> bool:
    # Electron apps of Debian packages are in /usr/lib.
    at_start = _PLATFORM.match(folded) is not None and "/app.asar" not in folded
    return at_start or _PLATFORM_INSIDE.search(folded) is not None


@lru_cache(maxsize=4096)
def owner_of_binary(path: str) -> Owner:
    folded = path.replace("\\", "/").lower()
    if _SYSTEM_BINARIES.match(folded.rpartition("/")[2]) or _PLATFORM.match(folded):
        return Owner.PLATFORM
    return Owner.APP
