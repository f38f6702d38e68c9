"""A real case in a real workspace, carried as far as a test wants it."""

from __future__ import annotations

import io
from uuid import UUID

from PIL import Image

from desktop_app.ledger.service import add_sub_account
from desktop_app.relief.papers import attach_paper
from desktop_app.relief.service import open_case, record_step
from desktop_app.settings.service import record_income, update_village
from desktop_app.storage.workspace import Workspace
from tests.domain.relief.builder import DAYS, PAYLOADS
from village_core.domain.ids import new_id
from village_core.domain.relief.payloads import Application
from village_core.domain.relief.steps import StepKind
from village_core.records.households import Household, Person

ROAD = tuple(DAYS)
WANTED = {
    StepKind.APPLICATION: ("application",),
    StepKind.FIRST_REVIEW: ("home_visit",),
    StepKind.PARTY_PROPOSAL: ("minutes", "sign_in"),
    StepKind.COMMITTEES_CONSULTATION: ("minutes", "sign_in"),
    StepKind.PARTY_MEMBERS_REVIEW: ("minutes", "sign_in"),
    StepKind.VILLAGERS_RESOLUTION: ("minutes", "sign_in"),
    StepKind.RESOLUTION_PUBLISHED: ("notice_near", "notice_far"),
    StepKind.TOWNSHIP_REVIEW: ("township_opinion",),
    StepKind.NOTICE_POSTED: ("notice_near", "notice_far"),
    StepKind.PAYMENT: ("bank_receipt",),
    StepKind.RESULT_PUBLISHED: ("notice_near", "notice_far"),
    StepKind.FOLLOW_UP: ("follow_up",),
}
"""The papers that a careful clerk adds."""


def fill_in_village(workspace: Workspace) -> None:
    with workspace.unit_of_work() as uow:
        update_village(
            uow,
            name="太平村",
            township="莲池乡",
            county="永仁县",
            collective_name="太平村股份经济合作联合社",
            supervision_phone="0878-6711234",
            township_phone="0878-6719000",
            posting_place="村务公开栏",
        )
        record_income(uow, 2025, net_income_fen=20_401_300, source="2025年收益分配表")
        add_sub_account(uow, parent="102", name="基本户", code="10201")
        uow.commit()


def add_household(workspace: Workspace, *, head: str = "罗铉") -> UUID:
    household_id = new_id()
    with workspace.unit_of_work() as uow:
        uow.session.add(
            Household(
                village=uow.village,
                id=household_id,
                number=f"H-{head}",
                head_name=head,
                group_name="大河口村民小组",
                kind="边缘易致贫户",
                bank_name="农村信用社",
                bank_account="6223000000001234",
            )
        )
        uow.session.flush()
        for place, (name, relation, number) in enumerate(
            ((head, "户主", "532327197001011231"), ("李桂芳", "配偶", "532327197203034567"))
        ):
            person = Person(
                village=uow.village,
                id=new_id(),
                household_id=household_id,
                number=str(place),
                name=name,
                relation=relation,
                id_number=number,
            )
            uow.session.add(person)
        uow.commit()
    return household_id


def carry_case(
    workspace: Workspace,
    *,
    upto: StepKind = StepKind.ARCHIVE,
    with_papers: bool = True,
    household_id: UUID | None = None,
) -> UUID:
    """A case of household 罗铉 with every step up to and including `upto`."""
    household = add_household(workspace)
    application = PAYLOADS[StepKind.APPLICATION]
    assert isinstance(application, Application)
    with workspace.unit_of_work() as uow:
        opened = open_case(uow, household, application=application, done_on=DAYS[StepKind.APPLICATION])
        uow.commit()
    _attach(workspace, opened.case_id, opened.step_id, StepKind.APPLICATION, with_papers=with_papers)
    for kind in ROAD[1 : ROAD.index(upto) + 1]:
        with workspace.unit_of_work() as uow:
            done = record_step(uow, opened.case_id, PAYLOADS[kind], kind=kind, done_on=DAYS[kind])
            uow.commit()
        _attach(workspace, opened.case_id, done.step_id, kind, with_papers=with_papers)
    return opened.case_id


def photo(shade: int = 120, size: tuple[int, int] = (640, 480)) -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", size, (shade % 256, 140, 90)).save(buffer, "JPEG")
    return buffer.getvalue()


def _attach(workspace: Workspace, case_id: UUID, step_id: UUID, kind: StepKind, *, with_papers: bool) -> None:
    if not with_papers:
        return
    for place, paper in enumerate(WANTED.get(kind, ())):
        with workspace.unit_of_work() as uow:
            content = photo(len(kind.value) * 16 + place)
            attach_paper(uow, workspace.attachments, step_id, case_id=case_id, kind=paper, content=content)
            uow.commit()
