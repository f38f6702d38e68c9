"""PostgreSQL on a real small disk, for tests that fill it: a tmpfs in a namespace of its own."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.postgres import find_binaries, free_port

_SOMEBODY = "unshare --user --map-user=1000 --map-group=1000"
"""PostgreSQL refuses to run as root, who in such a namespace everybody is."""
_SETTINGS = "-c min_wal_size=4MB -c max_wal_size=8MB -c listen_addresses=127.0.0.1 -c unix_socket_directories="
_END = "end of the answer"


class SmallPostgres:
    """`fill()` and `free()` the disk that it writes to; `address` lacks the name of the database."""

    def __init__(self, shell: subprocess.Popen[str], folder: Path, *, megabytes: int) -> None:
        self._shell = shell
        self._folder = folder
        self._programs = f"{_SOMEBODY} {find_binaries()}"
        port = free_port()
        self._settings = f"{_SETTINGS} -p {port}"
        self.address = f"postgresql://postgres@127.0.0.1:{port}"
        self.tell(f"mount -t tmpfs -o size={megabytes}m tmpfs {folder}")
        self.tell(
            f"{self._programs}/initdb -D {folder}/data -U postgres -A trust -E UTF8 --locale=C.UTF-8 --wal-segsize=1"
        )
        self.go_on()

    def tell(self, command: str) -> str:
        """What a command inside says."""
        assert self._shell.stdin is not None
        assert self._shell.stdout is not None
        self._shell.stdin.write(f"{{ {command}; }} 2>&1 </dev/null; echo; echo {_END} $?\n")
        self._shell.stdin.flush()
        lines: list[str] = []
        while not (line := self._shell.stdout.readline()).startswith(_END):
            assert line, lines
            lines.append(line)
        return "".join(lines).strip()

    def fill(self, *, left: int) -> int:
        """Leave so many bytes; what per cent of the disk are then used."""
        free = int(self.tell(f"df -B1 --output=avail {self._folder} | tail -1"))
        self.tell(f"head -c {free - left} /dev/zero > {self._folder}/filler")
        return int(self.tell(f"df --output=pcent {self._folder} | tail -1").rstrip("%"))

    def free(self) -> None:
        self.tell(f"rm {self._folder}/filler")

    def log(self) -> str:
        return self.tell(f"cat {self._folder}/log")

    def go_on(self) -> None:
        """As an operator does: start it unless it is there. A full disk may have ended it."""
        control = f"{self._programs}/pg_ctl -D {self._folder}/data -w"
        self.tell(
            f"{control} status >/dev/null || {control} -l {self._folder}/log -o '{self._settings}' start >/dev/null"
        )

    def stop(self) -> None:
        self.tell(f"{self._programs}/pg_ctl -D {self._folder}/data -w -m immediate stop >/dev/null")


@contextmanager
def running_small_postgres(folder: Path, *, megabytes: int) -> Iterator[SmallPostgres]:
    """`folder` is empty; the disk is there only for the server."""
    with subprocess.Popen(["unshare", "-rm", "sh"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as shell:
        server = SmallPostgres(shell, folder, megabytes=megabytes)
        try:
            yield server
        finally:
            server.stop()
            assert shell.stdin is not None
            shell.stdin.close()
