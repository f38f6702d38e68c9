"""Entry of `tiangeng-county`."""

from __future__ import annotations

import sys

from county_server.cli import run


def main() -> None:
    sys.exit(run(sys.argv[1:]))


if __name__ == "__main__":
    main()
