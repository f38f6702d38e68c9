"""A bank account of the collective and the sub-account of 102 that mirrors it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from PySide6.QtWidgets import QWidget

from desktop_app.settings import queries, service
from desktop_app.shell.form_page import FormPage
from desktop_app.storage.unit_of_work import Reader, UnitOfWork
from desktop_app.widgets.buttons import Button, button
from desktop_app.widgets.editor import TextEdit
from desktop_app.widgets.masked_edit import MaskedEdit
from desktop_app.widgets.question import ask
from village_core.domain.households.contacts import account_warning, tidy_account
from village_core.domain.ledger.accounts import BANK, display_code
from village_core.domain.masking import mask_account
from village_core.domain.staff.rights import Right

_FIRST = f"{BANK}01"


class BankForm(FormPage):
    """`open(account_id=…)`; without it a new account."""

    needs = Right.MANAGE_SETTINGS
    title = "集体的银行账户"
    save_text = "保存账户"
    reason = "登记集体银行账户"
    help_text = "救助款只能从集体账户转到本人账户。每个银行账户对应一个银行存款明细科目，例如 102-01。"
    _account_id: UUID | None = None

    def _build(self) -> None:
        self.sheet.add("name", TextEdit(most=100), label="户名", hint="照开户许可证填", required=True, wide=True)
        self.sheet.add("bank", TextEdit(most=100), label="开户银行", hint="例如 永仁农商行太平支行", required=True)
        self.number = self.sheet.add("account_number", MaskedEdit(mask_account, most=40), label="账号", required=True)
        self.sheet.add(
            "ledger_account",
            TextEdit(most=12),
            label="对应的银行存款明细科目",
            hint="银行存款 102 加两位明细，例如 102-01",
            required=True,
        )
        self.number.editor.changed.connect(self._warn_of_number)

    def header_buttons(self) -> list[QWidget]:
        self.close_button: Button = button("这个账户已销户", self._on_close_clicked)
        return [self.close_button]

    def open(self, **arguments: object) -> None:
        account_id = arguments.get("account_id")
        self._account_id = account_id if isinstance(account_id, UUID) else None
        super().open()

    def draft_key(self) -> str:
        return f"settings:bank:{self._account_id or ''}"

    def numbers_about(self) -> tuple[UUID, str] | None:
        return (self._account_id, "集体银行账户") if self._account_id is not None else None

    def load(self) -> None:
        def query(reader: Reader) -> tuple[queries.BankAccount | None, str]:
            known = queries.find_bank_account(reader, self._account_id) if self._account_id else None
            return known, queries.get_village(reader).collective_name

        self.fetch(query, self._show_account)

    def standing(self, reader: Reader) -> Mapping[str, Any]:
        known = queries.find_bank_account(reader, self._account_id) if self._account_id else None
        return _fields(known) if known is not None else {}

    def _show_account(self, answer: tuple[queries.BankAccount | None, str]) -> None:
        account, collective = answer
        self.close_button.setVisible(account is not None and account.closed_on is None)
        empty = {"name": collective, "bank": "", "account_number": "", "ledger_account": display_code(_FIRST)}
        self._show(_fields(account) if account is not None else empty)
        self._warn_of_number()

    def check(self, values: Mapping[str, Any]) -> dict[str, str]:
        mistakes = {}
        if not tidy_account(values["account_number"]).isdigit():
            mistakes["account_number"] = "账号里只能有数字，请照开户许可证填。"
        if not re.fullmatch(rf"{BANK}(\d\d){{1,3}}", _code(values["ledger_account"])):
            mistakes["ledger_account"] = "应是银行存款 102 的明细，例如 102-01。"
        return mistakes

    def save(self, uow: UnitOfWork, values: Mapping[str, Any]) -> Any:
        return service.save_bank_account(
            uow,
            self._account_id,
            name=values["name"],
            bank=values["bank"],
            account_number=values["account_number"],
            ledger_account=_code(values["ledger_account"]),
        )

    def _on_saved(self, outcome: Any) -> None:
        super()._on_saved(outcome)
        self.context.messages.tell("已保存银行账户。")

    def _warn_of_number(self) -> None:
        typed = tidy_account(self.number.editor.typed())
        warning = account_warning(typed) if typed else ""
        self.number.set_hint(f"请留意：{warning}。" if warning else "照开户许可证填，空格可以不打")

    def _on_close_clicked(self) -> None:
        ask(
            self,
            "把这个账户记成已销户？",
            detail="以前的凭证不变，以后付款时不再列出它。",
            safe="先不动",
            act="记成已销户",
            on_act=self._close_account,
        )

    def _close_account(self) -> None:
        account_id, messages, perform = self._account_id, self.context.messages, self.perform
        assert account_id is not None

        def open_again() -> None:
            perform(lambda uow: service.close_bank_account(uow, account_id, closed_on=None))

        def closed(_: object) -> None:
            self.context.navigate.back()
            messages.tell("已记成销户。", undo=open_again)

        self.perform(
            lambda uow: service.close_bank_account(uow, account_id, closed_on=uow.today),
            reason="账户已销户",
            on_done=closed,
        )


def _fields(account: queries.BankAccount) -> dict[str, Any]:
    return {
        "name": account.name,
        "bank": account.bank,
        "account_number": account.account_number,
        "ledger_account": display_code(account.ledger_account),
    }


def _code(typed: str) -> str:
    """`102-01` as people read it, `10201` as it is kept."""
    return "".join(typed.replace("-", " ").split())
