"""Decides for each voucher of a sheet: new, already there, or left out and why. Whole vouchers or nothing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import select

from desktop_app.ledger import sheet_lines as sheet
from desktop_app.ledger.chart import load_chart, old_accounts
from desktop_app.ledger.import_report import RowNote
from desktop_app.ledger.queries import find_opening, locked_periods
from desktop_app.ledger.sheet_lines import SheetLine, VoucherSheet
from village_core.domain.errors import Finding, RefusedError
from village_core.domain.ids import derived_id
from village_core.domain.ledger.accounts import Chart, code_path, display_code, parent_code
from village_core.domain.ledger.checks import check_reversal, check_voucher
from village_core.domain.ledger.periods import period_label, period_of
from village_core.domain.ledger.voucher import (
    OPENING_TEXT,
    Posting,
    Voucher,
    VoucherKind,
    VoucherNumber,
    parse_voucher_number,
)
from village_core.records import ledger as records

if TYPE_CHECKING:
    from desktop_app.storage.unit_of_work import Reader

_FIELD_COLUMNS = {
    "account": sheet.CODE,
    "summary": sheet.SUMMARY,
    "voucher_date": sheet.DATE,
    "paper_count": sheet.PAPERS,
    "reverses": sheet.REVERSES,
}

Key = tuple[str, str, int]
"""Month, word and number: what may stand once in the books."""


@dataclass(frozen=True)
class KnownVoucher:
    """A voucher that is in the books already, or comes from an earlier row of the sheet."""

    voucher_id: UUID
    voucher: Voucher
    text: str
    row: int = 0


@dataclass(frozen=True)
class PlannedVoucher:
    """A voucher to write."""

    voucher_id: UUID
    voucher: Voucher
    number: VoucherNumber


@dataclass
class ImportPlan:
    """All that an import would do. Counts are sheet rows."""

    rows: int = 0
    unchanged: int = 0
    vouchers: list[PlannedVoucher] = field(default_factory=list)
    accounts: list[tuple[str, str]] = field(default_factory=list)
    rejected: list[RowNote] = field(default_factory=list)
    warnings: list[RowNote] = field(default_factory=list)

    @property
    def created(self) -> int:
        return sum(len(planned.voucher.postings) for planned in self.vouchers)


def plan_import(reader: Reader, content: VoucherSheet) -> ImportPlan:
    """Compare a sheet with the books; writes nothing."""
    planner = _Planner(reader, content)
    for lines in _groups(content.lines):
        planner.take(lines)
    planner.plan.rejected.sort(key=lambda note: note.row)
    planner.plan.warnings.sort(key=lambda note: note.row)
    return planner.plan


def _groups(lines: Iterable[SheetLine]) -> list[list[SheetLine]]:
    """Rows of one 日期 + 凭证号, in the order of their first rows; opening balances come first."""
    groups: dict[tuple[str, str], list[SheetLine]] = {}
    for line in lines:
        groups.setdefault(line.group, []).append(line)
    return sorted(groups.values(), key=lambda group: not group[0].opening)


def _imported_id(village: str, voucher: Voucher, number: VoucherNumber) -> UUID:
    """The same id wherever the same voucher is imported, so that two laptops which take in one sheet have one book."""
    lines = [f"{line.account} {line.debit_fen} {line.credit_fen} {line.summary}" for line in voucher.postings]
    return derived_id(village, "imported_voucher", voucher.voucher_date.isoformat(), number.text, *lines)


class _LeftOutError(Exception):
    """The voucher is left out, for these reasons."""

    def __init__(self, notes: Sequence[RowNote]) -> None:
        super().__init__()
        self.notes = notes


class _Planner:
    def __init__(self, reader: Reader, content: VoucherSheet) -> None:
        self._chart = load_chart(reader)
        self._locked = locked_periods(reader)
        self._today = reader.today
        self._village = reader.village
        self._known = _known_vouchers(reader, {period_of(d) for line in content.lines if (d := line.voucher_date)})
        opening = find_opening(reader)
        self._opening = KnownVoucher(opening.voucher_id, opening.voucher(), OPENING_TEXT) if opening else None
        self.plan = ImportPlan(rows=len(content.lines), warnings=list(content.warnings))

    def take(self, lines: list[SheetLine]) -> None:
        """Decide on one voucher."""
        try:
            self._take(lines)
        except _LeftOutError as refusal:
            reasons: dict[int, RowNote] = {}
            for note in refusal.notes:
                reasons.setdefault(note.row, note)
            first = min(reasons)
            for line in lines:
                rest = RowNote(line.row, sheet.NUMBER, f"同一张凭证的第 {first} 行没有收下，整张都没有收下。")
                self.plan.rejected.append(reasons.get(line.row, rest))

    def _take(self, lines: list[SheetLine]) -> None:
        problems = [problem for line in lines for problem in line.problems]
        if problems:
            raise _LeftOutError(problems)
        number, day = lines[0].number, lines[0].voucher_date
        assert number is not None
        assert day is not None
        voucher = self._voucher(lines, day)
        if self._is_there(lines, voucher, number):
            self.plan.unchanged += len(lines)
            return
        chart, new_accounts, warnings = self._with_accounts(lines)
        warnings += self._check(lines, voucher, chart)
        planned = PlannedVoucher(_imported_id(self._village, voucher, number), voucher, number)
        known = KnownVoucher(planned.voucher_id, voucher, number.text, lines[0].row)
        if voucher.kind is VoucherKind.OPENING:
            self._opening = known
        else:
            self._known[(voucher.period, *number.key)] = known
        self._chart = chart
        self.plan.vouchers.append(planned)
        self.plan.accounts += new_accounts
        self.plan.warnings += warnings

    def _voucher(self, lines: list[SheetLine], day: date) -> Voucher:
        postings = []
        summary = ""
        for line in lines:
            summary = line.summary or summary
            postings.append(Posting(line.code, summary, line.debit_fen, line.credit_fen))
        papers = next((line.papers for line in lines if line.papers is not None), 0)
        if lines[0].opening:
            return Voucher(day, tuple(postings), VoucherKind.OPENING, papers)
        reverses = self._reversed_voucher(lines)
        kind = VoucherKind.REVERSAL if reverses else VoucherKind.IMPORTED
        return Voucher(day, tuple(postings), kind, papers, reverses.voucher_id if reverses else None)

    def _reversed_voucher(self, lines: list[SheetLine]) -> KnownVoucher | None:
        """What the 冲销 column names, as in an export: `2025-03 记-5`."""
        line = next((line for line in lines if line.reverses), None)
        if line is None:
            return None
        period, _, text = line.reverses.partition(" ")
        number = parse_voucher_number(text)
        known = self._known.get((period, *number.key)) if number else None
        if known is None:
            raise _LeftOutError([RowNote(line.row, sheet.REVERSES, f"找不到它要冲销的凭证“{line.reverses}”。")])
        return known

    def _is_there(self, lines: list[SheetLine], voucher: Voucher, number: VoucherNumber) -> bool:
        """True when the same voucher is in the books; another one under its number refuses it."""
        opening = voucher.kind is VoucherKind.OPENING
        known = self._opening if opening else self._known.get((voucher.period, *number.key))
        if known is None:
            return False
        if not known.row and _same(known.voucher, voucher):
            return True
        if opening:
            reason = "账上已经有期初余额，和这里的不一样；要改请在“期初余额”里改。"
        elif known.row:
            reason = f"{period_label(voucher.period)}的 {number.text} 在表里用了两次，另一张在第 {known.row} 行。"
        else:
            reason = f"账上 {period_label(voucher.period)}已经有 {known.text}，内容和这里的不一样。"
        raise _LeftOutError([RowNote(lines[0].row, sheet.NUMBER, reason)])

    def _with_accounts(self, lines: list[SheetLine]) -> tuple[Chart, list[tuple[str, str]], list[RowNote]]:
        """The chart with the sub-accounts that this voucher opens, and what is odd about names."""
        chart, opened, warnings = self._chart, list[tuple[str, str]](), list[RowNote]()
        for line in lines:
            account = chart.find(line.code)
            if account is not None:
                warnings += _compare_name(line, chart)
            elif parent_code(line.code) is not None:
                try:
                    for code, name in _missing_accounts(line, chart):
                        chart = chart.with_sub_account(code, name)
                        opened.append((code, name))
                except RefusedError as refusal:
                    raise _LeftOutError([RowNote(line.row, sheet.CODE, refusal.what)]) from None
        return chart, opened, warnings

    def _check(self, lines: list[SheetLine], voucher: Voucher, chart: Chart) -> list[RowNote]:
        findings = check_voucher(voucher, chart=chart, locked=self._locked, today=self._today)
        if voucher.reverses is not None:
            original = next(known for known in self._known.values() if known.voucher_id == voucher.reverses)
            findings += check_reversal(voucher, original.voucher)
        hard = [_note(finding, lines) for finding in findings if finding.hard]
        if hard:
            raise _LeftOutError(hard)
        return [_note(finding, lines) for finding in findings]


def _note(finding: Finding, lines: list[SheetLine]) -> RowNote:
    place, _, name = finding.field.rpartition(".")
    line = lines[int(place) - 1] if place.isdigit() else lines[0]
    column = _FIELD_COLUMNS.get(name) or (sheet.CREDIT if line.credit_fen and not line.debit_fen else sheet.DEBIT)
    message = finding.message
    if place.isdigit():
        message = message.removeprefix(f"第 {place} 行").lstrip("：的")
    return RowNote(line.row, column, message)


def _same(known: Voucher, voucher: Voucher) -> bool:
    def content(one: Voucher) -> list[tuple[str, str, int, int]]:
        return sorted((p.account, p.summary, p.debit_fen, p.credit_fen) for p in one.postings)

    papers_agree = known.kind is VoucherKind.OPENING or known.paper_count == voucher.paper_count
    return known.voucher_date == voucher.voucher_date and papers_agree and content(known) == content(voucher)


def _missing_accounts(line: SheetLine, chart: Chart) -> list[tuple[str, str]]:
    """The sub-accounts to open for a code: itself, and those above it when the name spells them out."""
    names = _name_parts(line.name)
    path = [code for code in code_path(line.code) if chart.find(code) is None]
    if len(path) > 1 and len(names) == len(code_path(line.code)):
        return [(code, names[len(code_path(code)) - 1]) for code in path]
    return [(line.code, names[-1] if names else "")]


def _name_parts(name: str) -> list[str]:
    """`公益支出—困难救助` → both names."""
    plain = name.replace("——", "—").replace("\\", "—").replace("/", "—").replace("-", "—")
    return [part.strip() for part in plain.split("—") if part.strip()]


def _compare_name(line: SheetLine, chart: Chart) -> list[RowNote]:
    """A name that is not the account's: of the old chart it refuses (same code, other meaning), else it warns."""
    account = chart.find(line.code)
    assert account is not None
    parts = _name_parts(line.name)
    if not parts or _plain(parts[-1]) == _plain(account.name) or _plain(line.name) == _plain(account.name):
        return []
    shown = f"{display_code(line.code)} {chart.full_name(line.code)}"
    old = old_accounts().get(line.name.strip())
    if old is not None and account.level == 1 and line.code not in old.becomes:
        now = " 或 ".join(f"{code} {found.name}" for code in old.becomes if (found := chart.find(code)))
        advice = f"请改成 {now}。" if now else f"{old.note}。"
        reason = f"“{line.name}”是 2004 年老制度的科目，现在 {shown} 是另一个意思。{advice}"
        raise _LeftOutError([RowNote(line.row, sheet.CODE, reason)])
    return [RowNote(line.row, sheet.NAME, f"名称“{line.name}”和账上的“{shown}”不同，按编码收下了。")]


def _plain(name: str) -> str:
    return "".join(name.split()).replace("（", "(").replace("）", ")")


def _known_vouchers(reader: Reader, periods: set[str]) -> dict[Key, KnownVoucher]:
    """The vouchers of some months with their lines, by their numbers."""
    voucher, line = records.Voucher, records.Posting
    rows = reader.session.execute(
        select(voucher, line)
        .join(line, (line.village == voucher.village) & (line.voucher_id == voucher.id))
        .where(voucher.village == reader.village, voucher.period.in_(periods), voucher.kind != VoucherKind.OPENING)
        .order_by(voucher.id, line.line)
    )
    found: dict[UUID, tuple[records.Voucher, list[Posting]]] = {}
    for head, row in rows:
        postings = found.setdefault(head.id, (head, []))[1]
        postings.append(Posting(row.account, row.summary, row.debit_fen, row.credit_fen))
    known: dict[Key, KnownVoucher] = {}
    for head, lines in found.values():
        number = parse_voucher_number(head.number_text)
        if number is not None:
            content = Voucher(head.voucher_date, tuple(lines), VoucherKind(head.kind), head.paper_count, head.reverses)
            known[(head.period, *number.key)] = KnownVoucher(head.id, content, head.number_text)
    return known
