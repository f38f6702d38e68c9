"""Accounts: the fixed first level of the national chart (data) and the village's own sub-accounts, code 3-2-2-2."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from typing import Any

from village_core.domain.errors import RefusedError

CODE_LENGTHS = (3, 5, 7, 9)
CASH = "101"
BANK = "102"
RELIEF_PARENT = "514"
RELIEF = "51401"
RELIEF_NAME = "困难救助"
BORROWING = ("201", "221")
_SUB_ACCOUNT = re.compile(r"[0-9]{3}(?:[0-9]{2}){1,3}")
_WIDE_DIGITS = {code + 0xFEE0: code for code in range(0x21, 0x7F)}


class Side(StrEnum):
    """借 or 贷."""

    DEBIT = "debit"
    CREDIT = "credit"

    @property
    def word(self) -> str:
        return "借" if self is Side.DEBIT else "贷"


@dataclass(frozen=True)
class Account:
    """One account. `normal` is the side of its usual balance; `both_sides` may stand on either.

    `certainty` says how sure the source of a first-level account is; sub-accounts have none.
    """

    code: str
    name: str
    category: str
    normal: Side
    both_sides: bool = False
    certainty: str = ""
    note: str = ""
    closed_on: date | None = None

    @property
    def level(self) -> int:
        """1 for the chart's own accounts, 2 to 4 for the village's."""
        return CODE_LENGTHS.index(len(self.code)) + 1


def parse_account_code(text: str) -> str:
    """`102-01`, `102.01`, `１０２０１` → `10201`. Digits only, of length 3, 5, 7 or 9."""
    plain = re.sub(r"[\s\-_./]", "", text.translate(_WIDE_DIGITS))
    if not re.fullmatch(r"[0-9]+", plain):
        raise _refused(f"“{text.strip()}”不是科目编码。" if text.strip() else "没有填科目编码。")
    if len(plain) not in CODE_LENGTHS:
        raise _refused(f"科目编码“{plain}”的位数不对。")
    return plain


def parent_code(code: str) -> str | None:
    """`51401` → `514`; None for the first level."""
    return code[:-2] if len(code) > CODE_LENGTHS[0] else None


def code_path(code: str) -> tuple[str, ...]:
    """`5140102` → `514`, `51401`, `5140102`."""
    return tuple(code[:length] for length in CODE_LENGTHS if length <= len(code))


def display_code(code: str) -> str:
    """`51401` → `514-01`, as people read it."""
    return "-".join((code[:3], *(code[start : start + 2] for start in range(3, len(code), 2))))


def read_chart(data: Mapping[str, Any]) -> tuple[Account, ...]:
    """The first-level accounts of a chart file of `resources/accounts/`."""
    return tuple(
        Account(
            code=entry["code"],
            name=entry["name"],
            category=entry["category"],
            normal=Side(entry["normal"]),
            both_sides=entry["both_sides"],
            certainty=entry["certainty"],
            note=entry.get("note", ""),
        )
        for entry in data["accounts"]
    )


class Chart:
    """All accounts of a village. Sub-accounts take category and side from their first-level account."""

    def __init__(self, first_level: Sequence[Account], sub_accounts: Iterable[tuple[str, str, date | None]]) -> None:
        """`sub_accounts` are (code, name, closed_on) in any order; one without its parent is kept all the same, one
        whose code is none (a row from another computer) is passed over."""
        self._accounts = {account.code: account for account in first_level}
        for code, name, closed_on in sorted(sub_accounts, key=lambda entry: entry[0]):
            if _SUB_ACCOUNT.fullmatch(code):
                self._add(code, name, closed_on)
        self._parents = {parent for code in self._accounts if (parent := parent_code(code))}

    def __iter__(self) -> Iterator[Account]:
        return iter(sorted(self._accounts.values(), key=lambda account: account.code))

    def find(self, code: str) -> Account | None:
        return self._accounts.get(code)

    def is_leaf(self, code: str) -> bool:
        """True when vouchers may be posted on it: nothing stands below."""
        return code not in self._parents

    def full_name(self, code: str) -> str:
        """`银行存款—基本户`."""
        return "—".join(found.name for step in code_path(code) if (found := self.find(step)))

    def children(self, code: str) -> tuple[Account, ...]:
        """The accounts right below."""
        return tuple(account for other, account in sorted(self._accounts.items()) if parent_code(other) == code)

    def leaves(self, under: str = "") -> tuple[Account, ...]:
        """Open accounts that vouchers may be posted on, whose code begins with `under`."""
        return tuple(
            account
            for code, account in sorted(self._accounts.items())
            if code.startswith(under) and self.is_leaf(code) and account.closed_on is None
        )

    def next_child_code(self, code: str) -> str:
        """The first free code below, 01 to 99."""
        taken = {account.code for account in self.children(code)}
        for number in range(1, 100):
            candidate = f"{code}{number:02d}"
            if candidate not in taken:
                return candidate
        raise _refused(f"{display_code(code)} 下面的 99 个明细已经用完。")

    def with_sub_account(self, code: str, name: str) -> Chart:
        """The chart with one more sub-account; raises RefusedError when it cannot be opened."""
        finding = refuse_sub_account(self, code, name)
        if finding:
            raise _refused(finding)
        grown = Chart((), ())
        grown._accounts = dict(self._accounts)
        grown._add(code, name, None)
        grown._parents = self._parents | {code[:-2]}
        return grown

    def _add(self, code: str, name: str, closed_on: date | None) -> None:
        root = self._accounts.get(code[:3])
        if root is None:
            self._accounts[code] = Account(code, name, "", Side.DEBIT, closed_on=closed_on)
        else:
            self._accounts[code] = replace(root, code=code, name=name, certainty="", note="", closed_on=closed_on)


def refuse_sub_account(chart: Chart, code: str, name: str) -> str:
    """Why this sub-account cannot be opened, or ''."""
    if len(code) not in CODE_LENGTHS[1:]:
        return f"{code} 不能作为明细科目的编码。"
    if chart.find(code):
        return f"{display_code(code)} 已经有了，叫“{chart.full_name(code)}”。"
    parent = chart.find(code[:-2])
    if parent is None:
        return f"{display_code(code)} 的上级科目 {display_code(code[:-2])} 还没有。"
    if parent.closed_on:
        return f"上级科目“{parent.name}”已经停用。"
    if code.endswith("00"):
        return f"{display_code(code)} 的明细号要从 01 开始。"
    if not name.strip():
        return f"{display_code(code)} 还没有名称。"
    if any(child.name == name.strip() for child in chart.children(parent.code)):
        return f"“{parent.name}”下面已经有叫“{name.strip()}”的明细。"
    return ""


def _refused(what: str) -> RefusedError:
    return RefusedError(
        what, safe="账上没有改动。", next_step="科目编码是 3 位数字，明细每一级再加两位，例如 102、10201。"
    )
