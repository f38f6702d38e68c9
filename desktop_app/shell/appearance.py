"""The look of the whole program: fonts, palette, style sheet and the type size that everything follows."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QLibraryInfo, QLocale, QObject, QTranslator, Signal
from PySide6.QtGui import QFontDatabase
from PySide6.QtWidgets import QApplication

from desktop_app.shell.window_state import WindowState, read_window_state, write_window_state
from desktop_app.widgets.look import apply_look
from village_core.resources import resource_path

_FONTS = ("NotoSansSC-Regular.ttf", "NotoSansSC-Bold.ttf", "NotoSerifSC-Rare.ttf", "LXGWWenKai-Full.ttf")
"""The last two for rare names; a face costs nothing until one of its characters is shown."""

_WORDS = {
    "Look in:": "位置：",
    "&Look in:": "位置(&L)：",
    "Files of &type:": "文件类型(&T)：",
    "Files of type:": "文件类型：",
    "Save in:": "存到：",
    "Folder": "文件夹",
    "File Folder": "文件夹",
    "Directory:": "文件夹：",
    "&Open": "打开(&O)",
    "&Save": "保存(&S)",
    "Save As": "存为",
    "Date Modified": "修改日期",
}
"""What Qt's own Chinese translation lacks."""


class _MissingWords(QTranslator):
    """Asked last, when Qt's translation does not know a word."""

    def isEmpty(self) -> bool:
        return False

    def translate(self, context: str, source_text: str, disambiguation: str | None = None, n: int = -1) -> str | None:
        del context, disambiguation, n
        return _WORDS.get(source_text)


class Appearance(QObject):
    """One for the program. `resized` asks the frame and the pages to be made anew."""

    resized = Signal()

    def __init__(self, app: QApplication, folder: Path) -> None:
        super().__init__(app)
        self._app = app
        self._folder = folder
        self.state: WindowState = read_window_state(folder)
        app.setStyle("Fusion")
        load_fonts()
        load_words(app)
        self._apply()

    @property
    def percent(self) -> int:
        """100, 125 or 150."""
        return self.state.percent

    def set_percent(self, percent: int) -> None:
        """Change the type size at once, and remember it."""
        if percent == self.state.percent:
            return
        self.state.percent = percent
        self._apply()
        self.remember()
        self.resized.emit()

    def remember(self) -> None:
        """Keep the state on the disk, when the workspace is there already."""
        if self._folder.is_dir():
            write_window_state(self._folder, self.state)

    def _apply(self) -> None:
        apply_look(self._app, resource_path("qss", "tiangeng.qss"), percent=self.state.percent)


def load_fonts() -> None:
    """Our own faces; a face that is not there leaves the system's."""
    app = QApplication.instance()
    if app is None or app.property("fonts_loaded"):
        return
    app.setProperty("fonts_loaded", True)
    for name in _FONTS:
        path = resource_path("fonts", name)
        if path.is_file():
            QFontDatabase.addApplicationFont(str(path))


def load_words(app: QApplication) -> None:
    """Qt's own words (file dialog, 复制 and 粘贴) in Chinese, whatever language the laptop speaks."""
    if app.property("words_loaded"):
        return
    app.setProperty("words_loaded", True)
    QLocale.setDefault(QLocale(QLocale.Language.Chinese, QLocale.Country.China))
    app.installTranslator(_MissingWords(app))
    words = QTranslator(app)
    if words.load("qtbase_zh_CN", QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)):
        app.installTranslator(words)
