"""The two sides of a question in words: what each says, and who wrote it, when and on which laptop."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from desktop_app.storage.unit_of_work import Reader
from desktop_app.sync import state
from desktop_app.sync.late_vouchers import LateVoucher
from desktop_app.sync.pairs import find_pair, find_values
from village_core.domain.ledger.voucher import spoken_number
from village_core.domain.masking import MASKS, mask_text
from village_core.domain.money import format_yuan
from village_core.domain.relief.steps import STEP_TITLES, StepKind
from village_core.exchange.change_log import change_log
from village_core.exchange.objections import Reason
from village_core.exchange.operations import synced_table
from village_core.exchange.questions import NEITHER, OFFERED, STANDING, read_document, read_id
from village_core.exchange.values import Value
from village_core.exchange.words import describe_row, field_word, table_word, value_word
from village_core.records.held import HeldChange, HeldDecision
from village_core.records.households import Household
from village_core.records.ledger import Posting, Voucher
from village_core.records.relief import ReliefCase
from village_core.records.staff import StaffMember

_SHOWN = {
    "voucher": {
        "number_text": "凭证号",
        "printed_number": "纸上的号",
        "voucher_date": "日期",
        "reason": "事由",
        "prepared_by": "制单",
    },
    "relief_step": {"kind": "步骤", "done_on": "日期", "amount_fen": "金额", "made_by_name": "经办人"},
    "relief_case": {"number": "救助编号", "opened_on": "申请日期"},
    "posting": {"summary": "摘要", "debit_fen": "借方", "credit_fen": "贷方"},
}
"""Of whole records only these: a payload may hold what is nobody's business here."""


@dataclass(frozen=True)
class Side:
    """One of the two: a title, lines (name, value), and whose it is. `masked`: something is covered; `voucher` can be
    opened."""

    title: str
    lines: tuple[tuple[str, str], ...]
    who: str = ""
    at: datetime | None = None
    where: str = ""
    masked: bool = False
    voucher: UUID | None = None


Lines = list[tuple[str, str]]


