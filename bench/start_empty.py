"""The floor of any start: an empty PySide6 window with a table."""

from __future__ import annotations

import sys
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt
from PySide6.QtWidgets import QApplication, QMainWindow, QTableView

from bench.settled import SettledWatch

_Index = QModelIndex | QPersistentModelIndex


class _Rows(QAbstractTableModel):
    def rowCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own signature
        return 0 if parent.isValid() else 20

    def columnCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own signature
        return 0 if parent.isValid() else 8

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        return f"{index.row()} {index.column()}" if role == Qt.ItemDataRole.DisplayRole else None


def main() -> None:
    """Show it, say when it rested, end."""
    app = QApplication(sys.argv[:1])
    window = QMainWindow()
    table = QTableView()
    table.setModel(_Rows(table))
    window.setCentralWidget(table)
    window.resize(1366, 768)
    window.show()
    watch = SettledWatch(window)
    app.exec()
    del watch


if __name__ == "__main__":
    main()
