"""What the heads of the laptops' journals tell: which one was rewritten, which one went back to a backup."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Engine, select

from county_server.sync.journal_heads import HeadVerdict
from county_server.tables import device, journal_head
from village_core.domain.clock import CHINA


@dataclass(frozen=True)
class JournalReport:
    """One Chinese sentence for each; what was restored is told and is no fault."""

    rewritten: tuple[str, ...] = ()
    restored: tuple[str, ...] = ()

    @property
    def sentences(self) -> tuple[str, ...]:
        return self.rewritten + self.restored


def check_journals(engine: Engine, code: str) -> JournalReport:
    """All heads of a village, in the order in which they came."""
    column = journal_head.c
    query = (
        select(
            column.device,
            device.c.person_name,
            column.verdict,
            column.received_at,
            column.change,
            column.access,
        )
        .join(device, device.c.number == column.device)
        .where(column.village == code)
        .order_by(column.device, column.number)
    )
    rewritten, restored = [], []
    before: tuple[int, int, int] = (0, 0, 0)
    with engine.connect() as connection:
        for number, person, verdict, received_at, change, access in connection.execute(query):
            if number != before[0]:
                before = (number, 0, 0)
            who = f"{person}的电脑（{number} 号）" if person else f"{number} 号电脑"
            day = f"{datetime.fromisoformat(received_at).astimezone(CHINA):%Y-%m-%d %H:%M}"
            place = f"改动记录第 {before[1]} 条、查阅记录第 {before[2]} 条"
            if verdict == HeadVerdict.REWRITTEN:
                rewritten.append(f"{who}的操作日志被改写过：{day} 来的时候，{place}以前的和先前告诉县里的不一样。")
            elif verdict == HeadVerdict.RESTORED:
                restored.append(
                    f"{who}在 {day} 以前从备份恢复过，或者同一份资料有两台在用："
                    f"先前到{place}，这一次到第 {change}、{access} 条。"
                )
            before = (number, change, access)
    return JournalReport(tuple(rewritten), tuple(restored))
