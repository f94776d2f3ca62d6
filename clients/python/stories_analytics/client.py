"""The two faces of the package: Client and AsyncClient. Everything behind them is private."""

from __future__ import annotations

import asyncio
import hashlib
import os
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

from . import _crash, _fork
from ._bot import BotCalls
from ._calls import bag, quiet
from ._choice import Choice
from ._counts import Counts
from ._frames import chain_of
from ._generations import GenerationCalls
from ._http import Transport
from ._overflow import Overflow
from ._plain import snapshot, text
from ._sender import Sender
from ._store import Store
from ._types import REFUSED, TAKEN, Item, Queued, Stats
from ._version import __version__
from ._writer import Writer, fields_of

DAY = 86_400.0


class Client(GenerationCalls, BotCalls):
    """Sends events, crashes, visits, generations and bot events to a Stories Analytics server.

    No method raises, blocks on the network, or (unless durable) touches the disk. Thread-safe,
    fork-safe, and meant to be made once per process. Without a url every call is a no-op.

    url: the server's address, else the variable STORIES_URL.
    app_key: the app's key, else STORIES_APP_KEY.
    queue_path: the queue file. Processes that send to the same app may share one; two apps may not.
        Default: `stories-analytics-<hash of url and key>.queue` in the working directory.
    durable: every call writes to the file before it returns, so that not even SIGKILL loses it.
    user_id: the person whose events these are, unless a call names one. Default: a random UUID kept
        in the queue file. An id that is no UUID is turned into one (uuid5).
    channel: which builds these are, such as "beta"; default: release. What "debug" sends is counted
        nowhere.
    max_bytes, max_age_days: bounds of the queue file; the oldest usage events give way first.
    flush_interval, flush_at: a batch leaves this many seconds after its first item, or when this
        many wait. Crashes leave at once.
    timeout: seconds per request. flush_at_exit: seconds the process may take to end for us.
    trusted_proxies: how many entries of X-Forwarded-For your own proxies wrote.
    """

    def __init__(
        self,
        url: str | None = None,
        app_key: str | None = None,
        *,
        queue_path: str | os.PathLike[str] | None = None,
        durable: bool = False,
        user_id: str | UUID | None = None,
        session_id: str | None = None,
        app_version: str | None = None,
        platform: str | None = None,
        country: str | None = None,
        channel: str | None = None,
        crash_reports: bool = True,
        max_bytes: int = 64 * 1024 * 1024,
        max_age_days: float = 90.0,
        max_memory_items: int = 10_000,
        flush_interval: float = 5.0,
        flush_at: int = 100,
        flush_at_exit: float = 2.0,
        timeout: float = 10.0,
        trusted_proxies: int = 0,
    ) -> None:
        self._counts = Counts()
        self._usable = self._closed = False
        self._enabled = True
        self._lost_before = 0  # until the last flush
        self._durable = durable
        self._crash_reports = crash_reports
        self._trusted_proxies = trusted_proxies
        self.flush_at_exit = flush_at_exit
        try:
            self._user_id = _person(user_id)
            self._app_version = text(app_version, 20)
            self._event_defaults = fields_of(
                app_version=self._app_version,
                platform=text(platform, 50) or _crash.os_version(),
                country=self._country(country),
                session_id=text(session_id, 100),
                channel=text(channel, 20),
            )
            self._channel = text(channel, 20)
            address = url or os.environ.get("STORIES_URL") or ""
            key = app_key or os.environ.get("STORIES_APP_KEY") or None
            chosen = queue_path if queue_path is not None else _default_path(address, key)
            path = os.path.abspath(chosen)
            self._store = Store(path, max_bytes, 2 * timeout + 10.0, self._counts)
            self._queued = Overflow(self._store, self._counts)
            self._choice = Choice(path)
            self._enabled = self._choice.is_on()
            transport = Transport(address, key, timeout, f"stories-analytics-python/{__version__}")
            self._sender = Sender(
                self._queued, transport, self._counts, flush_interval, flush_at, max_age_days * DAY
            )
            self._sender.before_round = self._reread_choice
            self._writer = Writer(self._queued, self._counts, max_memory_items, self._sender.stored)
            self._limit = _crash.RateLimit()
            self._hooks = _crash.Hooks(self)
            self._usable = address.startswith(("http://", "https://"))
        except Exception as error:
            self._counts.once("options", f"wrong options, nothing will be sent: {error!r}")
            return
        if not self._usable:
            self._counts.once("url", f"no usable url ({address!r}): nothing will be sent")
            return
        _fork.join(self)
        if os.path.exists(path):
            self._sender.start(due=True)  # an earlier life of this process may have left items

    # -- events and crashes ----------------------------------------------------------------------

    @quiet
    def track(
        self,
        event: str,
        properties: Mapping[str, Any] | None = None,
        *,
        user_id: str | UUID | None = None,
        session_id: str | None = None,
        id: str | None = None,
        timestamp: datetime | None = None,
        durable: bool | None = None,
    ) -> Queued:
        """Something happened. Takes a copy of `properties` and returns.

        properties: up to 64 plain values, 8 KB; the largest give way beyond that. timestamp: when
        it happened, if not now; taken as it is, while our own stamp is corrected for a clock that
        is off by more than a minute. id: yours, to make your own retries count once.
        """
        fields = dict(self._event_defaults)
        fields["event"] = text(event, 100)
        if properties:
            fields["properties"] = snapshot(properties)
        person = self._user_id if user_id is None else _person(user_id)
        if person is not None:
            fields["user_id"] = person
        if session_id is not None:
            fields["session_id"] = text(session_id, 100)
        if id is not None:
            fields["id"] = text(id, 200)
        return self._queue("event", fields, timestamp, durable)

    @quiet
    def report_crash(
        self,
        error: Any = None,
        *,
        crash_type: str = "uncaught_error",
        context: Mapping[str, Any] | None = None,
        handled: bool = False,
        fingerprint: Sequence[str] | None = None,
        user_id: str | UUID | None = None,
        timestamp: datetime | None = None,
    ) -> Queued:
        """Reports an exception (default: the one being handled), an exc_info triple, or a text.

        Written to disk before it returns, because the process may be ending. crash_type:
        main_crash, renderer_crash, uncaught_error or unhandled_rejection. At most ten a minute and
        the same one once a minute; the next report says how many were held back. handled: the
        program went on, it is an error and no crash. fingerprint: up to 20 texts that say which
        reports are of the same fault; "{{ default }}" among them stands for the stack.
        """
        if not self._crash_reports:
            return REFUSED
        error = _crash.thrown(error)
        message, stack, place = _crash.describe(error)
        held_back = self._limit.admit(place, _crash.now())
        if held_back is None:
            self._counts.drop("crash_rate_limit")
            return REFUSED
        fields = fields_of(
            user_id=self._user_id if user_id is None else _person(user_id),
            app_version=self._app_version or "unknown",
            os_version=_crash.os_version(),
            channel=self._channel,
            crash_type=text(crash_type, 50),
            error_message=message,
            stack_trace=stack or None,
            frames=chain_of(error) if isinstance(error, BaseException) else None,
            context=bag(context, held_back=held_back or None),
            handled=True if handled else None,
            fingerprint=[text(part, 200) for part in fingerprint[:20]] if fingerprint else None,
        )
        return self._queue("crash", fields, timestamp, durable=True)

    @quiet
    def install_excepthook(self, loop: asyncio.AbstractEventLoop | None = None) -> None:
        """Reports what ends the program, a thread, or (with a loop, given or running) a task.

        The hooks that were there are called afterwards, as before.
        """
        self._hooks.install()
        if loop is None:
            try:
                loop = asyncio.get_running_loop()
            except RuntimeError:
                return
        self._hooks.install_on_loop(loop)

    @quiet
    def uninstall_excepthook(self) -> None:
        """Puts the earlier hooks back, where nobody has added one since."""
        self._hooks.uninstall()

    # -- control ---------------------------------------------------------------------------------

    @quiet
    def set_enabled(self, enabled: bool) -> None:
        """The user's choice, kept across restarts beside the queue file.

        Opting out stops usage tracking at once and empties the queue; other processes that share
        the file follow with their next sending. Crashes still go out, unless the client was made
        with crash_reports=False.
        """
        self._enabled = bool(enabled)
        if not self._usable:
            return
        self._choice.set(self._enabled)
        if not self._enabled:
            self._forget_usage()

    def _forget_usage(self) -> None:
        self._writer.drain(1.0)
        self._queued.clear_usage()

    def _reread_choice(self) -> None:
        """Another process may have opted out, or in."""
        if self._choice.is_on() == self._enabled:
            return
        self._enabled = not self._enabled
        if not self._enabled:
            self._forget_usage()

    def flush(self, timeout: float = 10.0) -> bool:
        """Blocks until everything tracked so far was answered for, `timeout` at most.

        False when something is left, for instance because the server is down (it goes out later),
        or when something that had been taken was given up since the last flush; stats() says what.
        """
        try:
            done = self._usable and self._writer.drain(timeout) and self._sender.flush(timeout)
            lost = self._counts.lost - self._lost_before
            self._lost_before += lost
            return done and lost == 0
        except Exception as error:
            self._counts.once("flush", f"flush failed: {error}")
            return False

    def close(self, timeout: float | None = None) -> bool:
        """Flushes and takes nothing more. Called at exit with flush_at_exit (2 s)."""
        if self._closed or not self._usable:
            return True
        sent = self.flush(self.flush_at_exit if timeout is None else timeout)
        self._closed = True
        self._hooks_safely_off()
        self._writer.stop()
        self._sender.stop(wait=0.5 if sent else 0.0)  # so that nothing opens the file again
        self._queued.close()
        _fork.leave(self)
        return sent

    @quiet
    def _hooks_safely_off(self) -> None:
        self._hooks.uninstall()

    def stats(self) -> Stats:
        """What became of the items of this process so far."""
        pending: int | None
        try:
            pending = self._queued.pending() if self._usable else 0
            unsaved = self._queued.in_memory() if self._usable else 0
        except Exception:
            pending, unsaved = None, 0
        counts = self._counts
        return Stats(
            pending,
            unsaved,
            counts.sent,
            counts.duplicates,
            counts.retries,
            dict(counts.dropped),
            dict(counts.rejected),
            self._sender.clock_offset if self._usable else None,
            counts.last_error,
        )

    def __enter__(self) -> Client:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        tb: TracebackType | None,
    ) -> None:
        self.close()

    # -- for the other modules -------------------------------------------------------------------

    def _take(self, item: Item, durable: bool | None = None) -> Queued:
        wanted = self._enabled or item.kind == "crash"
        if not self._usable or self._closed or not wanted:
            return REFUSED
        if self._durable if durable is None else durable:
            return TAKEN if self._writer.write_now(item) else REFUSED
        image = item.fields.get("image")
        if image is not None:
            return TAKEN if self._writer.put_image(item, len(image[0])) else REFUSED
        return TAKEN if self._writer.put(item) else REFUSED

    def _country(self, given: str | None) -> str | None:
        """Two letters in capitals. The server refuses every event that carries anything else."""
        if given is None:
            return None
        if isinstance(given, str) and len(given) == 2 and given.isascii() and given.isalpha():
            return given.upper()
        self._counts.once("country", f"country is two letters, not {given!r}: left out")
        return None

    def _drop(self, reason: str) -> None:
        self._counts.drop(reason)

    def before_fork(self) -> None:
        self._queued.before_fork()

    def after_fork_in_parent(self) -> None:
        self._queued.after_fork_in_parent()

    def after_fork_in_child(self) -> None:
        self._queued.after_fork_in_child()
        self._counts.reset()
        self._lost_before = 0
        self._writer.reset()
        self._sender.reset()
        self._limit = _crash.RateLimit()


