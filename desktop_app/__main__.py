"""Parse arguments, call the command line or the window; nothing else."""

from __future__ import annotations

import gc
import io
import os
import sys

gc.disable()  # loading the libraries makes nothing to collect, and looking for it takes a seventh of the start

from desktop_app.cli import run  # noqa: E402
from desktop_app.support.memory import forbid_core_dumps  # noqa: E402


def main() -> None:
    """Entry point of `tiangeng`."""
    _leave_ascii()
    forbid_core_dumps()
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # None in a program without a console
            stream.reconfigure(encoding="utf-8")  # whatever language the system speaks, Chinese can be said
    sys.exit(run(sys.argv[1:]))


def _leave_ascii() -> None:
    """A system that speaks ASCII alone makes of a Chinese passphrase a wrong one, and of a file's name none that can
    be written down: begin anew in Python's UTF-8 mode, with the same bytes."""
    if sys.getfilesystemencoding() == "ascii" and not getattr(sys, "frozen", False):
        os.execv(sys.executable, [sys.executable, "-X", "utf8", *sys.orig_argv[1:]])  # noqa: S606 - this very program


if __name__ == "__main__":
    main()
