"""`make run` with a display: the window on a made-up village, made the first time and kept for the next."""

from __future__ import annotations

import sys
from pathlib import Path

from desktop_app.bootstrap import create_workspace, has_workspace
from desktop_app.demo.parts import play_case
from desktop_app.demo.people import make_village, write_sheet
from desktop_app.demo.village import NAME, PASSPHRASE, VILLAGE
from desktop_app.households.service import import_households

_FOLDER = Path("demo-out") / "window"
_SEED = 31
_HOUSEHOLDS = 212


def main() -> None:
    """Make the village where it is missing, then open the window on it."""
    if not has_workspace(_FOLDER):
        _make_village(_FOLDER)
    from desktop_app.window import run_window

    sys.exit(run_window(_FOLDER, passphrase=PASSPHRASE))


def _make_village(folder: Path) -> None:
    workspace = create_workspace(folder, village=VILLAGE, name=NAME, person="李琼仙", passphrase=PASSPHRASE)
    sheet = folder.parent / "监测对象信息_演示.xlsx"
    write_sheet(sheet, make_village(_SEED, _HOUSEHOLDS))
    import_households(workspace, sheet, dry_run=False)
    play_case(workspace)
    workspace.close()


if __name__ == "__main__":
    main()
