"""The sentences about files on a stick, for the person at the laptop."""

from __future__ import annotations

import errno

from desktop_app.sync.words import SAFE, SAFE_LATER
from village_core.domain.errors import ProblemOutsideError, RefusedError
from village_core.exchange.bundle_frames import Fault

_GONE = {errno.ENOENT, errno.ENODEV, errno.ENXIO, errno.EIO, errno.ENOTDIR, errno.ESTALE}
_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


def no_lock() -> RefusedError:
    return RefusedError(
        "这台电脑还没有县里的锁，写出来的文件县里打不开。",
        safe=SAFE,
        next_step="请先连网同步一次，以后就能用 U 盘了。",
    )


def not_written(error: OSError, *, needed: int) -> ProblemOutsideError:
    """The stick is full, gone, or cannot be written; nothing half is left under the name."""
    safe = "U 盘上没有留下半个文件，" + SAFE
    megabytes = f"{max(needed / (1 << 20), 0.1):.1f} MB"
    if error.errno in _FULL:
        what, next_step = "U 盘空间不够，没有写完。", f"请换一个 U 盘，或先清出 {megabytes}，再写一次。"
    elif error.errno in (errno.EROFS, errno.EACCES, errno.EPERM):
        what, next_step = "这个 U 盘不能写入。", "请打开 U 盘上的写保护开关，或换一个 U 盘，再写一次。"
    elif error.errno == errno.EISDIR:
        what, next_step = "这是一个文件夹，不是文件。", "请写上文件名，或选另一个文件夹。"
    elif error.errno in _GONE:
        what, next_step = "U 盘拔掉了，或没有接好，没有写完。", "请把 U 盘插好，再写一次。"
        safe = "写了一半的不会被当成写好的，" + SAFE
    else:
        what, next_step = "写 U 盘时出错，没有写完。", "请换一个 U 盘，再写一次。"
    return ProblemOutsideError(what, safe=safe, next_step=next_step)


def not_read_back() -> ProblemOutsideError:
    return ProblemOutsideError(
        "写完读回来核对，和写下的不一样，这个 U 盘可能坏了。",
        safe="坏的文件已经删掉，" + SAFE,
        next_step="请换一个 U 盘，再写一次。",
    )


def unreadable(file: str) -> ProblemOutsideError:
    return ProblemOutsideError(
        f"读不出 {file}。", safe=SAFE_LATER, next_step="请检查 U 盘是否接好，再读一次；还不行，请到县里再拷一次。"
    )


def nothing_found(folder: str) -> RefusedError:
    return RefusedError(
        f"{folder} 里没有县里给这台电脑的回执。",
        safe=SAFE_LATER,
        next_step="请选 R 开头、.vsb 结尾的文件所在的 U 盘或文件夹。",
    )


def earlier_missing(first: int, last: int) -> RefusedError:
    return RefusedError(
        f"还缺更早的一份回执：县里对第 {first} 至 {last} 条的回答还没有读过。",
        safe=SAFE_LATER,
        next_step="请先读更早的那个文件；找不到了，就再写一次 U 盘送到县里，什么也不会少。",
    )


def other_history() -> RefusedError:
    return RefusedError(
        "这份回执答的改动，这台电脑上没有记着，可能这台电脑从备份恢复过。",
        safe=SAFE_LATER,
        next_step="请再写一次 U 盘送到县里，或连网同步一次，会自己接上。",
    )


def explain_fault(fault: Fault, file: str) -> RefusedError:
    """Why a file is not taken."""
    what, next_step = {
        Fault.FOREIGN: ("不是田埂的 U 盘文件。", "请选 R 开头、.vsb 结尾的文件。"),
        Fault.NEWER: ("是更新的程序写的，这里还读不懂。", "请先升级田埂，再读一次，文件别删。"),
        Fault.CUT: ("不完整：可能没有拷完，或 U 盘没有等写完就拔了。", "请到县里再拷一次。"),
        Fault.DAMAGED: ("有损坏：内容和写的时候不一样。", "请到县里再拷一次，最好换一个 U 盘。"),
        Fault.OTHER_WAY: ("是要送到县里去的，不是县里给的回执。", "请把它送到县里；读回来时选 R 开头的文件。"),
        Fault.NOT_FOR_US: ("不是给这台电脑的，打不开。", "请核对文件名里的村和电脑编号，拿到那台电脑上去读。"),
        Fault.FORGED: ("不是县里签的名，不能相信。", "请到县里核对这个文件是从哪里来的。"),
    }[fault]
    return RefusedError(f"{file} {what}", safe="没有从这个文件里取任何东西，" + SAFE, next_step=next_step)
