"""Which user runs PostgreSQL, and how to run something as that user. It refuses to run as root."""

from __future__ import annotations

import contextlib
import os
import pwd
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from stories.errors import SetupError

# Of our environment; all else would change what the programs do (PGDATA and friends), and the server
# has no business with our secrets.
KEPT: tuple[str, ...] = ("LD_LIBRARY_PATH",)


@dataclass(frozen=True)
class Account:
    """How to run a command as the owner of the cluster. uid None: as ourselves."""

    uid: int | None = None
    gid: int = 0
    prefix: tuple[str, ...] = ()

    def run(
        self, command: Sequence[str | Path], **options: Any
    ) -> subprocess.CompletedProcess[str]:
        if self.uid is not None and not self.prefix:
            options.update(user=self.uid, group=self.gid, extra_groups=[])
        kept = {name: os.environ[name] for name in KEPT if name in os.environ}
        environment = {**kept, "PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C"}
        return subprocess.run(
            [*self.prefix, *map(str, command)],
            check=False,
            cwd="/",
            env=environment,
            stdin=subprocess.DEVNULL,
            # A session of its own: Ctrl-C in the terminal is for us, and we stop the server.
            start_new_session=True,
            text=True,
            errors="replace",
            umask=0o077,
            **options,
        )

    def reaches(self, program: Path, folders: Sequence[Path]) -> bool:
        """Whether it can run the program and enter the folders: tried, not read off modes."""
        enter = " && ".join(['"$0" --version', *(f'cd "${n}"' for n in range(1, len(folders) + 1))])
        try:
            tried = self.run(["/bin/sh", "-c", enter, program, *folders], capture_output=True)
        except PermissionError:
            return False
        return tried.returncode == 0


def for_folders(binaries: Path, cluster: Path, *others: Path) -> Account:
    """Ourselves; for root, the owner of the cluster's folder, which becomes one who may."""
    if os.geteuid() != 0:
        return Account()
    if cluster.stat().st_uid == 0:
        _give_all(cluster, _service_user())
    owner = cluster.stat()
    for prefix in _prefixes(owner):
        account = Account(owner.st_uid, owner.st_gid, prefix)
        if account.reaches(binaries / "postgres", [cluster, *others]):
            return account
    raise SetupError(
        f"PostgreSQL does not run as root, and {user_name(owner.st_uid)} cannot reach "
        f"{binaries} or {cluster}: install util-linux (setpriv), use a folder open to all, start "
        "as a plain user, or set DATABASE_URL."
    )


def _prefixes(owner: os.stat_result) -> list[tuple[str, ...]]:
    """Ways to become the owner, the least privileged first.

    A clone under /root, say, is closed to that user. Opening it up is not ours to do, so let the
    server pass: by reading only, which containers often withhold, or else altogether.
    no_setuid_fixup, because access(2) ignores the capabilities of other users than root without it.
    """
    if not shutil.which("setpriv"):
        return [()]
    become = ("setpriv", f"--reuid={owner.st_uid}", f"--regid={owner.st_gid}", "--clear-groups")
    return [
        (),
        *(
            (
                *(*become, "--securebits=+no_setuid_fixup"),
                *(f"--inh-caps=+{capability}", f"--ambient-caps=+{capability}", "--"),
            )
            for capability in ("dac_read_search", "dac_override")
        ),
    ]


def _service_user() -> pwd.struct_passwd:
    for name in ("postgres", "nobody"):
        with contextlib.suppress(KeyError):
            return pwd.getpwnam(name)
    raise SetupError(
        "PostgreSQL does not run as root and there is no user postgres or nobody to run it as: "
        "add one, start as a plain user, or set DATABASE_URL."
    )


def user_name(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return f"user {uid}"


def give(path: Path, owner: os.stat_result) -> None:
    """Root's new file becomes the owner's."""
    if os.geteuid() == 0:
        os.chown(path, owner.st_uid, owner.st_gid)


def _give_all(folder: Path, user: pwd.struct_passwd) -> None:
    """Make a folder of ours the user's: a new one, or one that a backup gave back to root."""
    os.chown(folder, user.pw_uid, user.pw_gid)
    for parent, folders, files in os.walk(folder):
        for name in folders + files:
            os.chown(os.path.join(parent, name), user.pw_uid, user.pw_gid, follow_symlinks=False)
