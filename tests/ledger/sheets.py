"""Small voucher sheets for tests."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import xlsxwriter

HEADER = ("日期", "凭证号", "摘要", "科目编码", "科目名称", "借方金额", "贷方金额", "附件张数")

Row = Sequence[object]

OPENING: list[Row] = [
    ("2025-01-01", "期初", "期初余额", "101", "库存现金", "1200.50", "", ""),
    ("2025-01-01", "期初", "期初余额", "10201", "基本户", "8799.50", "", ""),
    ("2025-01-01", "期初", "期初余额", "152", "累计折旧", "", "1000.00", ""),
    ("2025-01-01", "期初", "期初余额", "301", "资本", "", "9000.00", ""),
]
RENT: list[Row] = [
    ("2025-01-16", "记-1", "收取鱼塘发包款", "10201", "基本户", "2067.27", "", "2"),
    ("2025-01-16", "记-1", "收取鱼塘发包款", "50103", "发包收入", "", "2067.27", "2"),
]
REPAIR: list[Row] = [
    ("2025-02-09", "记-1", "修缮水沟", "51402", "公益事业", "4114.88", "", "1"),
    ("2025-02-09", "记-1", "修缮水沟", "213", "应付劳务费", "", "3787.81", "1"),
    ("2025-02-09", "记-1", "修缮水沟", "10201", "基本户", "", "327.07", "1"),
]
BOOKS = [*OPENING, *RENT, *REPAIR]


def write_sheet(path: Path, rows: Sequence[Row], *, header: Row = HEADER, above: int = 0) -> Path:
    """Rows under a header on row `above` + 1; text as text, numbers as numbers."""
    with xlsxwriter.Workbook(str(path)) as workbook:
        page = workbook.add_worksheet("凭证")
        for row in range(above):
            page.write_string(row, 0, "太平村 记账凭证")
        page.write_row(above, 0, header)
        for number, row_cells in enumerate(rows, start=above + 1):
            page.write_row(number, 0, row_cells)
    return path
