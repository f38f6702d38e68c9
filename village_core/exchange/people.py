"""Duties and 回避 asked again at the county: might this person record this voucher, this decision?

A laptop's services refuse such things before they are written; a device of which somebody else took hold does not.
Asked is what the county's own rows tell, in the order of arrival: who works here in which roles, who declared which
near relatives, who lives in the household. What a person may not have done is held and put before another one.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property
from uuid import UUID

from village_core.domain.clock import read_day
from village_core.domain.households.names import name_key
from village_core.domain.ledger.voucher import VoucherKind
from village_core.domain.relief.facts import Kin
from village_core.domain.relief.kin import Declared, find_kin
from village_core.domain.relief.payloads import (
    FirstReview,
    Meeting,
    ObjectionConcluded,
    Payload,
    Payment,
    TownshipReview,
)
from village_core.domain.relief.steps import DECIDING_STEPS
from village_core.domain.staff.names import names_of, with_earlier_name
from village_core.domain.staff.rights import Duties, Right
from village_core.exchange.judges import Relief, read_step
from village_core.exchange.merge import Row
from village_core.exchange.objections import Objection, Reason
from village_core.exchange.operations import Operation
from village_core.exchange.staff_roles import STAFF, role_list, split_relatives, split_roles
from village_core.exchange.values import Value

_OPENING = VoucherKind.OPENING.value
"""Opening balances are no one's new voucher."""
_IMPORTED = VoucherKind.IMPORTED.value


@dataclass(frozen=True)
class Worker:
    """A row of `staff_member`."""

    name: str
    roles: tuple[str, ...]
    combines: bool
    relatives: tuple[tuple[str, str], ...]
    left_on: date | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """The present one and those from before."""
        return names_of(self.name, self.relatives)

    def may(self, right: Right) -> bool:
        """By the roles as the county has them now."""
        return Duties(self.name, self.roles, combines=self.combines, of=role_list()).may(right)


