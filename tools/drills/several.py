"""More than one server, and more in between: two on one database, PgBouncer in transaction mode."""

from __future__ import annotations

import os
import shutil
import subprocess

from tools.drills.postgres import Postgres
from tools.drills.scene import CannotRun, Scene
from tools.server import free_port

SECONDS = 60.0
BOUNCER = """
[databases]
stories_analytics = host={host} port=5432 dbname=stories_analytics user=postgres
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {port}
unix_socket_dir =
auth_type = any
pool_mode = transaction
default_pool_size = {size}
max_client_conn = 200
"""


def pair(scene: Scene) -> None:
    """Both start at once on an empty database, both take events, both fold; either is killed."""
    postgres = scene.postgres()
    servers = [scene.server(postgres.dsn), scene.server(postgres.dsn)]
    for server in servers:
        server.wait()
    load = scene.load(*servers, clients=12, pause=0.03)
    for number in range(4):
        scene.pause(SECONDS / 5, SECONDS / 4)
        server = servers[number % 2]
        server.kill()
        server.start()
        server.wait()
        scene.fault()
        scene.expect(load.wait_for_answers(), "nothing is answered after a server was killed")
    scene.finish(postgres.dsn)


def pgbouncer(scene: Scene) -> None:
    """Fewer connections than the workers think they have, so that each is handed around; and
    PgBouncer itself is killed."""
    program = shutil.which("pgbouncer", path="/usr/sbin:/usr/bin:/usr/local/bin")
    if program is None:
        raise CannotRun("PgBouncer is not installed (Debian: apt install pgbouncer).")
    postgres, port = scene.postgres(), free_port()
    config = scene.folder / "pgbouncer.ini"
    config.write_text(BOUNCER.format(host=postgres.socket_dir, port=port, size=6))
    config.chmod(0o644)
    bouncer = _started(scene, program, str(config), postgres)
    server = scene.server(f"postgresql://postgres@127.0.0.1:{port}/stories_analytics").wait()
    load = scene.load(server, clients=12, pause=0.03)
    for _ in range(4):
        scene.pause(SECONDS / 5, SECONDS / 4)
        scene.expect(load.wait_for_answers(), "nothing is answered through PgBouncer")
        bouncer.kill()
        bouncer.wait()
        scene.pause(0.0, 1.0)
        bouncer = _started(scene, program, str(config), postgres)
        scene.fault()
    scene.expect(load.wait_for_answers(), "nothing is answered through PgBouncer")
    scene.finish(postgres.dsn)


def _started(
    scene: Scene, program: str, config: str, postgres: Postgres
) -> subprocess.Popen[bytes]:
    """PgBouncer does not run as root; PostgreSQL's socket is closed to all but its owner."""
    return scene.program([program, config], postgres.owner if os.geteuid() == 0 else None)
