"""A PostgreSQL server of our own for the tests: Debian's binaries, a folder that goes away, no durability."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

_SETTINGS = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "shared_buffers": "32MB",
    "max_connections": "60",
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
}


def find_binaries() -> Path:
    """The newest installed PostgreSQL; without one the tests of the county cannot say anything."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    if found:
        return found[-1].parent
    initdb = shutil.which("initdb")
    if initdb is None:
        raise RuntimeError("PostgreSQL is not installed; `make test` installs it")
    return Path(initdb).parent


@contextmanager
def running_postgres(settings: Mapping[str, str] | None = None) -> Iterator[str]:
    """The address of a fresh server, without the database's name: `postgresql://postgres@127.0.0.1:port`.

    `settings` replace those of the tests, which care for speed and nothing else.
    """
    binaries = find_binaries()
    folder = Path(tempfile.mkdtemp(prefix="tiangeng-pg-"))
    data = folder / "data"
    if os.geteuid() == 0:
        shutil.chown(folder, "postgres", "postgres")
    _run(binaries, "initdb", "-D", str(data), "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "-N")
    port = free_port()
    options = " ".join(f"-c {name}={value}" for name, value in (_SETTINGS | dict(settings or {})).items())
    _run(
        binaries, "pg_ctl", "-D", str(data), "-w", "-t", "60", "-l", str(folder / "log"),
        "-o", f"{options} -p {port}", "start",
    )  # fmt: skip
    try:
        yield f"postgresql://postgres@127.0.0.1:{port}"
    finally:
        _run(binaries, "pg_ctl", "-D", str(data), "-m", "immediate", "stop")
        shutil.rmtree(folder, ignore_errors=True)


def _run(binaries: Path, program: str, *arguments: str) -> None:
    """PostgreSQL refuses to run as root; then its own user does it."""
    command = [str(binaries / program), *arguments]
    if os.geteuid() == 0:
        command = ["runuser", "-u", "postgres", "--", *command]
    done = subprocess.run(
        command, cwd="/", stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False
    )
    if done.returncode:
        raise RuntimeError(f"{program}: {done.stdout.decode(errors='replace')}")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