@dataclass
class People:
    """Who works in the village, and who lives in the households whose cases a batch touches."""

    workers: dict[UUID, Worker] = field(default_factory=dict)
    """Within a batch nobody gets rid of a name or a relative: both those from before it and those that it brings."""
    members: dict[UUID, set[str]] = field(default_factory=dict)
    """Household → names of its people."""
    bearers: Counter[str] = field(default_factory=Counter)
    """How many people of the village bear the name of somebody who works here, by its key."""
    preparers: dict[UUID, str] = field(default_factory=dict)
    """Voucher → who prepared it, of those that are taken back."""

    def judge(self, operation: Operation, relief: Relief, rows: Mapping[tuple[str, UUID], Row]) -> Objection | None:
        """What speaks against the person behind an insert of a fact; `rows` are as the batch left them so far."""
        match operation.table:
            case "voucher":
                return self._judge_voucher(operation.values, relief, rows)
            case "relief_step":
                return self._judge_step(operation.row_id, operation.values, relief, rows=rows)
        return None

    def _judge_voucher(
        self, values: Mapping[str, Value], relief: Relief, rows: Mapping[tuple[str, UUID], Row]
    ) -> Objection | None:
        """Who must not keep the books by law, and 制单 and 审核 in one hand without 兼任 on record (DUTY-6).

        A payment of relief that nobody reviewed yet has its second person in who recorded the decision. What is taken
        over from a file names who reviewed it there: another one whose duty that is.
        """
        maker = self._worker(values.get("made_by"), rows)
        if maker is None:
            return None
        banned, kind = _banned(maker, Right.POST_VOUCHER), values.get("kind")
        if banned is not None or kind == _OPENING:
            return banned
        prepared = str(values.get("prepared_by") or "").strip()
        named, reverses = str(values.get("reviewed_by") or "").strip(), values.get("reverses")
        banned = self._banned_reviewer(named)
        if banned is not None or maker.combines:
            return banned
        if kind == _IMPORTED:
            return self._judge_import(prepared, named)
        reviewed = named or prepared
        if isinstance(reverses, bytes) and not named:
            reviewed = self.preparers.get(UUID(bytes=reverses), "")
        if not self._is_one_hand(prepared, reviewed) or (
            not named and reverses is None and _was_decided_by_another(values, relief)
        ):
            return None
        message = f"制单和审核都是{prepared}一个人，也没有兼任在案，先放着。请另一个人看过凭证再定。"
        return Objection(Reason.DUTY, message)

    def _judge_import(self, prepared: str, named: str) -> Objection | None:
        """Vouchers of one import are put before a person together (`facts_desk`)."""
        if not named:
            what = "没有写原来是谁审核的"
        elif self._is_one_hand(prepared, named):
            what = f"制单和审核都是{named}一个人，也没有兼任在案"
        elif not any(one.may(Right.REVIEW_VOUCHER) for one in self._bearing(named)):
            what = f"写的是{named}审核，名单上没有这样一个能审核凭证的人"
        else:
            return None
        return Objection(Reason.DUTY, f"导入的凭证{what}，这一次导入的都先放着。请另一个人看过再定。")

    def _banned_reviewer(self, named: str) -> Objection | None:
        """A law forbids it to whoever bears the name."""
        found = [_banned(one, Right.REVIEW_VOUCHER) for one in self._bearing(named)]
        return found[0] if found and None not in found else None

    def _is_one_hand(self, one: str, other: str) -> bool:
        own = {name_key(one), *(name_key(name) for worker in self._bearing(one) for name in worker.names)}
        return name_key(other) in own

    def _bearing(self, name: str) -> list[Worker]:
        """Who works here, or did, under this name, now or before."""
        key = name_key(name)
        near = [self.workers[person] for person in self._near.get(key, ())] if key else []
        return [one for one in near if key in map(name_key, one.names)]

    def note_worker(self, person: UUID, values: Mapping[str, Value]) -> None:
        """The batch wrote to this person's row, which has these columns from now on."""
        now, before = read_worker(values), self.workers.get(person)
        if before is not None:
            own = with_earlier_name(before.relatives, before.name, now=now.name)
            now = replace(now, relatives=tuple(dict.fromkeys((*own, *now.relatives))))
        self.workers[person] = now
        self.__dict__.pop("_near", None)

    def note_voucher(self, voucher_id: UUID, values: Mapping[str, Value]) -> None:
        """For a reversal that may follow it."""
        self.preparers[voucher_id] = str(values.get("prepared_by") or "").strip()

    def _judge_step(
        self, step_id: UUID, values: Mapping[str, Value], relief: Relief, *, rows: Mapping[tuple[str, UUID], Row]
    ) -> Objection | None:
        """Who must not do it by law, and who is near to the household and took part without standing aside."""
        maker = self._worker(values.get("made_by"), rows)
        right = role_list().steps.get(str(values.get("kind")))
        banned = _banned(maker, right) if maker is not None and right is not None else None
        if banned is not None:
            return banned
        try:
            record = read_step(step_id, values)
        except (ValueError, TypeError, KeyError):
            return None
        taking_part = _taking_part(record.payload)
        if taking_part is None:
            return None
        keyboard = {record.actor_name, maker.name if maker is not None else ""}
        present = {*taking_part, *keyboard}
        aside = (
            [one.name for one in record.payload.recused] if isinstance(record.payload, FirstReview | Meeting) else []
        )
        near = [
            kin
            for kin in self._near_to(record.case_id, relief, present, person=record.actor_id)
            if kin.works_on(record.done_on) and (kin.is_among(_deciding(record.payload)) or not kin.is_among(aside))
        ]
        if not near:
            return None
        who = "、".join(dict.fromkeys(f"{kin.name}是{kin.relation}" for kin in near))
        return Objection(Reason.RECUSAL, f"{who}，要回避，却参加了，先放着。请别的人看过再定。")

    def why_not_decide(self, kind: str, values: Mapping[str, Value], *, decided_by: str, relief: Relief) -> str:
        """Nobody lets through what only another one may: words for whom it concerns himself, '' for the others."""
        name = decided_by.strip()
        if kind == Reason.DUTY:
            hands = {str(values.get(column) or "").strip() for column in ("prepared_by", "reviewed_by", "made_by_name")}
            own_hand = any(self._is_one_hand(name, hand) for hand in hands if hand)
            if own_hand and not any(one.combines for one in self._bearing(name)):
                return f"这是{name}自己办的，要由另一个人来定。"
        return self.why_aside(values, decided_by=name, relief=relief)

    def why_aside(self, values: Mapping[str, Value], *, decided_by: str, relief: Relief) -> str:
        """Who is near to the household of a case decides nothing about its steps, for or against."""
        name, case_id = decided_by.strip(), values.get("case_id")
        if not isinstance(case_id, bytes) or len(case_id) != 16:
            return ""
        near = self._near_to(UUID(bytes=case_id), relief, {name})
        if not near:
            return ""
        return f"{name}是{near[0].relation}，要回避，请由别的人来定；没有别人有这个岗位的，请县里另给一个人。"

    def _near_to(
        self, case_id: UUID, relief: Relief, names: Collection[str], *, person: UUID | None = None
    ) -> list[Kin]:
        """Those of these names, and the person himself, who for certain have to stand aside in a case."""
        near = (kin for kin in self.kin_of(case_id, relief) if kin.certain)
        return [kin for kin in near if kin.is_among(names) or (person is not None and kin.person == person)]

    def kin_of(self, case_id: UUID, relief: Relief) -> tuple[Kin, ...]:
        """Everybody who works here, or did, and has to stand aside in this case."""
        household = relief.household_of(case_id)
        names = self.members.get(household, set()) if household is not None else set()
        found = dict.fromkeys(one for name in sorted(names) for one in self._near.get(name_key(name), ()))
        near = ((person, self.workers[person]) for person in found)
        staff = [Declared(one.name, one.relatives, one.left_on, person=person) for person, one in near]
        return find_kin(staff, names, is_only_one=lambda name: self.bearers[name_key(name)] <= 1)

    @cached_property
    def _near(self) -> Mapping[str, Sequence[UUID]]:
        """Name → who works here and bears it, or declared such a relative: a village may be told of any number."""
        found: defaultdict[str, list[UUID]] = defaultdict(list)
        for person, one in self.workers.items():
            for name in {name_key(name) for name in (one.name, *(relative for relative, _ in one.relatives))}:
                found[name].append(person)
        return found

    def _worker(self, person: Value, rows: Mapping[tuple[str, UUID], Row]) -> Worker | None:
        if not isinstance(person, bytes) or len(person) != 16:
            return None
        row = rows.get((STAFF, UUID(bytes=person)))
        return read_worker(row.values) if row is not None and not row.deleted else self.workers.get(UUID(bytes=person))


