"""Another program on the same workspace, as a process of its own: `another_program.py FOLDER KEY hold | NAME`.

`hold` keeps the database for itself, any other word writes ten households of that name. It says when it is ready and
waits for a line: until then it does nothing, or goes on holding.
"""

from __future__ import annotations

import sys
from pathlib import Path

from desktop_app.bootstrap import open_with_key
from tests.storage.test_keys_and_backup import add_household

TIMES = 10


def main() -> None:
    folder, key, deed = Path(sys.argv[1]), bytes.fromhex(sys.argv[2]), sys.argv[3]
    workspace = open_with_key(folder, key)
    if deed == "hold":
        with workspace.engine.execution_options(write=True).begin():
            _say_and_wait()
    else:
        _say_and_wait()
        for number in range(TIMES):
            add_household(workspace, f"{deed}{number}")
    workspace.close()


def _say_and_wait() -> None:
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    sys.stdin.readline()


if __name__ == "__main__":
    main()
