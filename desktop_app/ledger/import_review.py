"""Who reviewed what an import takes in: vouchers of a former book were reviewed there, and it is said by whom.

An import posts, so that without 兼任 on record a second person must be named as anywhere else (DUTY-6): somebody of
the list other than the importer who may review. That it was the importer who named him stands on the voucher.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from desktop_app.ledger.posting import VoucherPapers
from desktop_app.staff.queries import list_staff
from village_core.domain.errors import Finding, RuleRefusedError
from village_core.domain.staff.rights import Duties, Right
from village_core.exchange.staff_roles import role_list

if TYPE_CHECKING:
    from desktop_app.storage.unit_of_work import Reader, UnitOfWork


def needs_reviewer(reader: Reader) -> bool:
    """Whether who takes vouchers in has to name another one: not with 兼任 on record."""
    return reader.duties is not None and not reader.duties.combines


def list_reviewers(reader: Reader) -> tuple[str, ...]:
    """Who may be named: everybody here who may review vouchers and bears another name than the importer."""
    own = reader.duties.name if reader.duties is not None else ""
    return tuple(
        one.name
        for one in list_staff(reader)
        if one.name != own
        and Duties(one.name, one.roles, combines=one.may_combine_duties, of=role_list()).may(Right.REVIEW_VOUCHER)
    )


def papers_of_import(uow: UnitOfWork, reviewed_by: str) -> VoucherPapers:
    """What stands on the vouchers of an import; refuses without a second person where one is needed."""
    named = reviewed_by.strip()
    if named in list_reviewers(uow):
        return VoucherPapers(
            uow.actor.name, named, reason=f"导入的凭证，原来由{named}审核（{uow.actor.name}导入时写的）"
        )
    if not named and not needs_reviewer(uow):
        return VoucherPapers(uow.actor.name)
    second = role_list().second_person
    message = "导入的凭证要写明原来是谁审核的，不能是导入的人自己。"
    if named:
        message = f"{named}不能写成审核的人：要是人员名单上另一个能审核凭证的人。"
    finding = Finding(second.rule_id, True, message, clause=second.clause, source=second.source, field="reviewed_by")
    step = "请在“原来由谁审核”里选；确实只有一个人的，先把兼任记在案。"
    raise RuleRefusedError((finding,), next_step=step)
