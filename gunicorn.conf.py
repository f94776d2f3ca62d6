"""How gunicorn serves this app; `gunicorn app:app` reads it by itself, flags of the command line win.

The arbiter checks the settings, starts the local PostgreSQL if no other is named, and migrates, all
before the first worker exists: every way to fail is one sentence and a non-zero exit.
"""

# ruff: noqa: E402
import errno
import os
import shutil
import signal
import socket
import sys
import tempfile
from pathlib import Path
from typing import Any

from stories import config as settings
from stories.errors import SetupError

# A container's first process ignores what it has no handler for, and gunicorn sets its own only after
# on_starting, which may wait ten seconds for the database. A reload reads this file again.
if signal.getsignal(signal.SIGTERM) == signal.SIG_DFL:
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))

try:
    chosen = settings.load()
except SetupError as error:
    sys.exit(f"error: {error}")

# Named before anything that counts is imported. A reload keeps it; a new master (USR2) has its own;
# what killed ones have left goes.
METRICS = "PROMETHEUS_MULTIPROC_DIR"
_prefix = f"stories-metrics-{os.getpid()}-"
for _left in Path(tempfile.gettempdir()).glob("stories-metrics-[0-9]*-*"):
    if not Path(f"/proc/{_left.name.split('-')[2]}").exists() and Path("/proc/self").exists():
        shutil.rmtree(_left, ignore_errors=True)
if _prefix not in os.environ.get(METRICS, ""):
    os.environ[METRICS] = tempfile.mkdtemp(prefix=_prefix)

from prometheus_client.multiprocess import mark_process_dead

from aggregator import JobContext, WorkerJobs
from database import Database, Refused, Unavailable
from stories import logs
from stories.operation import local_postgres, migrate
from stories.rollups import testers
from stories.storage import partitions
from stories.web import static_files

bind = f"{chosen.host}:{chosen.port}"
workers = chosen.web_concurrency
# A connection costs a greenlet, not a thread: hundreds of slow or silent clients take nobody's place.
worker_class = "stories.web.worker.Worker"
worker_connections = chosen.web_connections
timeout = 60
graceful_timeout = 20
forwarded_allow_ips = ""  # TRUSTED_PROXIES says whom to believe, and app.py's ProxyFix does
keepalive = 5  # a stopping worker waits for idle connections
backlog = 2048
loglevel = "warning"
# For who turns the access log on: no query, which may hold a key, no address and no referrer.
access_log_format = "%(t)s %(m)s %(U)s %(s)s %(b)s bytes %(M)s ms"
control_socket_disable = True


def on_starting(server: Any) -> None:
    logs.configure(chosen.log_level, chosen.log_format)
    try:
        _refuse_taken_port(server.cfg.address)
        database = Database(local_postgres.dsn(chosen), 2)
        migrate.migrate(database)
        testers.seed(database, chosen.excluded_user_ids)
        partitions.ensure_all(database, chosen.retention_days)
        database.close()
        on_reload(server)
    except (SetupError, Unavailable, Refused) as error:
        on_exit(server)
        sys.exit(f"error: {error}")


def on_reload(server: Any) -> None:
    if not server.cfg.reload:  # it shows files as they are now
        static_files.publish(Path(os.environ[METRICS]))


def when_ready(server: Any) -> None:
    host, port = server.cfg.address[0][:2] if isinstance(server.cfg.address[0], tuple) else ("", "")
    address = f"http://{'localhost' if host in ('127.0.0.1', '0.0.0.0', '') else host}:{port}"
    login = "admin / admin" if chosen.dashboard_password == "admin" else "as you have set it"
    print(
        f"""
Stories Analytics is running
  address   {address}
  login     {login}
  first event:
  curl -X POST {address}/track -H 'Content-Type: application/json' -d '{{"events": [{{
    "user_id": "550e8400-e29b-41d4-a716-446655440000", "event": "app_opened",
    "timestamp": "'"$(date -u +%Y-%m-%dT%H:%M:%SZ)"'", "app_version": "0.9.51"}}]}}'
Ctrl-C stops it.
""",
        flush=True,
    )


def post_worker_init(worker: Any) -> None:
    services = worker.wsgi.extensions["stories"]
    context = JobContext(services.config, services.database, services.apps, services.key)
    worker.jobs = WorkerJobs(context, every_tick=services.ledger.write)


def worker_exit(server: Any, worker: Any) -> None:
    jobs = getattr(worker, "jobs", None)  # None when the worker never came up
    if jobs is not None:
        jobs.stop()


def pre_exec(server: Any) -> None:
    """Before a USR2's new server: started by -m, gunicorn would run its __main__.py as a script, whose
    folder, first in the path then, hides the standard library's `http` behind gunicorn's."""
    server.START_CTX["args"] = [sys.executable, "-m", "gunicorn", *sys.argv[1:]]


def child_exit(server: Any, worker: Any) -> None:
    mark_process_dead(worker.pid)  # type: ignore[no-untyped-call]


def on_exit(server: Any) -> None:
    local_postgres.stop()
    shutil.rmtree(os.environ[METRICS], ignore_errors=True)


def _refuse_taken_port(addresses: list[Any]) -> None:
    """gunicorn itself would try five times and then print a traceback's worth of lines. Sockets that
    are handed over (systemd, USR2) are bound already, and that is right."""
    if "GUNICORN_FD" in os.environ or "LISTEN_FDS" in os.environ:
        return
    for address in addresses:
        if not isinstance(address, tuple):
            continue
        family = socket.AF_INET6 if ":" in address[0] else socket.AF_INET
        with socket.socket(family) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(address)
            except OSError as error:
                if error.errno == errno.EADDRINUSE:
                    raise SetupError(
                        f"Port {address[1]} is taken; stop what uses it or set PORT to another."
                    ) from None
                raise SetupError(f"Cannot listen on {address[0]}:{address[1]}: {error}.") from None
