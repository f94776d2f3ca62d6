"""Crash reports: their text, their rate limit, and the hooks that notice crashes."""

from __future__ import annotations

import asyncio
import contextlib
import platform
import sys
import threading
import time
import traceback
from collections import deque
from types import TracebackType
from typing import Any, Callable, Protocol

from ._plain import storable
from ._types import Queued

MAX_MESSAGE, MAX_STACK = 4_000, 64_000  # what the server keeps
_PER_MINUTE = 10
_SAME_AGAIN_SECONDS = 60.0


class Reporter(Protocol):
    """What the hooks need of a client."""

    def report_crash(
        self, error: Any = None, *, crash_type: str = "uncaught_error", context: Any = None
    ) -> Queued: ...


class RateLimit:
    """Lets a crash through unless the same one came within a minute or ten others did.

    The same: equal type and equal last line of the stack. `admit` answers how many were held back
    since the last one that passed, or None to hold this one back too.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._passed: deque[float] = deque(maxlen=_PER_MINUTE)
        self._last: dict[str, float] = {}
        self._held_back = 0

    def admit(self, fingerprint: str, now: float) -> int | None:
        if not self._lock.acquire(timeout=0.05):
            return None
        try:
            seen = self._last.get(fingerprint)
            same = seen is not None and now - seen < _SAME_AGAIN_SECONDS
            full = len(self._passed) == _PER_MINUTE and now - self._passed[0] < 60.0
            if same or full:
                self._held_back += 1
                return None
            if len(self._last) >= 100:
                self._last.clear()
            self._last[fingerprint] = now
            self._passed.append(now)
            held_back, self._held_back = self._held_back, 0
            return held_back
        finally:
            self._lock.release()


def thrown(error: Any) -> Any:
    """The exception of an exc_info triple, and for None the one being handled now."""
    if error is None:
        error = sys.exc_info()[1]
    return error[1] if isinstance(error, tuple) and len(error) == 3 else error


def describe(error: Any) -> tuple[str, str, str]:
    """(message, stack, fingerprint) of an exception or a text."""
    if not isinstance(error, BaseException):
        message = storable(error) if isinstance(error, str) else f"<{type(error).__name__}>"
        return _cut(message, MAX_MESSAGE), "", message[:200]
    name = type(error).__name__
    try:
        message = f"{name}: {error}" if str(error) else name
    except Exception:  # an exception whose __str__ raises
        message = name
    try:
        lines = traceback.format_exception(type(error), error, error.__traceback__)
        stack = "".join(lines)
    except Exception:
        stack = ""
    return _cut(message, MAX_MESSAGE), _cut(stack, MAX_STACK), f"{name} {_place(error)}"


def _place(error: BaseException) -> str:
    """file:line where it was raised."""
    step = error.__traceback__
    while step is not None and step.tb_next is not None:
        step = step.tb_next
    return "" if step is None else f"{step.tb_frame.f_code.co_filename}:{step.tb_lineno}"


def _cut(value: str, limit: int) -> str:
    """Keeps both ends: the head names the entry point, the tail the error."""
    if len(value) <= limit:
        return value
    half = limit // 2 - 10
    return f"{value[:half]}\n[... cut ...]\n{value[-half:]}"


def os_version() -> str:
    """Like "linux-6.1.0", at most 50 characters."""
    return f"{platform.system().lower()}-{platform.release()}"[:50]


class Hooks:
    """Puts itself before the hooks that are there, reports, and then calls them as before."""

    def __init__(self, reporter: Reporter) -> None:
        self._reporter = reporter
        self._undo: list[Callable[[], None]] = []

    def install(self) -> None:
        """sys.excepthook and threading.excepthook; a second call does nothing."""
        if self._undo:
            return
        previous, previous_thread = sys.excepthook, threading.excepthook

        def on_error(
            kind: type[BaseException], error: BaseException, tb: TracebackType | None
        ) -> None:
            if not issubclass(kind, (KeyboardInterrupt, SystemExit)):
                self._report(error, "uncaught_error", {"hook": "sys"})
            previous(kind, error, tb)

        def on_thread_error(args: Any) -> None:
            if args.exc_type is not SystemExit:
                thread = getattr(args.thread, "name", None)
                self._report(args.exc_value, "uncaught_error", {"hook": "thread", "thread": thread})
            previous_thread(args)

        def undo() -> None:
            # Only when nobody has put a hook on top of ours since.
            if sys.excepthook is on_error:
                sys.excepthook = previous
            if threading.excepthook is on_thread_error:
                threading.excepthook = previous_thread

        sys.excepthook = on_error
        threading.excepthook = on_thread_error
        self._undo.append(undo)

    def install_on_loop(self, loop: asyncio.AbstractEventLoop) -> None:
        """The loop's exception handler: errors of tasks and callbacks that nobody awaited."""
        previous = loop.get_exception_handler()
        if getattr(previous, "_stories_hooks", None) is self:
            return

        def on_loop_error(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
            error = context.get("exception")
            what = error if isinstance(error, BaseException) else str(context.get("message") or "")
            self._report(what, "unhandled_rejection", {"hook": "asyncio"})
            if previous is None:
                loop.default_exception_handler(context)
            else:
                previous(loop, context)

        on_loop_error._stories_hooks = self  # type: ignore[attr-defined]
        loop.set_exception_handler(on_loop_error)
        self._undo.append(lambda: loop.set_exception_handler(previous))

    def uninstall(self) -> None:
        while self._undo:
            with contextlib.suppress(Exception):
                self._undo.pop()()

    def _report(self, error: Any, crash_type: str, context: dict[str, Any]) -> None:
        with contextlib.suppress(Exception):
            self._reporter.report_crash(error, crash_type=crash_type, context=context)


def now() -> float:
    return time.monotonic()
