"""Turn what the operating system and SQLite say into sentences that the person at the keyboard can act on."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy.exc import DBAPIError

from village_core.domain.errors import ProblemOutsideError

_SAFE = "原来的资料都在。"


MEND_DAMAGE = "请用最近一次备份恢复；登记过县里的，恢复后同步一次，备份以后的就从县里取回。"


class DamagedDatabaseError(ProblemOutsideError):
    """A page of the database file is not as it was written."""


_DATABASE_SIGNS = (
    ("database or disk is full", "磁盘满了，没有存下。", "请清出一些空间，再试一次。"),
    ("readonly database", "资料所在的文件夹不能写入。", "请检查文件夹的权限，或U盘上的写保护开关。"),
    ("unable to open database", "打不开资料文件。", "请检查文件夹还在不在、能不能写入。"),
    ("database is locked", "资料正被另一个程序占用。", "请关掉另一个田埂窗口，再试一次。"),
    ("disk i/o error", "读写磁盘时出错。", "请检查磁盘或U盘是否接好，再试一次。"),
    ("file is not a database", "资料文件打不开：口令与它不符，或文件已损坏。", "请用最近一次备份恢复。"),
)

_SYSTEM_SIGNS = {
    errno.ENOSPC: ("磁盘满了，没有写完。", "请清出一些空间，再试一次。"),
    errno.EDQUOT: ("磁盘满了，没有写完。", "请清出一些空间，再试一次。"),
    errno.EROFS: ("这个位置不能写入。", "请换一个文件夹，或打开U盘的写保护开关。"),
    errno.EACCES: ("没有权限读写这个位置。", "请换一个文件夹，或请管理员给这个文件夹写入权限。"),
    errno.EPERM: ("没有权限读写这个位置。", "请换一个文件夹，或请管理员给这个文件夹写入权限。"),
    errno.EIO: ("读写磁盘时出错。", "请检查磁盘或U盘是否接好，再试一次。"),
    errno.ENOENT: ("找不到这个文件或文件夹。", "请检查名字和位置，再试一次。"),
    errno.ENOTDIR: ("找不到这个文件夹。", "请检查名字和位置，再试一次。"),
    errno.EISDIR: ("这是一个文件夹，不是文件。", "请写上文件名，再试一次。"),
}


def explain_database(error: DBAPIError) -> ProblemOutsideError | None:
    """The sentence for a database error that comes from the surroundings, or None for a defect of ours."""
    message = str(error.orig).lower()
    if "malformed" in message or "corrupt" in message or "could not decode to utf-8" in message:
        return DamagedDatabaseError("资料文件有一处损坏。", safe="没坏的部分都还在。", next_step=MEND_DAMAGE)
    for sign, what, next_step in _DATABASE_SIGNS:
        if sign in message:
            return ProblemOutsideError(what, safe=_SAFE, next_step=next_step)
    return None


def explain_system(error: OSError) -> ProblemOutsideError:
    """The sentence for a failed file operation."""
    what, next_step = _SYSTEM_SIGNS.get(error.errno or 0, ("读写文件时出错。", "请检查磁盘，再试一次。"))
    place = f"（{Path(str(error.filename)).name}）" if error.filename else ""
    return ProblemOutsideError(what.rstrip("。") + place + "。", safe=_SAFE, next_step=next_step)


@contextmanager
def explained() -> Iterator[None]:
    """Errors of disk and database that a person can mend leave this block as `ProblemOutsideError`."""
    try:
        yield
    except DBAPIError as error:
        problem = explain_database(error)
        if problem is None:
            raise
        raise problem from error
    except OSError as error:
        if error.errno not in _SYSTEM_SIGNS:
            raise
        raise explain_system(error) from error
