"""What a person may do by the roles: the list of rights, and the answer with its clause when the answer is no.

What a laptop may do for the village (救助审批权, 记账权) is another matter, asked beside this one.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from itertools import chain
from uuid import UUID

from village_core.domain.errors import Finding
from village_core.domain.households.names import name_key
from village_core.domain.staff.names import names_of


class Right(StrEnum):
    """One kind of deed. The titles and who has it are data of the year (`resources/roles`)."""

    READ_HOUSEHOLDS = "read_households"
    EDIT_HOUSEHOLDS = "edit_households"
    REVEAL_NUMBERS = "reveal_numbers"
    READ_CASES = "read_cases"
    OPEN_CASE = "open_case"
    RECORD_CASE = "record_case"
    RECORD_MEETING = "record_meeting"
    DECIDE_GRANT = "decide_grant"
    RECORD_TOWNSHIP = "record_township"
    RECORD_OBJECTION = "record_objection"
    INSPECT = "inspect"
    PAY_GRANT = "pay_grant"
    KEEP_ARCHIVE = "keep_archive"
    READ_LEDGER = "read_ledger"
    DRAFT_VOUCHER = "draft_voucher"
    REVIEW_VOUCHER = "review_voucher"
    POST_VOUCHER = "post_voucher"
    KEEP_ACCOUNTS = "keep_accounts"
    LOCK_MONTH = "lock_month"
    PRINT_PAPERS = "print_papers"
    EXPORT = "export"
    DECIDE_QUESTIONS = "decide_questions"
    MANAGE_PEOPLE = "manage_people"
    MANAGE_SETTINGS = "manage_settings"
    BACK_UP = "back_up"
    RESTORE = "restore"
    READ_JOURNAL = "read_journal"


@dataclass(frozen=True)
class Role:
    """A role with its duty in words. `combinable`: 兼任 on record gives its holder the other such roles' rights."""

    name: str
    duty: str
    combinable: bool
    rights: frozenset[Right]


@dataclass(frozen=True)
class Ban:
    """Who has `role` never has `rights`, whatever else he is. 兼任 lifts it unless it is the law's."""

    id: str
    role: str
    legal: bool
    title: str
    rights: frozenset[Right]
    clause: str
    source: str


@dataclass(frozen=True)
class Apart:
    """Roles that one person does not have together. 兼任 lifts it unless it is the law's."""

    id: str
    legal: bool
    one: str
    others: frozenset[str]
    clause: str
    source: str


@dataclass(frozen=True)
class RoleList:
    """The roles of a year, their rights, and what is kept apart."""

    year: int
    titles: Mapping[Right, str]
    roles: Mapping[str, Role]
    bans: tuple[Ban, ...]
    apart: tuple[Apart, ...]
    steps: Mapping[str, Right]
    """Kind of a step in a relief case → the right to record it."""
    second_person: Finding

    def conflicts(self, roles: Collection[str], *, combines: bool) -> tuple[Finding, ...]:
        """What stands against one person having these roles."""
        held = set(roles)
        return tuple(
            Finding(
                rule.id,
                True,
                f"{rule.one}不能同时是{'、'.join(sorted(held & rule.others))}。",
                clause=rule.clause,
                source=rule.source,
                field="roles" if rule.legal else "may_combine_duties",
            )
            for rule in self.apart
            if rule.one in held and held & rule.others and (rule.legal or not combines)
        )

    def acting(self, roles: Collection[str], *, combines: bool) -> frozenset[str]:
        """The roles that a person fills: those given, and with 兼任 on record the others that may be combined."""
        held = frozenset(roles)
        if combines and any(name in held for name, role in self.roles.items() if role.combinable):
            return held | {name for name, role in self.roles.items() if role.combinable}
        return held

    def rights_of(self, roles: tuple[str, ...], *, combines: bool) -> frozenset[Right]:
        """Of all roles together, with those that 兼任 adds, less what is banned for one of them. Worked out once for
        each set of roles: every save asks."""
        known = self._worked_out.get((roles, combines))
        if known is None:
            held = self.acting(roles, combines=combines)
            given = chain.from_iterable(role.rights for role in self.roles.values() if role.name in held)
            banned = (ban.rights for ban in self.bans_of(roles, combines=combines))
            known = self._worked_out[roles, combines] = frozenset(given).difference(*banned)
        return known

    def bans_of(self, roles: Collection[str], *, combines: bool) -> list[Ban]:
        """The bans that lie on who has these roles."""
        return [ban for ban in self.bans if ban.role in roles and (ban.legal or not combines)]

    @cached_property
    def _worked_out(self) -> dict[tuple[tuple[str, ...], bool], frozenset[Right]]:
        return {}

    def who(self, right: Right) -> tuple[str, ...]:
        """The roles that have a right."""
        return tuple(role.name for role in self.roles.values() if right in role.rights)


