"""设置: what the village has told so far, each with a way to change it; type size and backup of this laptop."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from desktop_app.settings import queries
from desktop_app.shell.appearance import Appearance
from desktop_app.shell.context import PageContext
from desktop_app.shell.page import Page
from desktop_app.storage.unit_of_work import Reader
from desktop_app.widgets.buttons import Button, button, link_button
from desktop_app.widgets.card import Card, FactList, ScrollColumn, side_by_side
from desktop_app.widgets.filter_chips import Chip, FilterChips
from desktop_app.widgets.labels import hint, paragraph
from desktop_app.widgets.look import SIZES, px
from village_core.domain.ledger.accounts import display_code
from village_core.domain.masking import mask_account
from village_core.domain.money import format_yuan

if TYPE_CHECKING:
    pass

PeopleQuery = Callable[[Reader], list[tuple[object, str]]]
"""(id, words) of each person; given by the window, because 设置 lies below the people."""


@dataclass(frozen=True)
class VillageFacts:
    """Everything the page shows."""

    village: queries.Village
    incomes: list[queries.IncomeYear]
    bodies: list[queries.Body]
    accounts: list[queries.BankAccount]
    people: list[tuple[object, str]]


class SettingsPage(Page):
    """Cards in two columns."""

    title = "设置"
    topics = frozenset({"settings"})
    help_text = "村情、人员、银行账户在这里改；字的大小和备份只管这台电脑。"

    def __init__(
        self,
        context: PageContext,
        parent: QWidget | None = None,
        *,
        appearance: Appearance,
        list_people: PeopleQuery,
    ) -> None:
        super().__init__(context, parent)
        self._appearance = appearance
        self._list_people = list_people
        self.village = FactList(name_width=120)
        self.bodies = FactList(name_width=190)
        self.incomes = QVBoxLayout()
        self.accounts = QVBoxLayout()
        self.people = QVBoxLayout()
        self.sizes = FilterChips([Chip(str(percent), words) for words, percent in SIZES.items()])
        self.backup_button: Button = button("备份与恢复", lambda: self.context.navigate.open("settings_backup"))
        self._build()
        self.sizes.choose(str(appearance.percent))
        self.sizes.chosen.connect(lambda key: self._appearance.set_percent(int(key)))

    def load(self) -> None:
        def query(reader: Reader) -> VillageFacts:
            return VillageFacts(
                village=queries.get_village(reader),
                incomes=queries.list_incomes(reader),
                bodies=queries.list_bodies(reader),
                accounts=queries.list_bank_accounts(reader),
                people=self._list_people(reader),
            )

        self.fetch(query, self._show)

    def _show(self, facts: VillageFacts) -> None:
        village = facts.village
        self.village.set_facts(
            [
                ("村名", village.name),
                ("区划代码", village.code),
                ("乡镇", village.township),
                ("县（市、区）", village.county),
                ("集体经济组织", village.collective_name),
                ("村监督电话", village.supervision_phone),
                ("乡镇监督电话", village.township_phone),
                ("公示张贴地点", village.posting_place),
            ]
        )
        self.bodies.set_facts([(body.title, f"应到 {body.size} 人") for body in facts.bodies] or [("各会人数", "")])
        self._fill(
            self.incomes,
            [
                (f"{one.year} 年　¥ {format_yuan(one.net_income_fen)}　{one.source}", self._income(one.year))
                for one in facts.incomes
            ],
            empty="还没有记。算今年的救助款总额要用上一年的数。",
        )
        self._fill(
            self.accounts,
            [
                (
                    f"{one.bank}　{mask_account(one.account_number)}　科目 {display_code(one.ledger_account)}",
                    self._account(one),
                )
                for one in facts.accounts
            ],
            empty="还没有登记。发救助款要从集体账户转出。",
        )
        self._fill(
            self.people,
            [(words, self._person(person_id)) for person_id, words in facts.people],
            empty="还没有人。",
        )

    def _income(self, year: int) -> Callable[[], None]:
        return lambda: self.context.navigate.open("settings_income", year=year)

    def _account(self, account: queries.BankAccount) -> Callable[[], None]:
        return lambda: self.context.navigate.open("settings_bank", account_id=account.id)

    def _person(self, person_id: object) -> Callable[[], None]:
        return lambda: self.context.navigate.open("settings_person", person_id=person_id)

    def _fill(self, layout: QVBoxLayout, lines: list[tuple[str, Callable[[], None]]], *, empty: str) -> None:
        """Lines with 修改 behind each."""
        while (old := layout.takeAt(0)) is not None:
            widget = old.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        for words, change in lines:
            line = QWidget(self)
            row = QHBoxLayout(line)
            row.setContentsMargins(0, 0, 0, 0)
            row.addWidget(paragraph(words, line), 1)
            row.addWidget(link_button("修改", change), 0, Qt.AlignmentFlag.AlignTop)
            layout.addWidget(line)
        if not lines:
            layout.addWidget(paragraph(empty, tone="second"))

    def _build(self) -> None:
        page, left, right = ScrollColumn(), QVBoxLayout(), QVBoxLayout()
        to = self.context.navigate.open
        left.addWidget(self._card("村情", self.village, "修改村情", lambda: to("settings_village")))
        left.addWidget(self._card("集体净收入", self.incomes, "记一年的净收入", lambda: to("settings_income")))
        right.addWidget(self._card("各种会议的应到人数", self.bodies, "修改人数", lambda: to("settings_bodies")))
        right.addWidget(self._card("集体的银行账户", self.accounts, "登记一个账户", lambda: to("settings_bank")))
        right.addWidget(self._card("人员", self.people, "人员与职务", lambda: to("settings_staff")))
        size = Card("字的大小")
        size.body.addWidget(self.sizes)
        left.addWidget(size)
        backup = Card("备份和口令")
        backup.body.addWidget(
            paragraph("每天自己备份一次，加密的，没有口令谁也打不开。最好再选一个 U 盘做第二个地方，和电脑分开放。")
        )
        backup.body.addWidget(self.backup_button, 0, Qt.AlignmentFlag.AlignLeft)
        backup.body.addWidget(
            link_button("换一个口令", lambda: self.context.navigate.open("settings_passphrase")),
            0,
            Qt.AlignmentFlag.AlignLeft,
        )
        users = self._card(
            "使用这台电脑的人",
            paragraph("谁能打开、数字密码、没人碰多久就锁上，还有封存在乡镇的恢复钥匙。"),
            "看看都有谁",
            lambda: to("settings_keys"),
        )
        right.addWidget(users)
        backup.body.addWidget(
            hint("要恢复备份：在新电脑上第一次打开田埂时，选“从备份恢复”。这台电脑上的资料不会被悄悄换掉。")
        )
        right.addWidget(backup)
        journal = Card("操作日志")
        journal.body.addWidget(paragraph("谁改了什么、看了谁的号码、导出和打印，都记在这里，删不掉。"))
        journal.body.addWidget(button("看操作日志", lambda: to("journal")), 0, Qt.AlignmentFlag.AlignLeft)
        right.addWidget(journal)
        page.body.addLayout(side_by_side(left, right))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(page)

    def _card(
        self, title: str, content: QWidget | QVBoxLayout, words: str, on_click: Callable[[], None] | None
    ) -> Card:
        card = Card(title)
        if isinstance(content, QWidget):
            card.body.addWidget(content)
        else:
            content.setSpacing(px(6))
            card.body.addLayout(content)
        if on_click is not None:
            card.body.addWidget(button(words, on_click), 0, Qt.AlignmentFlag.AlignLeft)
        return card
