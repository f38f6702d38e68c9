"""A small village with one household that may apply, and a case that walks the road in it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from io import BytesIO
from typing import Any
from uuid import UUID

from PIL import Image

from desktop_app.ledger.service import add_sub_account
from desktop_app.relief.papers import attach_paper
from desktop_app.relief.service import RecordedStep, open_case, record_step
from desktop_app.settings.service import record_income, save_bank_account, update_body, update_village
from desktop_app.storage.unit_of_work import UnitOfWork
from desktop_app.storage.workspace import Workspace
from tests.domain.relief.builder import DAYS, PACK, PAYLOADS, ROAD
from tests.workspaces import do
from village_core.domain.ids import derived_id, new_id
from village_core.domain.relief.payloads import Application
from village_core.domain.relief.steps import StepKind
from village_core.records.households import Household, Person

PEOPLE = (("罗铉", "户主"), ("李桂芳", "配偶"), ("罗小妹", "之女"))


def furnish(workspace: Workspace, *, net_income_fen: int | None = 20_401_300) -> None:
    """村情 as a relief case needs it."""

    def deed(uow: UnitOfWork) -> None:
        update_village(uow, name="太平村", supervision_phone="0878-6712345", posting_place="村务公开栏")
        if net_income_fen is not None:
            record_income(uow, 2025, net_income_fen=net_income_fen, source="2025年收益分配表")
        for kind, size in (("party_committee", 5), ("two_committees", 7), ("party_members", 31), ("delegates", 30)):
            update_body(uow, kind, size=size)
        add_sub_account(uow, parent="102", name="基本户", code="10201")
        save_bank_account(
            uow, name="基本户", bank="永仁县农村信用社", account_number="6223000011112222", ledger_account="10201"
        )

    do(workspace, deed)


def add_household(
    workspace: Workspace, head: str = "罗铉", *, kind: str = "边缘易致贫户", group: str = "大平地", **columns: Any
) -> UUID:
    """A household with a few people."""
    household_id = new_id()
    people = PEOPLE if head == "罗铉" else ((head, "户主"),)

    def deed(uow: UnitOfWork) -> None:
        uow.session.add(
            Household(
                village=uow.village,
                id=household_id,
                head_name=head,
                group_name=group,
                kind=kind,
                bank_name="永仁县农村信用社",
                bank_account="6223000000001234",
                **columns,
            )
        )
        uow.session.flush()
        for name, relation in people:
            uow.session.add(
                Person(
                    village=uow.village,
                    id=derived_id(uow.village, "person", household_id.hex, name),
                    household_id=household_id,
                    name=name,
                    relation=relation,
                )
            )

    do(workspace, deed)
    return household_id


def start_case(workspace: Workspace, household_id: UUID, *, on: date | None = None, **changes: Any) -> UUID:
    """A case with its usual application; keywords change the application or give `reasons`."""
    reasons = changes.pop("reasons", {})
    application = replace(PAYLOADS[StepKind.APPLICATION], **changes)
    assert isinstance(application, Application)
    day = on or DAYS[StepKind.APPLICATION]
    opened = do(
        workspace,
        lambda uow: open_case(uow, household_id, application=application, done_on=day, reasons=reasons),
    )
    return opened.case_id


def usual_step(
    workspace: Workspace, case_id: UUID, kind: StepKind, *, on: date | None = None, **changes: Any
) -> RecordedStep:
    """The usual record of a step in a case."""
    reasons = changes.pop("reasons", {})
    payload = changes.pop("payload", None) or replace(PAYLOADS[kind], **changes)
    day = on or DAYS[kind]
    return do(workspace, lambda uow: record_step(uow, case_id, payload, kind=kind, done_on=day, reasons=reasons))


def walk(workspace: Workspace, case_id: UUID, *, until: StepKind, papers: bool = False) -> None:
    """Do all usual steps after the application up to but without `until`."""
    for kind in ROAD[1 : ROAD.index(until)]:
        done = usual_step(workspace, case_id, kind)
        if papers:
            add_papers(workspace, case_id, done.step_id, kind)


def add_papers(workspace: Workspace, case_id: UUID, step_id: UUID, kind: StepKind) -> None:
    """Every scan that the pack wants of a step."""
    wanted = PACK.rule("CRELIEF-14", DAYS[StepKind.ARCHIVE]).lists("papers")
    for number, paper in enumerate(wanted.get(kind.value, ())):
        do(
            workspace,
            lambda uow, paper=paper, number=number: attach_paper(  # type: ignore[misc]
                uow, workspace.attachments, step_id, case_id=case_id, kind=paper, content=picture(number)
            ),
        )


def picture(shade: int = 0, *, form: str = "JPEG", size: tuple[int, int] = (40, 30)) -> bytes:
    """A small picture."""
    out = BytesIO()
    Image.new("RGB", size, (shade * 37 % 256, 120, 90)).save(out, form)
    return out.getvalue()