class Sides:
    """Makes the sides; `masked` covers numbers of papers, telephones and accounts."""

    def __init__(self, reader: Reader, *, masked: bool) -> None:
        self._reader = reader
        self._masked = masked
        self._device = int(state.read_state(reader.session.connection()).get(state.DEVICE, "0"))
        self._names = dict(
            reader.session.execute(
                select(StaffMember.id, StaffMember.name).where(StaffMember.village == reader.village)
            ).all()
        )

    def values_of(self, table_name: str, row_id: UUID | None) -> dict[str, Value] | None:
        """A row as it is here now."""
        return find_values(self._reader, synced_table(table_name), row_id)

    def subject(self, row: HeldChange) -> UUID:
        """The row that a question about a field speaks of: the one that stands for it where it was joined."""
        found, seen = row.subject_id, set[UUID]()
        while row.field and found not in seen:
            seen.add(found)
            into = (self.values_of(row.subject_table, found) or {}).get("merged_into")
            if not isinstance(into, bytes):
                break
            found = UUID(bytes=into)
        return found

    def title(self, row: HeldChange, current: dict[str, Value] | None) -> str:
        """What it is about, short enough for a list."""
        subject = describe_row(row.subject_table, current if current is not None else json.loads(row.offered))
        if row.subject_table in ("relief_step", "relief_case"):
            subject = self._whose_case(json.loads(row.offered)) or subject
        about = field_word(row.subject_table, row.field) if row.field else _KINDS.get(row.reason_kind, "要看一看")
        return f"{subject}：{about}"

    def left(self, row: HeldChange, values: dict[str, Any], *, settled: bool = False) -> Side:
        """What stands; of a settled question what stood then."""
        if row.field:
            lines, masked = self._lines(row.subject_table, values)
            if settled:
                return Side("左边：原来用的", lines, masked=masked)
            who, at, where = self._writer(row.subject_table, self.subject(row), row.field)
            return Side("左边：现在用的", lines, who=who, at=at, where=where, masked=masked)
        if row.reason_kind == Reason.TWO_ROWS:
            lines, masked = self._pair(row, values, right=False)
            who, at, where = self._writer(row.subject_table, read_id(values.get("id")), "")
            return Side("左边：先登记的", lines, who=who, at=at, where=where, masked=masked)
        if row.reason_kind == Reason.DECIDED_TWICE:
            return Side("左边：先拿的主意", (("已经照办", _wish(values)),))
        if "case_id" in values:
            return Side("左边：已经生效的", self._grant(values))
        if row.subject_table == "voucher" and "number_text" in values:
            lines, masked = self._voucher(read_id(values.get("id")), values)
            return Side("左边：原来的凭证", lines, masked=masked)
        return Side("左边：不要右边这一条", (("", "它不算数，从账和名册里拿掉，内容仍留在改动记录里。"),))

    def right(self, row: HeldChange, values: dict[str, Any]) -> Side:
        """What was put aside."""
        title, masked = "右边：放着的", False
        if row.reason_kind == Reason.TWO_ROWS:
            title = "右边：后登记的"
            lines, masked = self._pair(row, values, right=True)
        elif row.reason_kind == Reason.DECIDED_TWICE:
            title, lines = "右边：后拿的主意", (("想要", _wish(values)),)
        elif row.subject_table == "voucher":
            lines, masked = self._voucher(row.subject_id, values)
        else:
            lines, masked = self._lines(row.subject_table, values)
        at = datetime.fromisoformat(row.offered_at) if row.offered_at else None
        where = self._laptop(row.offered_device)
        return Side(title, lines, who=row.offered_by, at=at, where=where, masked=masked)

    def late(self, row: HeldChange, late: LateVoucher, offered: dict[str, Any], *, may_open: bool) -> tuple[Side, Side]:
        """A late voucher: the one that had its number before, or what its own paper says; and what the books say."""
        at = datetime.fromisoformat(row.offered_at) if row.offered_at else None
        month = (("记在哪月", late.month),) if late.moved else ()
        mine, masked = self._voucher(late.voucher_id, offered)
        right = Side(
            "右边：后到的，已经在账上" if late.other else "右边：账上现在的",
            (*mine, *month),
            who=row.offered_by,
            at=at,
            where=self._laptop(row.offered_device),
            masked=masked,
            voucher=late.voucher_id if may_open else None,
        )
        if late.other is not None:
            lines, masked = self._voucher(late.other, read_document(row.standing))
            who, written, where = self._writer("voucher", late.other, "")
            other = late.other if may_open else None
            left = Side("左边：先到的", lines, who=who, at=written, where=where, masked=masked, voucher=other)
            return left, right
        paper = {**(self.values_of("voucher", late.voucher_id) or {}), **offered, "printed_number": None}
        lines, masked = self._lines("voucher", paper)
        lines = tuple(line for line in lines if line[1] != "（空）")
        came_for = (("要记在哪月", late.came_for),) if late.moved else ()
        return Side("左边：纸上写的", (*lines, *came_for), masked=masked), right

    def value(self, row: HeldChange, plain: Any) -> str:
        """One value of the question's field in words."""
        lines, _ = self._lines(row.subject_table, {row.field: plain})
        return lines[0][1]

    def free_text(self, text: str) -> tuple[str, bool]:
        """A text with its numbers covered, and whether there are any."""
        covered = mask_text(text)
        return (covered if self._masked else text), covered != text

    def warning(self, row: HeldChange) -> str:
        """What has to be done with money where the paper does not count."""
        paid = self.list_paid(row)
        if paid:
            listed = "、".join(spoken_number(one) for one in paid)
            return f"这笔钱已经付出去了（{listed}），账上不会自己改。右边的不算数，钱就要追回来，凭证要冲销。"
        if row.subject_table == "voucher" and row.reason_kind in (Reason.NO_RIGHT, Reason.UNBALANCED):
            return "钱如果已经付出去，选不要它以后，请由有记账权的报账员照实另记一张凭证，或者把钱追回来。"
        return ""

    def list_paid(self, row: HeldChange) -> list[str]:
        """Numbers of the vouchers by which a held grant was paid and which nobody took back."""
        case_id = read_id(json.loads(row.offered).get("case_id")) if row.subject_table == "relief_step" else None
        if case_id is None:
            return []
        reversed_ones = select(Voucher.reverses).where(
            Voucher.village == self._reader.village, Voucher.reverses.is_not(None)
        )
        query = select(Voucher.number_text).where(
            Voucher.village == self._reader.village,
            Voucher.case_id == case_id,
            Voucher.reverses.is_(None),
            Voucher.id.not_in(reversed_ones),
        )
        return list(self._reader.session.scalars(query.order_by(Voucher.period, Voucher.number)))

    # --- parts

    def _lines(self, table: str, values: dict[str, Any]) -> tuple[tuple[tuple[str, str], ...], bool]:
        shown = _SHOWN.get(table)
        lines, masked = Lines(), False
        for name, plain in values.items() if shown is None else [(one, values[one]) for one in shown if one in values]:
            mask = MASKS.get(name)
            if shown is None and len(values) > 1 and (plain is None or name.endswith("_id") or name == "merged_into"):
                continue
            if mask is not None and plain:
                text = mask(str(plain)) if self._masked else str(plain)
                masked = True
            else:
                text = self._plain_words(table, name, plain)
                if isinstance(plain, str):
                    text, covered = self.free_text(text)
                    masked = masked or covered
            lines.append((shown[name] if shown is not None else field_word(table, name), text))
        return tuple(lines) or (("", table_word(table)),), masked

    def _plain_words(self, table: str, name: str, plain: Any) -> str:
        if name == "household_id":
            household = self.values_of("household", UUID(bytes=plain) if isinstance(plain, bytes) else read_id(plain))
            return describe_row("household", household) if household else "另一户"
        if table == "relief_step" and name == "kind":
            return STEP_TITLES.get(StepKind(plain), plain) if plain in {one.value for one in StepKind} else str(plain)
        return value_word(name, plain)

    def _pair(
        self, question: HeldChange, values: dict[str, Any], *, right: bool
    ) -> tuple[tuple[tuple[str, str], ...], bool]:
        """One row of a pair: everything in which they differ, and a few things by which people know it. Of a settled
        question what told them apart stands as it was: the rows are one by now."""
        table, pair = question.subject_table, find_pair(self._reader, question)
        row = (pair.right if right else pair.left) if pair is not None else values
        then = self._as_decided(question, right=right) | values if question.decision_id is not None else {}
        names = dict.fromkeys([*(pair.shown if pair is not None else ()), *then, *values])
        told = {name: then.get(name, row.get(name)) for name in names if name != "id"}
        lines, masked = self._lines(table, told)
        household = row.get("household_id")
        if table == "person" and household is not None:
            lines = (*lines, ("属于哪一户", self._plain_words(table, "household_id", household)))
        return lines, masked

    def _as_decided(self, question: HeldChange, *, right: bool) -> dict[str, Any]:
        """What a pair showed of one row to who decided; {} where nobody kept it."""
        made = self._reader.session.get(HeldDecision, (self._reader.village, question.decision_id))
        seen = read_document(made.value).get(OFFERED if right else STANDING) if made is not None else None
        return seen if isinstance(seen, dict) else {}

    def _grant(self, values: dict[str, Any]) -> tuple[tuple[str, str], ...]:
        case = self._reader.session.get(ReliefCase, (self._reader.village, read_id(values["case_id"])))
        lines = [("救助编号", case.number), ("申请日期", value_word("", case.opened_on.isoformat()))] if case else []
        return (*lines, ("金额", value_word("amount_fen", values.get("amount_fen"))))

    def _voucher(self, voucher_id: UUID | None, values: dict[str, Any]) -> tuple[tuple[tuple[str, str], ...], bool]:
        row = self.values_of("voucher", voucher_id) or {}
        lines, masked = self._lines("voucher", {name: row.get(name, values.get(name)) for name in _SHOWN["voucher"]})
        lines = tuple(line for line in lines if line[1] != "（空）")
        query = select(func.min(Posting.summary), func.sum(Posting.debit_fen)).where(
            Posting.village == self._reader.village, Posting.voucher_id == voucher_id
        )
        found: Any = self._reader.session.execute(query).one()
        summary, total = found
        if total is None:
            return lines, masked
        text, covered = self._lines("posting", {"summary": summary})
        return (*lines, *text, ("金额", f"{format_yuan(int(total))} 元")), masked or covered

    def _whose_case(self, offered: dict[str, Any]) -> str:
        household_id = read_id(offered.get("household_id"))
        case_id = read_id(offered.get("case_id"))
        case = self._reader.session.get(ReliefCase, (self._reader.village, case_id)) if case_id else None
        household_id = case.household_id if case is not None else household_id
        household = self._reader.session.get(Household, (self._reader.village, household_id)) if household_id else None
        return f"{household.head_name}家的救助" if household is not None and household.head_name else ""

    def _writer(self, table: str, row_id: UUID | None, name: str) -> tuple[str, datetime | None, str]:
        """Who wrote a field last, when and on which laptop, as far as this laptop's log knows."""
        if row_id is None:
            return "", None, ""
        column = change_log.c
        query = select(column.actor, column.clock, column.origin, column.op, column.new).where(
            column.table_name == table, column.row_id == row_id.hex
        )
        for entry in self._reader.session.execute(query.order_by(column.seq.desc())):
            if entry.op == "I" or (name and name in json.loads(entry.new or "{}")):
                at = datetime.fromtimestamp((entry.clock >> 16) / 1000, UTC)
                who = self._names.get(UUID(entry.actor), "") if entry.actor else ""
                return who, at, self._laptop(entry.origin)
        return "", None, ""

    def _laptop(self, device: int) -> str:
        if device == -1:
            return "县里"
        return "这台电脑" if device in (0, self._device) else f"{device} 号电脑"