class AsyncClient(Client):
    """The same client, with ways to wait that do not block the event loop.

    Its calls are plain calls, done when they return; `await client.track(…)` and
    `asyncio.create_task(client.track(…))` work too. Only durable=True and report_crash touch the
    disk in the calling thread (about 0.1 ms).
    """

    async def aflush(self, timeout: float = 10.0) -> bool:
        """flush, in a thread of the loop's executor."""
        return await asyncio.get_running_loop().run_in_executor(None, self.flush, timeout)

    async def aclose(self, timeout: float | None = None) -> bool:
        """close, in a thread of the loop's executor."""
        return await asyncio.get_running_loop().run_in_executor(None, self.close, timeout)

    async def __aenter__(self) -> AsyncClient:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        tb: TracebackType | None,
    ) -> None:
        await self.aclose()


def _person(user_id: str | UUID | int | None) -> str | None:
    """The UUID of a person, from a UUID or from any other id that stays the same for them."""
    if user_id is None:
        return None
    if isinstance(user_id, UUID):
        return str(user_id)
    try:
        return str(UUID(str(user_id)))
    except ValueError:
        return str(uuid5(NAMESPACE_URL, f"stories-analytics:{user_id}"))


def _default_path(url: str, app_key: str | None) -> Path:
    digest = hashlib.sha256(f"{url}\n{app_key or ''}".encode()).hexdigest()[:10]
    return Path(f"stories-analytics-{digest}.queue")
