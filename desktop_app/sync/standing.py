"""How it stands between this laptop and the county, in the words of the page 同步 and of the bottom line. No Qt.

Nothing here says that both are equal before equality was shown.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil

from desktop_app.sync import marks
from desktop_app.sync.marks import Mark
from desktop_app.sync.queries import SyncView
from desktop_app.sync.trouble import Trouble, is_proved
from desktop_app.sync.watch import Phase, Progress
from desktop_app.sync.words import day_words, deferred_words

_REPAIR_IS_NEWS = timedelta(days=1)
_MOVING = {
    Phase.PUSHING: ("正在送到县里", "已送"),
    Phase.FIRST_LOAD: ("正在取全村的资料", "已取"),
    Phase.PULLING: ("正在取别人记的", "已取"),
    Phase.PHOTOS: ("正在传照片", "已传"),
}


@dataclass(frozen=True)
class Doing:
    """What the exchange in the window is at. `waits`: seconds until it tries again within this exchange; `next_try`:
    until the next one begins by itself. `trouble` is what the last one met, also where it could not be kept."""

    running: bool = False
    stopping: bool = False
    stopped: bool = False
    offline: bool = False
    progress: Progress | None = None
    waits: float | None = None
    next_try: float | None = None
    trouble: Trouble | None = None


@dataclass(frozen=True)
class Told:
    """A sentence with its tone: plain, second, good, soon or bad."""

    words: str
    tone: str = "second"


@dataclass(frozen=True)
class MarkBox:
    """One of the three marks: `state` is the large word, `detail` the figure under it."""

    title: str
    state: str
    detail: str
    reached: bool


def describe_marks(view: SyncView, now: datetime) -> tuple[MarkBox, MarkBox, MarkBox]:
    """已保存 → 县里已收到 → 已核对一致."""
    progress = view.so_far
    made = progress.acked_seq + progress.waiting
    own = f"这台电脑记过 {made:,} 条" if made else "这台电脑还没有记过"
    proved = is_proved(progress, view.trouble)
    if view.last_equal_at is None:
        when, detail = "还没有核对过", "送完、取完会自己核对"
    elif proved:
        when, detail = day_words(view.last_equal_at, now), "这时和县里逐条一样"
    else:
        when, detail = "还没有核对", f"上次一致：{day_words(view.last_equal_at, now)}"
    if proved and progress.held:
        detail = f"有 {progress.held:,} 条县里先放着，等人拿主意"
    return (
        MarkBox(Mark.SAVED.word, "都存好了", own, reached=True),
        MarkBox(
            Mark.RECEIVED.word,
            f"还差 {progress.waiting:,} 条" if progress.waiting else "都收到了",
            _received_words(progress),
            reached=not progress.waiting,
        ),
        MarkBox(Mark.EQUAL.word, when, detail, reached=proved),
    )


def _received_words(progress: marks.Progress) -> str:
    """A county that notes its backups says up to where they hold what it received."""
    if not progress.acked_seq:
        return "还没有送过" if progress.waiting else ""
    lacking = max(progress.acked_seq - progress.durable_seq, 0)
    later = f"，{lacking:,} 条还没进县里的备份" if lacking else ""
    return f"已收到 {progress.acked_seq:,} 条{later}"


def describe_doing(view: SyncView, doing: Doing) -> Told:
    """The one line: what goes on, what comes next, and whether she has to do anything."""
    if doing.running:
        return _describe_running(doing)
    trouble = doing.trouble or view.trouble
    if trouble is not None and not trouble.patient:
        again = f"{span_words(doing.next_try)}后自己再看一次。" if _goes_on(view, doing) else ""
        return Told(f"没有同步成，原因写在下面。{again}", "bad")
    if view.paused:
        return Told("自动同步停着。记的都存在这台电脑上；要送，请点“现在同步”。", "soon")
    if trouble is not None and doing.offline:
        return Told("现在没有网络。网来了自己接着同步，不用守着。", "soon")
    if trouble is not None:
        goes_on = f"{span_words(doing.next_try)}后自己再试，不用守着"
        again = goes_on if _goes_on(view, doing) else "请过一会儿再点“现在同步”"
        return Told(f"{trouble.what.rstrip('。')}，{again}。", "soon")
    if doing.stopped:
        return Told("停下来了。送到的都算数，没送的下次接着送。", "second")
    return _describe_rest(view, doing)


def describe_notices(view: SyncView, doing: Doing, now: datetime) -> list[Told]:
    """What she should know besides, the most important first."""
    told: list[Told] = []
    trouble = doing.trouble or view.trouble
    if trouble is not None and not trouble.patient and not doing.running:
        told.append(Told(trouble.words, "bad"))
    if view.restored:
        told.append(
            Told(
                "县里的服务器从备份恢复过。这台电脑上的资料都在，县里丢的会自己补送，照常同步就行。"
                "补齐、核对一致以后，这句话就没有了。",
                "soon",
            )
        )
    if view.enrolled_anew:
        told.append(
            Told(
                "这台电脑重新登记过。它记过的会再和县里对一遍，县里没有的接着送，照常同步就行。"
                "核对一致以后，这句话就没有了。",
                "soon",
            )
        )
    if view.so_far.deferred:
        told.append(
            Told(
                f"{deferred_words(view.so_far.deferred)}：别的电脑的田埂比这台新。已经原样收好，升级以后自己放进来；"
                "这台照常用、照常送。",
                "soon",
            )
        )
    if view.skew_minutes:
        ahead = "快" if view.skew_minutes > 0 else "慢"
        told.append(
            Told(
                f"这台电脑的时间比县里{ahead}了约 {_skew_words(abs(view.skew_minutes))}。记下的都在；"
                "请对一下电脑的日期和时间，以后记的日子才对。",
                "soon",
            )
        )
    if view.repair is not None and timedelta(0) <= now - view.repair.at < _REPAIR_IS_NEWS:
        told.append(Told(f"{day_words(view.repair.at, now)} 和县里核对时：{view.repair.words}", "plain"))
    return told


def describe_progress(progress: Progress) -> str:
    """正在送到县里：已送 120 KB / 共 310 KB，这条线路大约 7 KB/秒，还要约 30 秒."""
    what, done = _MOVING[progress.phase]
    if not progress.total:
        return f"{what}…"
    words = f"{what}：{done} {size_words(progress.done)} / 共 {size_words(progress.total)}"
    if progress.speed >= 1:
        words += f"，这条线路大约 {size_words(progress.speed)}/秒"
    left = progress.seconds_left
    if progress.done >= progress.total:
        words += "，等县里回话"
    elif left is not None:
        words += f"，还要约 {span_words(left, rough=True)}"
    return words


def size_words(count: float) -> str:
    """字节, KB, MB: as few digits as tell something."""
    if count < 1024:
        return f"{round(count)} 字节"
    if count < 1 << 20:
        return f"{count / 1024:.1f} KB" if count < 3 * 1024 else f"{count / 1024:.0f} KB"
    return f"{count / (1 << 20):.1f} MB"


def span_words(seconds: float | None, *, rough: bool = False) -> str:
    """12 秒, 4 分钟, 2 小时; `rough` in steps that do not jump about."""
    if seconds is None:
        return "一会儿"
    if seconds < 60:
        whole = max(1, ceil(seconds))
        return f"{ceil(whole / 10) * 10 if rough and whole > 10 else whole} 秒"
    minutes = ceil(seconds / 60)
    return f"{minutes} 分钟" if minutes < 120 else f"{minutes // 60} 小时"


def waiting_words(waiting: Sequence[tuple[str, int]], *, most: int = 6) -> str:
    """户 2 条、凭证 1 条."""
    parts = "、".join(f"{word} {count:,} 条" for word, count in waiting[:most])
    return f"{parts}等" if len(waiting) > most else parts


def _describe_running(doing: Doing) -> Told:
    if doing.stopping:
        return Told("正在停下来，送到的都算数…")
    if doing.waits is not None:
        return Told(f"这会儿连不上，{span_words(doing.waits)}后自己再试，不用守着。", "soon")
    if doing.progress is not None:
        return Told(describe_progress(doing.progress), "plain")
    return Told("正在和县里对…")


def _describe_rest(view: SyncView, doing: Doing) -> Told:
    progress = view.so_far
    goes_on = _goes_on(view, doing)
    again = f"{span_words(doing.next_try)}后自己同步" if goes_on else "请点“现在同步”"
    if progress.waiting:
        sends = f"{span_words(doing.next_try)}后自己送" if goes_on else "点“现在同步”就送"
        return Told(f"有 {progress.waiting:,} 条等着送，{sends}。")
    if progress.deferred:
        return Told("该送的都送了；等升级以后才能核对一致。")
    if marks.village_mark(progress) is Mark.EQUAL:
        looks = f"{span_words(doing.next_try)}后自己再看一次。" if goes_on else ""
        return Told(f"都送到了，也都核对过。{looks}", "good")
    if view.last_equal_at is None and not view.exchanges:
        return Told(f"还没有同步过，{again}。")
    return Told(f"都送到了，还没有核对一致，{again}。")


def _goes_on(view: SyncView, doing: Doing) -> bool:
    return doing.next_try is not None and not view.paused


def _skew_words(minutes: int) -> str:
    if minutes < 120:
        return f"{minutes} 分钟"
    return f"{minutes // 60} 小时" if minutes < 48 * 60 else f"{minutes // 1440} 天"
