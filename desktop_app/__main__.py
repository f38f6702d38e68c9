"""Parse arguments, call the command line or the window; nothing else."""

from __future__ import annotations

import sys

from desktop_app.cli import run


def main() -> None:
    """Entry point of `tiangeng`."""
    sys.exit(run(sys.argv[1:]))


if __name__ == "__main__":
    main()