def import_hands(values: Mapping[str, Value]) -> tuple[Value, ...]:
    """Who stands behind an imported voucher; () for every other one. Those of one import are decided together."""
    if values.get("kind") != _IMPORTED:
        return ()
    return values.get("made_by"), values.get("prepared_by"), values.get("reviewed_by")


def read_worker(values: Mapping[str, Value]) -> Worker:
    """From the columns of `staff_member`."""
    return Worker(
        name=str(values.get("name") or ""),
        roles=split_roles(str(values.get("roles") or "")),
        combines=bool(values.get("may_combine_duties")),
        relatives=split_relatives(str(values.get("relatives") or "")),
        left_on=read_day(str(values.get("left_on") or "")),
    )


def _was_decided_by_another(values: Mapping[str, Value], relief: Relief) -> bool:
    """Whether a voucher pays a grant whose decision another person recorded."""
    case_id = values.get("case_id")
    if not isinstance(case_id, bytes) or len(case_id) != 16:
        return False
    recorded = [one for one in relief.steps.get(UUID(bytes=case_id), ()) if one.kind in DECIDING_STEPS]
    return any(one.actor_id.bytes != values.get("made_by") for one in recorded)


def _deciding(payload: Payload) -> tuple[str, ...]:
    """Of those the ones who are not aside by being named so: they led or reviewed all the same."""
    match payload:
        case FirstReview():
            return payload.secretary, *payload.reviewers
        case Meeting():
            return (payload.chair,)
    return ()


def _taking_part(payload: Payload) -> tuple[str, ...] | None:
    """Who is named in a step from which those near to the household stand aside; None where nobody has to."""
    match payload:
        case FirstReview():
            return payload.secretary, *payload.reviewers
        case Meeting():
            return payload.chair, payload.recorder
        case ObjectionConcluded():
            return payload.investigators
        case TownshipReview() | Payment():
            return ()
    return None


def _banned(worker: Worker, right: Right) -> Objection | None:
    """Only what a law forbids, whoever agreed: roles change, and what was done before arrives late."""
    for ban in role_list().bans:
        if ban.legal and ban.role in worker.roles and right in ban.rights:
            title = role_list().titles[right]
            message = f"{worker.name}是{ban.role}，按{ban.source}不能“{title}”，先放着。请管这件事的人看过再定。"
            return Objection(Reason.DUTY, message)
    return None
