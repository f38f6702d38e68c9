"""What the county gives to enrol a laptop: its address, a code that serves once, perhaps its certificate."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QVBoxLayout, QWidget

from desktop_app.storage.entry import OtherCountyError
from desktop_app.widgets.buttons import Button, button
from desktop_app.widgets.editor import CheckEdit, TextEdit
from desktop_app.widgets.form import FormSheet
from desktop_app.widgets.labels import hint
from desktop_app.widgets.look import px
from village_core.domain.errors import UserError


@dataclass(frozen=True)
class GivenByCounty:
    """`ca_file` None: the certificate used until now, or the system's. `other_county`: it has a new server."""

    url: str
    code: str
    ca_file: Path | None
    other_county: bool = False


class EnrolmentSheet(QWidget):
    """Two fields and a file; `finished` when Enter was pressed in the last.

    Where an open window enrols anew, it asks whose hand it is (`ask_passphrase`). That the county is another one is
    only offered after its server was not recognised.
    """

    finished = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.ca_file: Path | None = None
        self.sheet = FormSheet(columns=1)
        self.sheet.add(
            "url", TextEdit(most=200), label="县服务器的网址", hint="照县里给的写，例如 https://xian.example.cn:8443",
            required=True,
        )  # fmt: skip
        self.sheet.add(
            "code", TextEdit(most=40), label="登记码", hint="12 位字母和数字，大小写、横线都不要紧", required=True
        )
        self.sheet.add(
            "passphrase", TextEdit(most=200, secret=True), label="您的口令", hint="平时打开田埂用的那句。",
            required=True,
        )  # fmt: skip
        self.sheet.add(
            "other_county", CheckEdit("县里换了新的服务器，全村的资料送到那里"), label="",
            hint="先打电话问过县里再勾。勾上以后，要能改设置的人的口令才登记得了。",
        )  # fmt: skip
        self.choose_button: Button = button("选证书文件", self._on_choose_clicked)
        self.certificate = hint("", self)
        line = QHBoxLayout()
        line.setSpacing(px(12))
        line.addWidget(self.choose_button)
        line.addWidget(self.certificate, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(px(12))
        layout.addWidget(self.sheet)
        layout.addLayout(line)
        self.sheet.finished.connect(self.finished)
        self.ask_passphrase(asked=False)
        self.clear()

    def clear(self, *, url: str = "") -> None:
        """Empty; with the address that is known already, when the laptop was enrolled before."""
        self.ca_file = None
        self.sheet.set_values({"url": url, "code": ""})
        self.forget()
        self.sheet.mark({})
        self.certificate.setText("县里没有另给证书，就不用选。" if url else "没有选证书：用系统认得的证书。")

    def ask_passphrase(self, *, asked: bool) -> None:
        """Whether a person of this workspace must put her passphrase to it."""
        self.sheet.fields["passphrase"].setVisible(asked)

    @property
    def passphrase(self) -> str:
        """What was typed as the passphrase."""
        return str(self.sheet.values()["passphrase"])

    def forget(self) -> None:
        """What only counts once: the passphrase, and that the county is another one."""
        self.sheet.set_values({"passphrase": "", "other_county": False})
        self.sheet.fields["other_county"].hide()

    def take_refusal(self, error: UserError) -> None:
        """After a try that failed: the passphrase is typed anew; another county can be confirmed from now on."""
        self.forget()
        self.sheet.fields["other_county"].setVisible(isinstance(error, OtherCountyError))

    def focus_first(self) -> None:
        """The first field that is still empty; the code, where none is."""
        values = self.sheet.values()
        empty = (name for name in ("url", "code", "passphrase") if not values[name])
        first = next((name for name in empty if not self.sheet.fields[name].isHidden()), "code")
        offered = not self.sheet.fields["other_county"].isHidden()
        self.sheet.focus(first, show="other_county" if offered else "")

    def choose_certificate(self, path: Path) -> None:
        """Use this certificate of the county."""
        self.ca_file = path
        self.certificate.setText(f"用这个证书：{path.name}")

    def check(self) -> GivenByCounty | None:
        """What was typed; None while something is missing, which is then marked."""
        mistakes = self.sheet.problems()
        self.sheet.mark(mistakes)
        if mistakes:
            return None
        values = self.sheet.values()
        return GivenByCounty(values["url"].strip(), values["code"], self.ca_file, values["other_county"])

    def _on_choose_clicked(self) -> None:
        name, _ = QFileDialog.getOpenFileName(self, "选县里给的证书文件", "", "证书 (*.pem *.crt *.cer)")
        if name:
            self.choose_certificate(Path(name))
