"""Writes the lists of packages, versions and licences into THIRD_PARTY.md: `python -m build_spec.third_party`."""

from __future__ import annotations

import sys
from collections.abc import Iterable

from build_spec.locks import BUILD_LOCK, LOCK, ROOT, Locked, licence_of, needed_at_runtime, read_lock

PAGE = ROOT / "THIRD_PARTY.md"
START = "<!-- written by build_spec/third_party.py: begin -->\n"
END = "<!-- written by build_spec/third_party.py: end -->\n"


def written_part() -> str:
    """The three tables: what runs, what only builds, what only tests."""
    runtime = needed_at_runtime()
    built = read_lock(BUILD_LOCK)
    built_names = {entry.name for entry in built}
    return "\n".join(
        [
            "### Needed at run time",
            "",
            *_table(entry for entry in built if entry.name in runtime),
            "",
            "### Only for building a package",
            "",
            *_table(entry for entry in built if entry.name not in runtime),
            "",
            "### Only for development, never shipped",
            "",
            *_table(entry for entry in read_lock(LOCK) if entry.name not in built_names),
            "",
        ]
    )


def renewed(text: str) -> str:
    """The page with the written part made anew."""
    before, rest = text.split(START)
    _, after = rest.split(END)
    return before + START + "\n" + written_part() + "\n" + END + after


def _table(entries: Iterable[Locked]) -> list[str]:
    rows = [f"| {entry.name} | {entry.version} | {licence_of(entry.name)} |" for entry in entries]
    return ["| package | version | licence as declared |", "|---|---|---|", *rows]


def main() -> int:
    text = PAGE.read_text(encoding="utf-8")
    PAGE.write_text(renewed(text), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
