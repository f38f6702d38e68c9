"""The rows of a voucher sheet, read cell by cell: what each says, and what in it cannot be understood."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from desktop_app.ledger.import_report import RowNote
from desktop_app.sheets.reader import SheetRow, read_sheet
from village_core.domain.errors import RefusedError
from village_core.domain.ledger.accounts import parse_account_code
from village_core.domain.ledger.voucher import OPENING_NUMBER, OPENING_TEXT, VoucherNumber, parse_voucher_number
from village_core.domain.money import parse_yuan

DATE, NUMBER, SUMMARY, CODE = "日期", "凭证号", "摘要", "科目编码"
NAME, DEBIT, CREDIT, PAPERS, REVERSES = "科目名称", "借方金额", "贷方金额", "附件张数", "冲销"
COLUMNS = (DATE, NUMBER, SUMMARY, CODE, NAME, DEBIT, CREDIT, PAPERS, REVERSES)
_SYNONYMS = {
    DATE: ("凭证日期", "制单日期", "记账日期"),
    NUMBER: ("凭证字号", "凭证编号", "字号"),
    SUMMARY: ("凭证摘要", "事由"),
    CODE: ("科目代码", "会计科目编码", "科目编号"),
    NAME: ("会计科目", "科目", "会计科目名称"),
    DEBIT: ("借方", "借方发生额", "借"),
    CREDIT: ("贷方", "贷方发生额", "贷"),
    PAPERS: ("附单据数", "附单据", "附件数", "单据张数", "附件"),
    REVERSES: ("冲销凭证",),
}
_NEEDED = (DATE, NUMBER, SUMMARY, CODE, DEBIT, CREDIT)
_TOTAL_WORDS = ("合计", "总计", "本页合计", "本月合计", "累计", "小计")


@dataclass(frozen=True)
class SheetLine:
    """One row that is a line of a voucher. `problems` say what could not be read; the rest stands as read."""

    row: int
    voucher_date: date | None
    number: VoucherNumber | None
    summary: str
    code: str
    name: str
    debit_fen: int
    credit_fen: int
    papers: int | None
    reverses: str
    group: tuple[str, str]
    problems: tuple[RowNote, ...] = field(default=())

    @property
    def opening(self) -> bool:
        return self.number is not None and self.number == OPENING_NUMBER


@dataclass(frozen=True)
class VoucherSheet:
    """A voucher sheet: its lines, and what is to be said about the sheet as a whole."""

    lines: tuple[SheetLine, ...]
    warnings: tuple[RowNote, ...]


def read_voucher_sheet(path: Path) -> VoucherSheet:
    """Read a sheet of vouchers. Raises RefusedError for a file that is none."""
    names = [name for column in COLUMNS for name in (column, *_SYNONYMS[column])]
    sheet = read_sheet(path, wanted_headers=names, least_headers=4)
    positions = {column: sheet.find_column((column, *_SYNONYMS[column])) for column in COLUMNS}
    missing = [column for column in _NEEDED if positions[column] is None]
    if missing:
        raise RefusedError(
            f"“{path.name}”缺少这些列：{'、'.join(missing)}。",
            safe="账上没有改动。",
            next_step=f"表头要有：{'、'.join(COLUMNS[:8])}。",
        )
    known = set(positions.values())
    warnings = [
        RowNote(sheet.header_row, header, "不认识这一列，没有收下它。")
        for header, position in sheet.columns.items()
        if position not in known
    ]
    warnings += [RowNote(sheet.header_row, title, "这个表头出现了两次，只收下了第一列。") for title in sheet.repeated]
    lines = []
    for row in sheet.rows:
        if _is_total(row):
            warnings.append(RowNote(row.number, DATE, "这是合计行，没有收下。"))
        else:
            lines.append(_read_line(row, positions))
    return VoucherSheet(tuple(lines), tuple(warnings))


def _is_total(row: SheetRow) -> bool:
    first = next(text for text in row.texts if text)
    return "".join(first.split()).rstrip("：:") in _TOTAL_WORDS


def _read_line(row: SheetRow, positions: dict[str, int | None]) -> SheetLine:
    cells = {
        column: row.texts[position] if position is not None and position < len(row.texts) else ""
        for column, position in positions.items()
    }
    problems: list[RowNote] = []

    def problem(column: str, reason: str) -> None:
        problems.append(RowNote(row.number, column, reason))

    voucher_date = parse_sheet_date(cells[DATE])
    if voucher_date is None:
        problem(DATE, f"“{cells[DATE]}”不是日期，应像 2025-01-16 这样。" if cells[DATE] else "没有填日期。")
    number = _number(cells[NUMBER])
    if number is None:
        problem(NUMBER, f"“{cells[NUMBER]}”不是凭证号，应像 记-1 这样。" if cells[NUMBER] else "没有填凭证号。")
    code = ""
    try:
        code = parse_account_code(cells[CODE])
    except RefusedError as refusal:
        problem(CODE, refusal.what)
    amounts = {DEBIT: 0, CREDIT: 0}
    for column in amounts:
        if cells[column]:
            try:
                amounts[column] = parse_yuan(cells[column])
            except RefusedError as refusal:
                problem(column, refusal.what)
    if not problems and not any(amounts.values()):
        problem(DEBIT, "借方和贷方都没有金额。")
    papers = _papers(cells[PAPERS])
    if papers is None and cells[PAPERS]:
        problem(PAPERS, f"“{cells[PAPERS]}”不是张数。")
    return SheetLine(
        row=row.number,
        voucher_date=voucher_date,
        number=number,
        summary=cells[SUMMARY][:200],
        code=code,
        name=cells[NAME],
        debit_fen=amounts[DEBIT],
        credit_fen=amounts[CREDIT],
        papers=papers,
        reverses=cells[REVERSES],
        group=(voucher_date.isoformat() if voucher_date else cells[DATE], _group_number(number, cells[NUMBER])),
        problems=tuple(problems),
    )


def parse_sheet_date(text: str) -> date | None:
    """2025-01-16, 2025/1/16, 2025.1.16, 20250116, 2025年1月16日, each with or without a time of midnight."""
    plain = re.sub(r"[ T]00:00(:00)?$", "", text.strip())
    match = re.fullmatch(r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?", plain) or re.fullmatch(
        r"(\d{4})(\d{2})(\d{2})", plain
    )
    if match is None:
        return None
    try:
        found = date(*map(int, match.groups()))
    except ValueError:
        return None
    return found if 1950 <= found.year <= 2100 else None


def _number(text: str) -> VoucherNumber | None:
    if text.startswith(OPENING_TEXT):
        return OPENING_NUMBER
    return parse_voucher_number(text)


def _group_number(number: VoucherNumber | None, text: str) -> str:
    return text if number is None else OPENING_TEXT if number == OPENING_NUMBER else f"{number.word}-{number.number}"


def _papers(text: str) -> int | None:
    match = re.fullmatch(r"([0-9]{1,4})\s*张?", text)
    return int(match[1]) if match else None
