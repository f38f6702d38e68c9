"""The program's own start, from the key on: `python -m bench.start_product FOLDER`, the key as hex on stdin.

Loads what the entry point loads, in the same order.
"""

from __future__ import annotations

import sys
from pathlib import Path


def main() -> None:
    """Open the workspace, show the window on its start page, say when it rested, end."""
    import desktop_app.__main__  # noqa: F401 - what the entry point loads first
    from desktop_app.bootstrap import open_with_key
    from desktop_app.window import build_window

    folder, key = Path(sys.argv[1]), bytes.fromhex(sys.stdin.readline())
    from PySide6.QtWidgets import QApplication

    app = QApplication(sys.argv[:1])
    workspace = open_with_key(folder, key)
    window = build_window(workspace)
    window.resize(1366, 768)
    window.show()
    window.start()
    from bench.settled import SettledWatch

    watch = SettledWatch(window, busy=lambda: window.tasks.busy)
    app.exec()
    window.tasks.shutdown()
    workspace.close()
    del watch


if __name__ == "__main__":
    main()
