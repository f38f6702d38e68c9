"""The questions of 要您拿主意 as a person reads them: both sides in words, who and when, what can be chosen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from functools import cached_property
from uuid import UUID

from sqlalchemy import select

from desktop_app.households.vocabulary import load_vocabulary
from desktop_app.storage.unit_of_work import Reader
from desktop_app.sync import state
from desktop_app.sync.asked_first import rows_about
from desktop_app.sync.late_vouchers import LateVoucher, find_late_voucher, why_no_reversal
from desktop_app.sync.pairs import find_pair
from desktop_app.sync.question_sides import Side, Sides
from village_core.domain.staff.rights import Right
from village_core.exchange.change_log import change_log
from village_core.exchange.local_tables import held_row
from village_core.exchange.objections import Reason
from village_core.exchange.operations import synced_table
from village_core.exchange.questions import (
    NEITHER,
    NEVER_RELEASED,
    OFFERED,
    REASON_NEEDED,
    STANDING,
    may_decide,
    read_document,
    who_may_decide,
)
from village_core.exchange.values import Value
from village_core.exchange.words import describe_row, field_word, to_json
from village_core.records.held import HeldChange, HeldDecision


class Progress(Enum):
    """How far a question is."""

    OPEN = "open"
    SENDING = "sending"
    """Decided here, on its way to the county."""
    DECIDED = "decided"


@dataclass(frozen=True)
class Option:
    """One answer: `choice`, its button and what comes of it. `asks_why`: the hint above the reason that it needs, ''
    where it needs none; `barred`: why it cannot be given here. `reverses`: a reversal is posted with it."""

    choice: str
    words: str
    outcome: str
    asks_why: str = ""
    barred: str = ""
    reverses: bool = False


@dataclass(frozen=True)
class Past:
    """What was decided: by whom, when and why, and what the answer was. `masked`: a number in the reason is covered."""

    words: str
    who: str
    at: datetime | None
    reason: str
    masked: bool = False


@dataclass(frozen=True)
class Question:
    """One case. `value_kind` says which editor serves 都不对: text, money, date, choice or '' where there is none."""

    id: UUID
    title: str
    sentence: str
    progress: Progress
    left: Side
    right: Side
    options: tuple[Option, ...]
    value_kind: str = ""
    value_label: str = ""
    choices: tuple[str, ...] = ()
    seen: str = "{}"
    """What stands on the left as a decision says it; of two rows what both sides show."""
    offered: str = "{}"
    """What stands on the right, of a question about a field."""
    about: tuple[UUID, ...] = ()
    """The household, person, case or voucher that it is about; of a pair both."""
    not_allowed: str = ""
    warning: str = ""
    past: Past | None = None
    arrived: datetime | None = None

    @property
    def masked(self) -> bool:
        return self.left.masked or self.right.masked or (self.past is not None and self.past.masked)

    @property
    def asks_why(self) -> str:
        """The hint above the reason; '' where no answer that can be given here needs one."""
        return next((one.asks_why for one in self.options if one.asks_why and not one.barred), "")


def count_open_questions(reader: Reader) -> int:
    """How many wait for a person: neither decided nor with a decision on its way."""
    waiting = select(HeldChange.id).where(HeldChange.village == reader.village, HeldChange.decision_id.is_(None))
    unsent = _unsent_decisions(reader)
    answered = select(HeldDecision.held_id).where(HeldDecision.village == reader.village, HeldDecision.id.in_(unsent))
    found = set(reader.session.scalars(waiting))
    return len(found - set(reader.session.scalars(answered))) if found and unsent else len(found)


def _unsent_decisions(reader: Reader) -> set[UUID]:
    acked = int(state.read_state(reader.session.connection()).get(state.ACKED_SEQ, "0"))
    column = change_log.c
    query = select(column.row_id).where(
        column.table_name == "held_decision", column.origin == 0, column.device_seq > acked
    )
    return {UUID(row_id) for row_id in reader.session.scalars(query)}


def list_questions(reader: Reader) -> list[Question]:
    """Open ones first, then those on their way, then what was decided; the newest first in each."""
    reader.require(Right.READ_HOUSEHOLDS)
    rows = reader.session.scalars(select(HeldChange).where(HeldChange.village == reader.village)).all()
    book = _Book(reader)
    found = [book.question(row) for row in rows]
    order = list(Progress)
    found.sort(key=lambda one: one.arrived.timestamp() if one.arrived else 0, reverse=True)
    return sorted(found, key=lambda one: order.index(one.progress))


def get_full_question(reader: Reader, question_id: UUID) -> Question | None:
    """A question with unmasked numbers. Call `workspace.log_access("reveal", …)` first."""
    row = reader.session.get(HeldChange, (reader.village, question_id))
    reader.require(Right.REVEAL_NUMBERS, about=rows_about(reader, row)[0] if row is not None else None)
    return _Book(reader, masked=False).question(row) if row is not None else None


def is_as_shown(reader: Reader, full: Question) -> bool:
    """Whether a question that stands there in full is still the same: what changed since nobody asked to see."""
    reader.require(Right.READ_HOUSEHOLDS)
    row = reader.session.get(HeldChange, (reader.village, full.id))
    may = reader.duties is None or reader.duties.may(Right.REVEAL_NUMBERS)
    return may and row is not None and _Book(reader, masked=False).question(row) == full


class _Book:
    """Reads what several questions need only once."""

    def __init__(self, reader: Reader, *, masked: bool = True) -> None:
        self._reader = reader
        self._sides = Sides(reader, masked=masked)
        duties = reader.duties
        self._roles = duties.of.acting(duties.roles, combines=duties.combines) if duties else frozenset()
        self._decisions: dict[UUID, list[HeldDecision]] = {}
        for one in reader.session.scalars(
            select(HeldDecision).where(HeldDecision.village == reader.village).order_by(HeldDecision.made_at)
        ):
            self._decisions.setdefault(one.held_id, []).append(one)
        self._unsent = _unsent_decisions(reader)
        self._may_open = duties is None or duties.may(Right.READ_LEDGER)

    @cached_property
    def _why_no_reversal(self) -> str:
        return why_no_reversal(self._reader)

    def _options_of_late(self, late: LateVoucher) -> tuple[Option, ...]:
        if late.reversed_by:
            return (Option(STANDING, "知道了", f"它已经由{late.reversed_by} 冲销，没有别的要办，这件事收起来。"),)
        where = "两张都算" if late.other else "照算"
        if late.moved:
            where = f"算在{late.month}，{late.came_for}锁了账，退不回去"
        paper = "纸上不用改" if late.printed == late.number else f"请在纸上（{late.printed}）注明新号 {late.number}"
        keep = Option(OFFERED, "留着这张", f"{where}。{paper}。")
        if not late.reversible:
            return (keep,)
        return keep, Option(
            STANDING,
            "冲销这张",
            "另记一张红字凭证把它冲掉，它和纸上的号都留着。冲销不能撤回。多记了、记错了才选；"
            "要重记的，冲销以后再记一张。",
            asks_why="选“冲销这张”一定要写：为什么冲销。",
            barred=self._why_no_reversal,
            reverses=True,
        )

    def question(self, row: HeldChange) -> Question:
        standing, offered = read_document(row.standing), read_document(row.offered)
        subject = self._sides.subject(row)
        current = self._sides.values_of(row.subject_table, subject)
        late = find_late_voucher(self._reader, row)
        progress, past = self._progress(row, late)
        if late is not None:
            done = progress is Progress.SENDING and late.reversed_by
            options = () if done else self._options_of_late(late)
        else:
            options = _options(row, stands=self._stands(row))
        kind, choices = _editor(row) if row.field and len(options) == 3 else ("", ())
        settled = progress is Progress.DECIDED
        now = {row.field: current.get(row.field)} if row.field and current is not None and not settled else standing
        if late is not None:
            left, right = self._sides.late(row, late, offered, may_open=self._may_open)
        else:
            left, right = self._sides.left(row, now, settled=settled), self._sides.right(row, offered)
        return Question(
            id=row.id,
            title=self._sides.title(row, current),
            sentence=row.reason if subject == row.subject_id else f"{row.reason}{_joined_to(row, current)}",
            progress=progress,
            left=left,
            right=right,
            options=options,
            value_kind=kind,
            value_label=field_word(row.subject_table, row.field) if row.field else "",
            choices=choices,
            seen=to_json(now) if row.field else self._seen(row),
            offered=to_json({row.field: offered.get(row.field)}) if row.field else "{}",
            about=rows_about(self._reader, row),
            not_allowed="" if may_decide(row.subject_table, self._roles) else who_may_decide(row.subject_table),
            warning=self._warning(row, progress),
            past=past,
            arrived=_moment(row.decided_at or row.offered_at),
        )

    def _seen(self, row: HeldChange) -> str:
        pair = find_pair(self._reader, row) if row.reason_kind == Reason.TWO_ROWS else None
        return pair.as_seen() if pair is not None else "{}"

    def _progress(self, row: HeldChange, late: LateVoucher | None) -> tuple[Progress, Past | None]:
        made = self._decisions.get(row.id, [])
        if row.decision_id is not None:
            chosen = next((one for one in made if one.id == row.decision_id), None)
            if chosen is None:
                return Progress.DECIDED, Past("和同一件事一起定了", "", _moment(row.decided_at), "")
            return Progress.DECIDED, self._past(row, chosen, late)
        unsent = [one for one in made if one.id in self._unsent]
        return (Progress.SENDING, self._past(row, unsent[-1], late)) if unsent else (Progress.OPEN, None)

    def _past(self, row: HeldChange, made: HeldDecision, late: LateVoucher | None) -> Past:
        options = {one.choice: one.words for one in _options(row, stands=False)}
        words = options.get(made.choice, "知道了")
        if late is not None:
            words = _words_of_late(late, kept=made.choice == OFFERED)
        if row.field and made.choice == NEITHER:
            words = f"都不对，改成 {self._sides.value(row, read_document(made.value).get(row.field))}"
        reason, covered = self._sides.free_text(made.reason)
        return Past(words, made.made_by_name, _moment(made.made_at), reason, masked=covered)

    def _warning(self, row: HeldChange, progress: Progress) -> str:
        """Of a settled question only money that is still out although its grant does not count."""
        if progress is not Progress.DECIDED:
            return self._sides.warning(row)
        left_out = any(one.id == row.decision_id and one.choice == STANDING for one in self._decisions.get(row.id, []))
        return self._sides.warning(row) if left_out and self._sides.list_paid(row) else ""

    def _stands(self, row: HeldChange) -> bool:
        """Whether a whole record that the question is about counts already: then there is nothing to choose."""
        table = synced_table(row.subject_table)
        if row.field or table is None or row.reason_kind in (Reason.TWO_ROWS, Reason.DECIDED_TWICE):
            return False
        held = self._reader.session.execute(
            select(held_row.c.row_id).where(
                held_row.c.table_name == row.subject_table, held_row.c.row_id == row.subject_id
            )
        ).first()
        return held is None and self._sides.values_of(row.subject_table, row.subject_id) is not None


def _options(row: HeldChange, *, stands: bool) -> tuple[Option, ...]:
    if row.field:
        choices = (
            Option(STANDING, "用左边", "现在用的不变，右边的不要。"),
            Option(OFFERED, "用右边", "改成右边的，所有电脑都一样。"),
            Option(NEITHER, "都不对", "填上对的，所有电脑都一样。"),
        )
        return choices[:2] if row.field.endswith("_id") or row.field == "merged_into" else choices
    if row.reason_kind == Reason.TWO_ROWS:
        one = "户" if row.subject_table == "household" else "人"
        return (
            Option(STANDING, "用左边", f"是同一{one}，并成一条，不同的地方用左边的。"),
            Option(OFFERED, "用右边", f"是同一{one}，并成一条，不同的地方用右边的。"),
            Option(NEITHER, f"不是同一{one}", "两条都留着，以后不再问。"),
        )
    if row.reason_kind == Reason.DECIDED_TWICE:
        return (
            Option(STANDING, "用左边", "先拿的主意不变。"),
            Option(OFFERED, "用右边", "改照后拿的主意办；办不到的会说明为什么。"),
        )
    if stands or row.reason_kind == Reason.DELETED:
        return (Option(STANDING, "知道了", "没有别的要办，这件事收起来。"),)
    refuse = Option(STANDING, "用左边", "右边这一条不算数，从账和名册里拿掉，内容仍留在改动记录里。")
    if row.reason_kind in NEVER_RELEASED:
        return (Option(STANDING, "知道了", "这一条不能生效，从账和名册里拿掉，内容仍留在改动记录里。"),)
    if row.reason_kind == Reason.LOCKED_MONTH:
        gone = "锁了账的月份不能再记期初，右边这一份从账上拿掉，内容仍留在改动记录里。"
        return (Option(STANDING, "知道了", f"{gone}差的数，请在没锁的月份记一张凭证。"),)
    why = "选“用右边”一定要写：为什么可以破例。" if row.reason_kind in REASON_NEEDED else ""
    return refuse, Option(OFFERED, "用右边", "照右边的办，所有电脑都有这一条。", asks_why=why)


def _joined_to(row: HeldChange, current: Mapping[str, Value] | None) -> str:
    return f"它已经并到{describe_row(row.subject_table, current or {})}，左边是那里现在用的。"


def _words_of_late(late: LateVoucher, *, kept: bool) -> str:
    if kept:
        return "留着这张" + (f"，后来由{late.reversed_by} 冲销了" if late.reversed_by else "")
    return f"由{late.reversed_by} 冲销了" if late.reversed_by else "知道了"


def _editor(row: HeldChange) -> tuple[str, tuple[str, ...]]:
    if row.field.endswith("_fen"):
        return "money", ()
    code_list = load_vocabulary().code_lists.get(f"{row.subject_table}.{row.field}")
    return ("choice", code_list.values) if code_list is not None and code_list.values else ("text", ())


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
