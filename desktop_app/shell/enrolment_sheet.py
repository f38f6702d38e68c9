"""What the county gives to enrol a laptop: its address, a code that serves once, perhaps its certificate."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QVBoxLayout, QWidget

from desktop_app.widgets.buttons import Button, button
from desktop_app.widgets.editor import TextEdit
from desktop_app.widgets.form import FormSheet
from desktop_app.widgets.labels import hint
from desktop_app.widgets.look import px


@dataclass(frozen=True)
class GivenByCounty:
    """`ca_file` None: the certificate used until now, or the system's."""

    url: str
    code: str
    ca_file: Path | None


class EnrolmentSheet(QWidget):
    """Two fields and a file; `finished` when Enter was pressed in the last."""

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
        self.clear()

    def clear(self, *, url: str = "") -> None:
        """Empty; with the address that is known already, when the laptop was enrolled before."""
        self.ca_file = None
        self.sheet.set_values({"url": url, "code": ""})
        self.sheet.mark({})
        self.certificate.setText("县里没有另给证书，就不用选。" if url else "没有选证书：用系统认得的证书。")

    def focus_first(self) -> None:
        """The code, where the address is known."""
        if self.sheet.values()["url"]:
            self.sheet.editor("code").input_widget().setFocus()
        else:
            self.sheet.focus_first()

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
        return GivenByCounty(values["url"].strip(), values["code"], self.ca_file)

    def _on_choose_clicked(self) -> None:
        name, _ = QFileDialog.getOpenFileName(self, "选县里给的证书文件", "", "证书 (*.pem *.crt *.cer)")
        if name:
            self.choose_certificate(Path(name))
