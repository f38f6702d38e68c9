"""Commands of `tiangeng` one after the other in one process: `python -m tests.several_commands COMMAND ; COMMAND ;`.

A process for each would spend most of its time on starting. Ends with the worst status of them.
"""

from __future__ import annotations

import sys

from desktop_app.__main__ import main


def words_of(*commands: tuple[str, ...]) -> list[str]:
    """What to call this with."""
    return [word for one in commands for word in (*one, ";")]


def run_all() -> int:
    words, ended = sys.argv[1:], [0]
    while words:
        end = words.index(";")
        sys.argv, words = ["tiangeng", *words[:end]], words[end + 1 :]
        try:
            main()
        except SystemExit as left:
            ended.append(int(left.code or 0))
    return max(ended)


if __name__ == "__main__":
    sys.exit(run_all())
