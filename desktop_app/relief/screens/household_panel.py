"""Right of a case: its household in a few lines, and this year's money for relief as bars."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QWidget

from desktop_app.relief.rows import CaseDetail
from desktop_app.relief.wording import short_date, yuan
from desktop_app.shell.context import PageContext
from desktop_app.widgets.bars import BarRow, Bars
from desktop_app.widgets.buttons import link_button
from desktop_app.widgets.card import Card, FactList
from desktop_app.widgets.labels import heading, paragraph
from village_core.domain.calendar import chinese_date
from village_core.domain.masking import mask_account
from village_core.domain.money import capital_yuan, format_yuan
from village_core.domain.relief.payloads import CAUSE_TITLES, CIVIL_AFFAIRS_TITLES, FirstReview, Payment
from village_core.domain.relief.state import CaseStatus
from village_core.domain.relief.steps import StepKind


class HouseholdPanel(Card):
    """Household card and pool meter."""

    def __init__(self, context: PageContext, parent: QWidget | None = None) -> None:
        super().__init__(parent=parent)
        self._context = context
        self._detail: CaseDetail | None = None
        self.name = heading("", self)
        self.facts = FactList(name_width=72)
        self.pool_title = heading("今年救助款", self)
        self.bars = Bars()
        self.pool_words = paragraph("", tone="second")
        self.income_button = link_button("去填集体净收入", self._open_income)
        top = QHBoxLayout()
        top.addWidget(self.name, 1)
        top.addWidget(link_button("看户卡", self._open_household))
        self.body.addLayout(top)
        self.body.addWidget(self.facts)
        self.body.addWidget(self.pool_title)
        self.body.addWidget(self.bars)
        self.body.addWidget(self.pool_words)
        self.body.addWidget(self.income_button, 0, Qt.AlignmentFlag.AlignLeft)
        self.body.addStretch(1)

    def show_case(self, detail: CaseDetail) -> None:
        """Show the household and the pool of this case."""
        self._detail = detail
        people = f"，{detail.household.people}人" if detail.household.people else ""
        place = detail.household.group_name or "没有写组"
        self.name.setText(f"{detail.title}（{place}{people}）")
        self.facts.set_facts(_household_facts(detail))
        self._show_pool(detail)

    def _show_pool(self, detail: CaseDetail) -> None:
        pool = detail.pool
        numerator, denominator = detail.pack.rule("CRELIEF-5", detail.today).ratio("share")
        percent = f"{numerator * 100 // denominator}%"
        known = pool.limit_fen is not None and pool.left_fen is not None and pool.net_income_fen is not None
        self.bars.setVisible(known)
        self.income_button.setVisible(not known)
        if not known:
            self.pool_title.setText(f"{pool.year}年救助款")
            self.pool_words.setText(
                f"{pool.year - 1}年集体净收入还没有填，算不出限额。已发 {yuan(pool.paid_fen)}，"
                f"已定未发 {yuan(pool.committed_fen)}。"
            )
            self.pool_words.show()
            return
        assert pool.limit_fen is not None
        assert pool.left_fen is not None
        assert pool.net_income_fen is not None
        self.pool_title.setText(f"今年救助款：去年纯收入 {format_yuan(pool.net_income_fen)} 元的 {percent}")
        over = pool.left_fen < 0
        self.bars.set_rows(
            [
                BarRow("可用", pool.limit_fen, format_yuan(pool.limit_fen), "quiet"),
                BarRow("已发", pool.paid_fen, format_yuan(pool.paid_fen), "accent"),
                BarRow("已定未发", pool.committed_fen, format_yuan(pool.committed_fen), "soon"),
                BarRow("还剩", max(pool.left_fen, 0), format_yuan(pool.left_fen), "bad" if over else "accent_mid"),
            ]
        )
        loss = "去年没有纯收入，限额按 0 算。" if pool.net_income_fen <= 0 else ""
        self.pool_words.setText(loss + (f"已经超了 {yuan(-pool.left_fen)}。" if over else ""))
        self.pool_words.setVisible(bool(loss or over))

    def _open_household(self) -> None:
        if self._detail is not None:
            self._context.navigate.open("household", household_id=self._detail.household.id)

    def _open_income(self) -> None:
        if self._detail is not None:
            self._context.navigate.open("settings_income", year=self._detail.pool.year - 1)


def _household_facts(detail: CaseDetail) -> list[tuple[str, str]]:
    state, household = detail.state, detail.household
    application = state.application
    types = "、".join(application.household_types if application else household.types)
    facts = [("户类型", f"{types}，{CAUSE_TITLES[application.cause]}" if application else types)]
    if application is not None:
        facts.append(("申请", yuan(application.requested_fen) or "没有写金额"))
    if state.resolved_fen is not None:
        facts.append(("会议决定", f"{yuan(state.resolved_fen)}（{capital_yuan(state.resolved_fen)}）"))
    facts.append(("收款", _payee(detail)))
    facts.append(("一年内", _other_grants(detail)))
    review = state.last(StepKind.FIRST_REVIEW)
    if review is not None and isinstance(review.payload, FirstReview) and review.payload.civil_affairs:
        answer = CIVIL_AFFAIRS_TITLES[review.payload.civil_affairs]
        facts.append(("低保等", f"{answer}，{short_date(review.done_on)}"))
    return facts


def _payee(detail: CaseDetail) -> str:
    payment = detail.state.last(StepKind.PAYMENT)
    if payment is not None and isinstance(payment.payload, Payment):
        payee = payment.payload
        return f"{payee.payee_bank} {mask_account(payee.payee_account)}，{payee.payee_name}"
    if not detail.household.bank_account:
        return "户情里还没有登记银行账号"
    return f"{detail.household.bank_name} {mask_account(detail.household.bank_account)}"


def _other_grants(detail: CaseDetail) -> str:
    told = []
    for other in detail.facts.other_cases:
        if other.paid_on is not None:
            told.append(f"{chinese_date(other.paid_on)}领过（{other.number} 号）")
        elif other.status is CaseStatus.OPEN:
            told.append(f"{other.number} 号也在办")
    return "；".join(told) or "没有领过别的集体救助"
