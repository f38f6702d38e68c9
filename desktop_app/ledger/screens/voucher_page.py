"""One posted voucher, as on paper, with what it refers to and what refers to it."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from desktop_app.ledger import queries, service
from desktop_app.ledger.papers import organisation_name
from desktop_app.ledger.posting import PostedVoucher
from desktop_app.ledger.rows import VoucherDetail
from desktop_app.ledger.screens.reversal_dialog import ReversalDialog
from desktop_app.ledger.screens.voucher_paper import PaperVoucher, VoucherPaper
from desktop_app.shell.context import PageContext
from desktop_app.shell.page import Page
from desktop_app.storage.unit_of_work import Reader
from desktop_app.widgets.buttons import Button, button, link_button
from desktop_app.widgets.card import ScrollColumn
from desktop_app.widgets.date_edit import format_date
from desktop_app.widgets.labels import paragraph
from desktop_app.widgets.look import px
from village_core.domain.clock import today
from village_core.domain.ledger.periods import period_label
from village_core.domain.ledger.voucher import VoucherKind
from village_core.domain.staff.rights import Right

_MARKS = {"normal": "", "imported": "导入", "opening": "期初", "reversal": "冲销"}


class VoucherPage(Page):
    """`open(voucher_id=…)`."""

    title = "凭证"
    topics = frozenset({"ledger"})
    help_text = (
        "这是一张记了账的凭证，不能再改。记错了点“冲销”，写明原因，再重记一张。Ctrl+P 打印。"
        "由救助发放记下的凭证，可以从这里回到那一件救助。"
    )

    def __init__(self, context: PageContext, parent: QWidget | None = None) -> None:
        super().__init__(context, parent)
        self._voucher_id: UUID | None = None
        self.detail: VoucherDetail | None = None
        self.paper = VoucherPaper(self)
        self.notes = paragraph("", self, tone="second")
        self.case_button: Button = link_button("看这笔救助", self._on_case_clicked)
        self.other_button: Button = link_button("", self._on_other_clicked)
        self.print_button: Button = button("打印凭证", self.print_page)
        self.reverse_button: Button = button("冲销", self._on_reverse_clicked)
        self.guard(self.print_button, Right.PRINT_PAPERS)
        self.guard(self.reverse_button, Right.POST_VOUCHER)
        links = QHBoxLayout()
        links.setSpacing(px(20))
        links.addWidget(self.case_button)
        links.addWidget(self.other_button)
        links.addStretch(1)
        column = ScrollColumn(self)
        column.body.addWidget(self.paper)
        column.body.addWidget(self.notes)
        column.body.addLayout(links)
        column.body.addStretch(1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(column)

    def header_buttons(self) -> list[QWidget]:
        return [self.reverse_button, self.print_button]

    def open(self, **arguments: object) -> None:
        voucher_id = arguments.get("voucher_id")
        self._voucher_id = voucher_id if isinstance(voucher_id, UUID) else UUID(str(voucher_id))
        super().open()

    def load(self) -> None:
        voucher_id = self._voucher_id
        assert voucher_id is not None

        def query(reader: Reader) -> tuple[VoucherDetail, str]:
            return queries.get_voucher(reader, voucher_id), organisation_name(reader)

        self.fetch(query, self._show)

    def take_cursor(self) -> None:
        self.print_button.setFocus()

    def _show(self, answer: tuple[VoucherDetail, str]) -> None:
        detail, organisation = answer
        self.detail = detail
        mark = "已冲销" if detail.reversed_by else _MARKS[detail.kind]
        self.paper.show_voucher(paper_of(detail, organisation))
        state = "　".join(
            part for part in (format_date(detail.voucher_date), mark, "已锁账" if detail.locked else "") if part
        )
        self.set_heading(f"凭证 {detail.both_numbers}", state)
        facts = []
        if detail.printed_number:
            facts.append(f"纸上号：{detail.printed_number}。县里编为 {detail.number_text}，请在纸上注明新号。")
        if detail.counts_later:
            facts.append(f"送到县里时当月已经锁账，记在{period_label(detail.period)}。")
        if detail.awaits_decision:
            facts.append(f"这笔救助等人拿主意：{detail.awaits_decision}")
        if detail.reason:
            facts.append(f"原因：{detail.reason}")
        if detail.bank_receipt:
            facts.append(f"银行回单号：{detail.bank_receipt}")
        self.notes.setText("\n".join(facts))
        self.notes.setVisible(bool(facts))
        self.case_button.setVisible(detail.case_id is not None)
        other = detail.reverses or detail.reversed_by
        self.other_button.setVisible(other is not None)
        if other is not None:
            self.other_button.setText(f"{'它冲销的' if detail.reverses else '冲销它的'}凭证 {other[1]}")
        can_reverse = detail.reverses is None and detail.reversed_by is None and detail.kind != VoucherKind.OPENING
        self.reverse_button.setEnabled(can_reverse)

    def print_page(self) -> None:
        self.context.navigate.open("preview", kind="voucher", voucher_id=self._voucher_id)

    def _on_case_clicked(self) -> None:
        if self.detail is not None and self.detail.case_id is not None:
            self.context.navigate.open("case", case_id=self.detail.case_id)

    def _on_other_clicked(self) -> None:
        if self.detail is not None and (other := self.detail.reverses or self.detail.reversed_by):
            self.context.navigate.open("voucher", voucher_id=other[0])

    def _on_reverse_clicked(self) -> None:
        if self.detail is None:
            return
        self.dialog = ReversalDialog(
            self,
            number_text=self.detail.number_text,
            earliest=self.detail.voucher_date,
            today=today(self.context.workspace.clock),
            on_reverse=self._reverse,
        )
        self.dialog.open()

    def _reverse(self, reason: str, on: date) -> None:
        voucher_id = self._voucher_id
        assert voucher_id is not None

        def done(posted: PostedVoucher) -> None:
            self.context.navigate.open("voucher", voucher_id=posted.voucher_id)
            self.context.messages.tell(f"已冲销，红字凭证是 {posted.number_text}。请按正确的数重记一张。")

        self.perform(
            lambda uow: service.reverse_voucher(uow, voucher_id, reason=reason, on=on),
            reason=f"冲销凭证：{reason}",
            on_done=done,
        )


def paper_of(detail: VoucherDetail, organisation: str) -> PaperVoucher:
    """The paper of a posted voucher."""
    return PaperVoucher(
        organisation=organisation,
        voucher_date=detail.voucher_date,
        number_text=detail.number_text,
        lines=detail.lines,
        paper_count=detail.paper_count,
        prepared_by=detail.prepared_by,
        reviewed_by=detail.reviewed_by,
        mark="已冲销" if detail.reversed_by else "",
        printed_number=detail.printed_number,
    )