@dataclass(frozen=True)
class Duties:
    """What one person may do now. `away` says why he may do nothing at all."""

    name: str
    roles: tuple[str, ...]
    combines: bool
    of: RoleList
    away: str = ""
    relatives: tuple[tuple[str, str], ...] = ()
    """Near relatives that this person declared: name and relation."""
    person: UUID | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """The present one and those from before."""
        return names_of(self.name, self.relatives)

    @property
    def rights(self) -> frozenset[Right]:
        """What he may do; nothing while he is away."""
        return frozenset() if self.away else self.of.rights_of(self.roles, combines=self.combines)

    def may(self, right: Right) -> bool:
        return right in self.rights

    def why_not(self, right: Right) -> Finding | None:
        """Why not, with the clause where a law says so; None when he may."""
        if right in self.rights:
            return None
        title = self.of.titles[right]
        if self.away:
            return Finding("DUTY-0", True, f"{self.away}，不能“{title}”。")
        bans = self.of.bans_of(self.roles, combines=self.combines)
        ban = next((one for one in bans if right in one.rights), None)
        if ban is not None:
            message = f"{self.name}是{ban.role}，不能“{title}”。"
            return Finding(ban.id, True, message, clause=ban.clause, source=ban.source)
        roles = "、".join(self.roles) or "还没有岗位"
        return Finding("DUTY-0", True, f"{self.name}（{roles}）的岗位不管“{title}”。")

    def why_not_words(self, right: Right) -> str:
        """Why not and what to do, in one line; '' when he may."""
        finding = self.why_not(right)
        if finding is None:
            return ""
        clause = f"「{finding.clause}」{finding.source}。" if finding.clause else ""
        return f"{finding.message}{clause}{self.who_else(right)}"

    def who_else(self, right: Right) -> str:
        """What to do about it."""
        if self.away:
            return "请换在职的人登录，或请县里的管理人员看看。"
        return f"请由{'、'.join(self.of.who(right))}来办，或请管人员的人调整岗位。"


def check_second_person(duties: Duties, *, maker: str, reviewer: str) -> tuple[Finding, ...]:
    """DUTY-6: who made a voucher does not review it himself, unless 兼任 is on record. A new name does not help."""
    hands = {name_key(maker), name_key(reviewer)}
    one_hand = len(hands) == 1 or hands <= {name_key(name) for name in duties.names}
    return (duties.of.second_person,) if one_hand and not duties.combines else ()


def read_roles(data: object) -> RoleList:
    """The parsed JSON of `resources/roles`. A malformed list raises ValueError, KeyError or TypeError."""
    if not isinstance(data, Mapping):
        raise ValueError("a role list is a JSON object")
    second = data["second_person"]
    message = "制单和审核不能是同一个人，请换一个人来审核记账；确实只有一个人的，先把兼任记在案。"
    roles = [_read_role(entry) for entry in data["roles"]]
    return RoleList(
        year=int(data["year"]),
        titles={Right(key): str(title) for key, title in data["rights"].items()},
        roles={role.name: role for role in roles},
        bans=tuple(_read_ban(entry) for entry in data["bans"]),
        apart=tuple(_read_apart(entry) for entry in data["apart"]),
        steps={str(kind): Right(right) for kind, right in data["steps"].items()},
        second_person=Finding(second["id"], True, message, clause=second["clause"], source=second["source"]),
    )


def _read_role(entry: Mapping[str, object]) -> Role:
    return Role(str(entry["name"]), str(entry["duty"]), bool(entry["combinable"]), _rights(entry["rights"]))


def _read_ban(entry: Mapping[str, object]) -> Ban:
    return Ban(
        id=str(entry["id"]),
        role=str(entry["role"]),
        legal=bool(entry["legal"]),
        title=str(entry["title"]),
        rights=_rights(entry["rights"]),
        clause=str(entry["clause"]),
        source=str(entry["source"]),
    )


def _read_apart(entry: Mapping[str, object]) -> Apart:
    others = entry["others"]
    if not isinstance(others, list):
        raise ValueError("roles that are kept apart are a list")
    return Apart(
        id=str(entry["id"]),
        legal=bool(entry["legal"]),
        one=str(entry["one"]),
        others=frozenset(str(one) for one in others),
        clause=str(entry["clause"]),
        source=str(entry["source"]),
    )


def _rights(value: object) -> frozenset[Right]:
    if not isinstance(value, list):
        raise ValueError("rights are a list")
    return frozenset(Right(one) for one in value)
