"""The sentences for what can go wrong on the way to the county."""

from __future__ import annotations

from datetime import datetime

from village_core.domain.clock import CHINA
from village_core.domain.errors import ProblemOutsideError, RefusedError, UserError
from village_core.exchange.messages import ALL_VILLAGES, Problem, ProblemKind

SAFE = "这台电脑上的资料都在，没有改动。"
SAFE_LATER = "这台电脑上的资料都在，没送到的会接着送。"


class LineError(ProblemOutsideError):
    """The line was cut or the server did not answer: worth another try."""


class DeviceStoppedError(RefusedError):
    """The county has stopped this laptop."""


class NotKnownError(RefusedError):
    """The county has no such device: enrolling anew helps, waiting does not."""


class BusyError(LineError):
    """The county has too much to do; it said in how many seconds to come again."""

    def __init__(self, seconds: float) -> None:
        super().__init__(
            "县里的服务器正忙。", safe=SAFE_LATER, next_step="请过一会儿再同步；打开窗口放着，它会自己再试。"
        )
        self.seconds = seconds


class ContentRefusedError(RefusedError):
    """The county takes no further contents of this village now; everything else goes on."""


class GarbledError(ProblemOutsideError):
    """What came back is no answer of a county: worth another try, then worth a telephone call."""


def line_cut() -> LineError:
    return LineError("和县里的连接断了。", safe=SAFE_LATER, next_step="请检查网络，过一会儿再点“现在同步”。")


def not_reached() -> LineError:
    return LineError("连不上县里的服务器。", safe=SAFE_LATER, next_step="请检查网络和县服务器的网址，过一会儿再同步。")


def garbled() -> GarbledError:
    return GarbledError(
        "县里的回答看不懂。", safe=SAFE_LATER, next_step="请核对县服务器的网址；还不行，请告诉县里的管理员。"
    )


def deferred_words(count: int) -> str:
    """What a newer program sent and this one can only keep."""
    return f"有 {count} 条要等升级后才能放进来"


def received_words(waiting: int) -> str:
    """The second mark, in a few words."""
    return f"还有 {waiting:,} 条没送到县里" if waiting else "县里都收到了"


def day_words(moment: datetime, now: datetime) -> str:
    """今天 16:20, 昨天 16:20, 11月3日 16:20."""
    here, today = moment.astimezone(CHINA), now.astimezone(CHINA)
    days = (today.date() - here.date()).days
    if days in (0, 1):
        return f"{'昨天' if days else '今天'} {here:%H:%M}"
    year = "" if here.year == today.year else f"{here.year}年"
    return f"{year}{here.month}月{here.day}日 {here:%H:%M}"


def proof_words(*, equal: bool, deferred: int, comparable: bool) -> str:
    """What an exchange can say of equality. Different versions are no damage."""
    if equal:
        return "已核对一致"
    if deferred:
        return deferred_words(deferred)
    return "还没有核对一致" if comparable else "与县里的程序版本不一样，升级后才能核对"


def wrong_certificate() -> ProblemOutsideError:
    return ProblemOutsideError(
        "县服务器的证书对不上，没有送出任何资料。",
        safe=SAFE,
        next_step="请向县里要最新的证书文件；不要在不明的网络上继续。",
    )


def county_behind() -> ProblemOutsideError:
    return ProblemOutsideError(
        "县里的资料比这台电脑记得的旧，可能刚从备份恢复过。",
        safe="这台电脑上的资料都在，没有改动。",
        next_step="请告诉县里的管理员，先不要重装或删除这里的资料。",
    )


def no_county() -> RefusedError:
    return RefusedError(
        "这份资料还没有登记到县里。", safe=SAFE, next_step="请向县里要一个登记码，再用“登记到县里”（join）。"
    )


def explain_problem(problem: Problem, status: int) -> UserError:
    """What the county said no to, in words."""
    match problem.kind:
        case ProblemKind.CODE_UNKNOWN:
            return RefusedError("登记码不对。", safe=SAFE, next_step="请对照县里给的登记码再输一次。")
        case ProblemKind.CODE_USED:
            return RefusedError(
                "这个登记码已经用过了。", safe=SAFE, next_step="一个码只能登记一台电脑，请向县里再要一个。"
            )
        case ProblemKind.CODE_EXPIRED:
            return RefusedError("这个登记码过期了。", safe=SAFE, next_step="登记码 24 小时内有效，请向县里再要一个。")
        case ProblemKind.OTHER_VILLAGE:
            return RefusedError(
                f"这个登记码是给{problem.detail or '另一个村'}的，和这份资料的村不一样。",
                safe=SAFE,
                next_step="请向县里要本村的登记码，这个码还可以用。",
            )
        case ProblemKind.REVOKED:
            return DeviceStoppedError(
                "县里已经停用了这台电脑，送去的东西不会生效。", safe=SAFE, next_step="请与县里的管理员联系。"
            )
        case ProblemKind.UNKNOWN_DEVICE:
            return NotKnownError(
                "县里不认识这台电脑。",
                safe=SAFE,
                next_step="县里从备份恢复过的，请要一个新的登记码，点“去重新登记”；不清楚的，先问县里的管理员。",
            )
        case ProblemKind.BAD_SIGNATURE:
            return NotKnownError(
                "县里认不出这台电脑的签名。", safe=SAFE, next_step="请与县里的管理员联系，重新登记这台电脑。"
            )
        case ProblemKind.NEWER_SCHEMA:
            return ProblemOutsideError(
                "县里的程序比这台电脑的旧，要等县里升级，才取得回别人的改动、才能核对。",
                safe="这台电脑上的资料一条也没有丢，送到县里的都收下了。",
                next_step="请告诉县里的管理员升级县里的程序；这里照常记。",
            )
        case ProblemKind.OLD_SCHEMA:
            return ProblemOutsideError("这台电脑的程序太旧了。", safe=SAFE, next_step="请先升级田埂，再同步。")
        case ProblemKind.TOO_LARGE:
            return ProblemOutsideError("要送的内容太大，县里不收。", safe=SAFE, next_step="请告诉县里的管理员。")
        case ProblemKind.VILLAGE_FULL if problem.detail == ALL_VILLAGES:
            return ContentRefusedError(
                "县里放照片的地方满了，新照片暂时送不上去。",
                safe="照片都在这台电脑上，记录照常同步。",
                next_step="请告诉县里的管理员，给照片加地方。",
            )
        case ProblemKind.VILLAGE_FULL:
            return ContentRefusedError(
                "县里给这个村放照片的地方满了，新照片暂时送不上去。",
                safe="照片都在这台电脑上，记录照常同步。",
                next_step="请告诉县里的管理员，把这个村的照片空间加大。",
            )
        case ProblemKind.TOO_MANY_UNFINISHED:
            return ContentRefusedError(
                "没传完的照片太多，县里暂时不收新的。",
                safe="照片都在这台电脑上，记录照常同步。",
                next_step="请过一天再同步；还不行，请告诉县里的管理员。",
            )
        case ProblemKind.DEFECT:
            return LineError(
                "县里的服务器出了错。", safe=SAFE_LATER, next_step="请过一会儿再同步；还不行，请告诉县里的管理员。"
            )
        case _:
            return (
                garbled()
                if status >= 500
                else GarbledError(
                    "县里看不懂送去的内容。", safe=SAFE, next_step="请告诉县里的管理员，这里的资料不要删。"
                )
            )
