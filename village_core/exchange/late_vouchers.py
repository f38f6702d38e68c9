"""Where a voucher goes that arrives late: its number is taken, or its month is locked. Its paper keeps its number.

It is neither lost nor kept out of the books. The date on it stays, and its lines keep their amounts, so that the
books stay balanced.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from uuid import UUID

from village_core.domain.ledger.periods import first_day, is_locked, period_after, period_label
from village_core.domain.ledger.voucher import VoucherKind, parse_voucher_number, voucher_number
from village_core.exchange.objections import Objection, Reason
from village_core.exchange.values import Value

NumberKey = tuple[str, str, int]
"""Month, word and number: what may stand once."""


@dataclass(frozen=True)
class Placement:
    """`changes` are columns of the voucher that differ from what came, none where it fits as it is.

    `counts_on` is the day under which its lines are summed up ('' where it is the voucher's own): the sums of a
    locked month must not move. `note` is what a person should know.
    """

    changes: Mapping[str, Value] = field(default_factory=dict)
    counts_on: str = ""
    note: Objection | None = None


def number_key(values: Mapping[str, Value]) -> NumberKey | None:
    """What may stand once in a month; opening balances have no number."""
    period, number, text = values["period"], values["number"], values["number_text"]
    if not isinstance(period, str) or not isinstance(number, int) or not isinstance(text, str):
        raise TypeError("no number of a voucher")
    if number == 0:
        return None
    parsed = parse_voucher_number(text)
    return period, parsed.word if parsed else "", number


def may_be_placed(values: Mapping[str, Value], locked: Collection[str]) -> bool:
    """Opening balances belong to the beginning of the books alone; everything else can go to a later month."""
    period = values["period"]
    opening = values.get("kind") == VoucherKind.OPENING or number_key(values) is None
    return not (opening and isinstance(period, str) and is_locked(period, locked))


def place_voucher(
    values: Mapping[str, Value], *, taken: Mapping[NumberKey, UUID], locked: Collection[str], fenced: bool = False
) -> Placement:
    """The month and number under which a voucher stands. `fenced`: its laptop no longer had the right to number.

    A locked month: the first open one, and its lines count on the first day of that. A taken or fenced number: the
    one after the highest of the month, so that no gap is left. What was printed stays in `printed_number`.
    """
    key = number_key(values)
    if key is None:
        return Placement()
    came_for, word, number = key
    period = period_after(max(locked)) if is_locked(came_for, locked) else came_for
    late = period != came_for
    if not late and not fenced and key not in taken:
        return Placement()
    next_one = max((other[2] for other in taken if other[:2] == (period, word)), default=0) + 1
    if not late and number == next_one:
        return Placement()
    given = voucher_number(next_one, word) if word else voucher_number(next_one)
    printed = str(values.get("printed_number") or values["number_text"])
    changes: dict[str, Value] = {"number": given.number, "number_text": given.text}
    if printed != given.text:
        changes["printed_number"] = printed
    paper = f"纸上的 {printed} 号留着，请在纸上注明新号。" if printed != given.text else "号码没有变。"
    if late:
        changes["period"] = period
        sentence = (
            f"{period_label(came_for)}已经锁账，这一张照样入账，记在{period_label(period)}，编为 {given.text} 号。"
            f"凭证上的日期不变，{paper}"
        )
        standing: dict[str, Value] = {"period": period, "number_text": given.text}
        return Placement(changes, first_day(period).isoformat(), Objection(Reason.LOCKED_MONTH, sentence, standing))
    if key in taken:
        why = f"{period_label(came_for)}的 {printed} 号已经有一张凭证"
        standing = {"id": taken[key].bytes, "number_text": printed}
    else:
        why = "记这一张的电脑那时已经没有记账权"
        standing = {"number_text": given.text}
    sentence = f"{why}，后到的这一张照样入账，改编为 {given.text} 号。{paper}"
    return Placement(changes, "", Objection(Reason.NUMBER_TAKEN, sentence, standing))