def _wish(values: dict[str, Any]) -> str:
    choice = values.get("choice")
    return {STANDING: "用左边，右边的不要", NEITHER: "两边都不用（不是同一条）"}.get(str(choice), "用右边，照右边的办")


_KINDS: Mapping[str, str] = {
    Reason.TWO_ROWS: "登记了两次",
    Reason.CLOSED_HOUSEHOLD: "销了户又添人、改户",
    Reason.DECIDED_TWICE: "拿了两个主意",
    Reason.DUPLICATE_GRANT: "一年里第二笔",
    Reason.OVER_CAP: "超过限额",
    Reason.STALE_STEP: "办结以后又办",
    Reason.NUMBER_TAKEN: "编号重了",
    Reason.UNBALANCED: "记不成账",
    Reason.NO_RIGHT: "没有权的电脑记的",
    Reason.DUTY: "要另一个人看过",
    Reason.RECUSAL: "该回避的人参加了",
    Reason.LOCKED_MONTH: "记在锁了账的月份",
    Reason.CLOSED_VOUCHER: "记了账又添分录",
    Reason.NOT_REVERSIBLE: "冲销不成",
    Reason.OPENED_TWICE: "期初记了两份",
    Reason.MISSING: "少了它所属的一条",
    Reason.DELETED: "别处已经删掉",
    Reason.MALFORMED: "县里看不懂",
}
