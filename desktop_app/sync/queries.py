"""What there is to see of the exchange: what waits, what is held, what was proved. No Qt, no network."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from desktop_app.shell.due import DueItem
from desktop_app.shell.status import StatusItem
from desktop_app.storage.county_clock import SKEW_SECONDS
from desktop_app.storage.duties import REVOKED
from desktop_app.storage.rights import Rights, rights_of
from desktop_app.storage.unit_of_work import Reader
from desktop_app.sync import marks, state
from desktop_app.sync.questions import Progress, count_open_questions, list_questions
from desktop_app.sync.trouble import DONE, STOPPED, Repair, Trouble, is_proved, read_repair, read_trouble
from desktop_app.sync.words import day_words, deferred_words, received_words
from village_core.exchange.change_log import change_log
from village_core.exchange.local_tables import exchange_log
from village_core.exchange.words import table_word

_SHOWN_EXCHANGES = 40
_FEATURE_PAGE = "sync"
_QUESTIONS_PAGE = "questions"


@dataclass(frozen=True)
class CountyFacts:
    """Where this laptop is enrolled, and as what."""

    url: str
    village_name: str
    device: int
    role: str
    rights: Rights


@dataclass(frozen=True)
class PastExchange:
    """`outcome`: see `trouble`; `message` is what was told to the person then, of a stick all of it."""

    at: datetime
    outcome: str
    sent: int
    received: int
    bytes_up: int
    bytes_down: int
    equal: bool
    message: str

    @property
    def words(self) -> str:
        """What happened, in a sentence."""
        if self.outcome == STOPPED:
            return f"停下来了，没有做完。到了的都算数：{self._moved}。{self.message}"
        if self.outcome != DONE:
            moved = f"之前送出 {self.sent} 条、收到 {self.received} 条。" if self.sent or self.received else ""
            return self.message + moved
        if self.message:
            return self.message
        what = self._moved if self.sent or self.received else "没有新的改动"
        return f"{what}；{'与县里核对一致' if self.equal else '还没有核对一致'}。{self.message}"

    @property
    def _moved(self) -> str:
        parts = ((f"送出 {self.sent} 条", self.sent), (f"收到 {self.received} 条", self.received))
        return "，".join(part for part, count in parts if count)


@dataclass(frozen=True)
class SyncView:
    """All that the page shows. `waiting` counts changes by kind of record, `county` is None without one."""

    county: CountyFacts | None
    waiting: tuple[tuple[str, int], ...]
    open_questions: int
    exchanges: tuple[PastExchange, ...]
    last_equal_at: datetime | None
    paused: bool
    skew_minutes: int
    so_far: marks.Progress
    trouble: Trouble | None = None
    repair: Repair | None = None
    restored: bool = False
    stopped: bool = False
    """The county has said that this laptop is stopped."""
    equal_now: bool = True
    """Whether the last finished exchange showed equality; after one that did not, the last time is only history."""
    enrolled_anew: bool = False
    """Enrolled anew, and not shown to be equal since."""

    @property
    def waiting_count(self) -> int:
        return sum(count for _, count in self.waiting)


def get_sync_view(reader: Reader) -> SyncView:
    """Everything that the page 同步 shows."""
    known = state.read_state(reader.session.connection())
    county = _county(known, rights_of(reader.session))
    return SyncView(
        county=county,
        waiting=_list_waiting(reader, int(known.get(state.ACKED_SEQ, "0"))) if county else (),
        open_questions=count_open_questions(reader),
        exchanges=tuple(_list_exchanges(reader)),
        last_equal_at=_moment(known.get(state.LAST_EQUAL_AT, "")),
        equal_now=known.get(state.EQUAL_NOW, "1") == "1",
        paused=known.get(state.PAUSED) == "1",
        stopped=bool(known.get(REVOKED)),
        skew_minutes=round(int(known.get(SKEW_SECONDS, "0")) / 60),
        so_far=marks.read_progress(reader),
        trouble=read_trouble(known),
        repair=read_repair(known),
        restored=bool(known.get(state.LOST_UNTIL)) and not known.get(state.ENROLLED_ANEW),
        enrolled_anew=bool(known.get(state.ENROLLED_ANEW)),
    )


def list_status(reader: Reader) -> list[StatusItem]:
    """What waits, what is held, and when equality was last proved; nothing without a county."""
    known = state.read_state(reader.session.connection())
    if state.DEVICE not in known or state.COUNTY_URL not in known:
        return []
    progress = marks.read_progress(reader)
    trouble = read_trouble(known)
    items = []
    if trouble is not None and not trouble.patient:
        items.append(StatusItem("没有同步成", tone="bad", page=_FEATURE_PAGE, order=5))
    waits = received_words(progress.waiting) + ("（自动同步停着）" if known.get(state.PAUSED) == "1" else "")
    items.append(StatusItem(waits, tone="plain" if progress.waiting else "good", page=_FEATURE_PAGE, order=10))
    if questions := count_open_questions(reader):
        items.append(StatusItem(f"有 {questions} 件要您拿主意", tone="soon", page=_QUESTIONS_PAGE, order=20))
    if progress.deferred:
        items.append(StatusItem(deferred_words(progress.deferred), tone="soon", page=_FEATURE_PAGE, order=30))
    proved = _moment(known.get(state.LAST_EQUAL_AT, ""))
    now = reader.clock.now()
    if proved and is_proved(progress, trouble):
        items.append(_proof(f"{marks.Mark.EQUAL.word} {day_words(proved, now)}", tone="good"))
    else:
        items.append(_proof(f"上次核对一致：{day_words(proved, now)}" if proved else "还没有和县里核对过"))
    return items


def _proof(words: str, *, tone: str = "plain") -> StatusItem:
    return StatusItem(words, tone=tone, page=_FEATURE_PAGE, right=True, order=100)


def list_due_items(reader: Reader) -> list[DueItem]:
    """One line of 今天要办 for all open questions together, and one for each grant that does not count but was paid."""
    found = list_questions(reader)
    questions = [one for one in found if one.progress is Progress.OPEN]
    items = [
        DueItem(
            title=f"{one.title}，不算数了，付出去的钱还没有冲销",
            page=_QUESTIONS_PAGE,
            action="去看看",
            detail=one.warning,
            arguments={"question_id": one.id},
        )
        for one in found
        if one.progress is Progress.DECIDED and one.warning
    ]
    if questions:
        title = f"{len(questions)} 件事两台电脑合不到一起，要您拿主意"
        items.append(DueItem(title=title, page=_QUESTIONS_PAGE, action="去拿主意", detail=questions[0].sentence))
    trouble = read_trouble(state.read_state(reader.session.connection()))
    if trouble is not None and not trouble.patient:
        title = f"没有同步成：{trouble.what.rstrip('。')}"
        items.append(
            DueItem(title=title, page=_FEATURE_PAGE, action="去看看", due=reader.today, detail=trouble.next_step)
        )
    return items


def _county(known: dict[str, str], rights: Rights) -> CountyFacts | None:
    if state.DEVICE not in known or state.COUNTY_URL not in known:
        return None
    return CountyFacts(
        url=known[state.COUNTY_URL],
        village_name=known.get(state.COUNTY_VILLAGE, ""),
        device=int(known[state.DEVICE]),
        role=known.get(state.DEVICE_ROLE, ""),
        rights=rights,
    )


def _list_waiting(reader: Reader, acked_seq: int) -> tuple[tuple[str, int], ...]:
    column = change_log.c
    rows = reader.session.execute(
        select(column.table_name, func.count())
        .where(column.device_seq > acked_seq, column.origin == 0)
        .group_by(column.table_name)
    )
    counted: dict[str, int] = {}
    for table, count in rows:
        word = table_word(table)
        counted[word] = counted.get(word, 0) + count
    return tuple(sorted(counted.items(), key=lambda entry: -entry[1]))


def _list_exchanges(reader: Reader) -> list[PastExchange]:
    rows = reader.session.execute(select(exchange_log).order_by(exchange_log.c.id.desc()).limit(_SHOWN_EXCHANGES))
    return [
        PastExchange(
            at=datetime.fromisoformat(row.at),
            outcome=row.outcome,
            sent=row.sent,
            received=row.received,
            bytes_up=row.bytes_up,
            bytes_down=row.bytes_down,
            equal=row.equal,
            message=row.message,
        )
        for row in rows
    ]


def _moment(text: str) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
