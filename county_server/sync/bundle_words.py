"""The sentences about files that come by stick, for whoever stands at the county's machine."""

from __future__ import annotations

from collections.abc import Sequence

from village_core.domain.errors import ProblemOutsideError, RefusedError
from village_core.exchange.bundle_frames import Fault
from village_core.exchange.messages import ALL_VILLAGES, Problem, ProblemKind

SAFE = "没有从这个文件里记下任何东西。"
NEWER_PROGRAM = "那台电脑的程序比县里的新。文件先留着，县里升级后再读一次就会生效。"
COUNTY_OLDER = "县里的资料比这个文件记得的旧，可能刚从备份恢复过。文件先留着，一条也没有丢。"


def done(applied: int, held: int, *, repeated: bool) -> str:
    if repeated:
        return "这个文件早就收过，没有重复记。"
    if not (applied or held):
        return "没有新的改动要记。"
    return f"收下了：生效 {applied} 条" + (f"，放着要拿主意 {held} 条。" if held else "。")


def waited(device: int, code: str, part: int, *, parts: int, outcome: str) -> str:
    which = f"第 {part} 份，共 {parts} 份" if parts > 1 else "一份"
    return f"先前等着的（{device} 号电脑，码 {code}，{which}）现在轮到了：{outcome}"


def revoked(device: int, operations: int) -> str:
    return (
        f"{device} 号电脑已经停用：文件里的 {operations} 条留存了，一条也没有生效。"
        "请把回执带回那台电脑读一次，它才知道自己停用了。"
    )


def fork(device: int) -> str:
    return (
        f"{device} 号电脑像是从备份恢复的，或是复制出来的，这个文件先不生效。"
        "请把回执带回那台电脑读一次，再重新写一次 U 盘，一条也不会少。"
    )


def behind_log(device: int) -> str:
    """Added to what was done: its own operations are in, those of others cannot go by stick any more."""
    return (
        f"{device} 号电脑太久没有来过，别人的改动 U 盘已经带不全。它送来的都收下了；"
        "请让那台电脑连网同步一次，就会补齐。"
    )


def behind_log_of_newer(device: int) -> str:
    return (
        f"{device} 号电脑太久没有来过，程序又比县里的新，别人的改动这一趟带不过去。它送来的都收下了；"
        "请先升级县里的程序，再让那台电脑写一次 U 盘，或连网同步一次。"
    )


def behind_log_of_older(device: int) -> str:
    return (
        f"{device} 号电脑太久没有来过，程序又比县里的旧，别人的改动这一趟带不过去。它送来的都收下了；"
        "请先升级那台电脑的田埂，再写一次 U 盘，或连网同步一次。"
    )


def goes_back(device: int) -> str:
    return (
        f"县里从备份恢复过，{device} 号电脑还不知道，这个文件先不生效。"
        "请把回执带回那台电脑读一次，再重新写一次 U 盘，一条也不会少。"
    )


def parts_missing(missing: Sequence[int]) -> str:
    return f"还缺同一次的{'、'.join(f'第 {part} 份' for part in missing)}。这一份先留着，缺的来了会一起办。"


def operations_missing(first: int, last: int) -> str:
    return (
        f"还缺这台电脑的第 {first} 至 {last} 条。这一份先留着，缺的来了会一起办。"
        "请先读更早的那个文件，或让那台电脑再写一次 U 盘。"
    )


def unreadable(file: str, error: OSError) -> ProblemOutsideError:
    return ProblemOutsideError(
        f"读不出 {file}（{error.strerror or '读写出错'}）。", safe=SAFE, next_step="请检查 U 盘是否接好，再读一次。"
    )


def not_written(file: str, error: OSError) -> ProblemOutsideError:
    return ProblemOutsideError(
        f"回执没有写成（{file}：{error.strerror or '读写出错'}）。",
        safe="收下的都已记好，U 盘上没有留下半个文件。",
        next_step="请换一个 U 盘，或清出一些空间，再写一次回执（bundle write）。",
    )


def contents_not_taken(problem: Problem) -> RefusedError:
    """What the file says has been taken, its photos not all of them."""
    match problem.kind:
        case ProblemKind.VILLAGE_FULL if problem.detail == ALL_VILLAGES:
            what = "县里放照片的地方满了：各村合起来已经到了上限，或者盘快满了。"
            next_step = "请加大照片的上限（--photos）或加盘，再读一次这个文件。"
        case ProblemKind.VILLAGE_FULL:
            what = "县里给这个村放照片的地方满了，别的村不受影响。"
            next_step = "这个村先不要再送照片。文件留着，腾出地方后再读一次。"
        case ProblemKind.TOO_MANY_UNFINISHED:
            what = "这台电脑没传完的照片太多，新的先不收。"
            next_step = "请让这台电脑连网把没传完的传完，或过一天再读一次这个文件。"
        case _:
            what, next_step = "有一张照片县里不能收。", "文件先留着，请联系技术人员。"
    return RefusedError(what, safe="文件里的改动已经记下，照片没有收完。", next_step=next_step)


def nothing_to_answer(device: int) -> RefusedError:
    return RefusedError(
        f"还没有收过 {device} 号电脑的 U 盘文件，写不出给它的回执。",
        safe="没有写任何文件。",
        next_step="请先用 bundle read 读它送来的文件。",
    )


def nowhere_to_send(device: int) -> RefusedError:
    """A device that is stopped and of which no file ever came: nothing is known that it could open."""
    return RefusedError(
        f"{device} 号电脑已经停用，县里没有收过它的 U 盘文件，停用的回执写不出来。",
        safe="没有写任何文件。",
        next_step="它再送 U 盘来时，请用 bundle read 读了再写；那台电脑连网的话，一连上自己就知道。",
    )


def explain_fault(fault: Fault, file: str) -> RefusedError:
    """Why a file is not taken, for whoever stands at the county's machine."""
    what, next_step = {
        Fault.FOREIGN: ("不是田埂的 U 盘文件。", "请选 V 开头、.vsb 结尾的文件。"),
        Fault.NEWER: ("是更新的程序写的，这里还读不懂。", "请先升级县里的程序，再读一次。"),
        Fault.CUT: ("不完整：可能没有拷完，或 U 盘没有等写完就拔了。", "请再拷一次，或请村里重新写一次。"),
        Fault.DAMAGED: ("有损坏：内容和写的时候不一样。", "请再拷一次，或请村里重新写一次。"),
        Fault.OTHER_WAY: ("是县里给村里的回执，不是村里送来的。", "请选 V 开头的文件。"),
        Fault.NOT_FOR_US: ("不是给这个县的，打不开。", "请核对是哪个县、哪个村的文件。"),
        Fault.FORGED: ("签名对不上：不是本县登记过的电脑写的，或写给了别处。", "请与那个村核对是哪台电脑写的。"),
    }[fault]
    return RefusedError(f"{file} {what}", safe=SAFE, next_step=next_step)
