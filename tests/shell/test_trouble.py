"""What is shown when something goes wrong, and what a crash report may not hold."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from desktop_app.background.tasks import TaskContext
from desktop_app.shell.crash_report import crash_text, write_crash_report
from desktop_app.shell.error_dialog import ErrorDialog, describe
from desktop_app.shell.main_window import MainWindow
from village_core.domain.errors import Finding, ProblemOutsideError, RuleRefusedError

SECRET = "532327199001011234"


def crash() -> Exception:
    try:
        number = SECRET
        try:
            {}[number]
        except KeyError as error:
            raise ValueError(f"no such person {number}") from error
    except ValueError as error:
        return error


def test_a_crash_report_names_places_and_never_values(tmp_path: Path) -> None:
    path = write_crash_report(crash(), tmp_path, now=datetime(2026, 11, 22, tzinfo=UTC))
    assert path is not None
    text = path.read_text(encoding="utf-8")
    assert "ValueError" in text
    assert "KeyError" in text
    assert "test_trouble.py" in text
    assert SECRET not in text
    assert str(Path.home()) not in text


def test_a_full_disk_does_not_hide_the_crash(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("", encoding="utf-8")
    assert write_crash_report(crash(), blocked, now=datetime(2026, 11, 22, tzinfo=UTC)) is None
    assert "复制报告" in describe(crash()).next_step


def test_a_defect_says_that_the_data_is_safe(small_window: MainWindow, qtbot: QtBot) -> None:
    def fail(_: TaskContext) -> None:
        raise crash()

    small_window.tasks.run(fail, owner=small_window)
    qtbot.waitUntil(lambda: small_window.findChild(ErrorDialog) is not None)
    dialog = small_window.findChild(ErrorDialog)
    assert dialog is not None
    assert dialog.trouble.safe.startswith("数据是安全的")
    assert dialog.trouble.report == crash_text(crash()) or "ValueError" in dialog.trouble.report
    assert len(list((small_window.workspace.folder / "reports").glob("report-*.txt"))) == 1
    dialog.close()


def test_what_the_person_can_mend_is_shown_in_three_parts(small_window: MainWindow, qtbot: QtBot) -> None:
    small_window.fail(
        ProblemOutsideError(
            "U盘空间不够，档案没有写完。", safe="原来的资料都在。", next_step="请换一个U盘，再点“重试”。"
        )
    )
    dialog = small_window.findChild(ErrorDialog)
    assert dialog is not None
    assert (dialog.trouble.what, dialog.trouble.report) == ("U盘空间不够，档案没有写完。", "")
    assert not (small_window.workspace.folder / "reports").exists()
    qtbot.waitUntil(dialog.close_button.hasFocus)
    dialog.close()


def test_a_refused_rule_is_shown_with_its_clause(qtbot: QtBot, small_window: MainWindow) -> None:
    del qtbot
    finding = Finding(
        rule_id="CRELIEF-15",
        hard=True,
        message="救助款不能付现金。",
        clause="不得以现金方式发放",
        source="楚贫组发〔2021〕1号 附件3",
    )
    trouble = describe(RuleRefusedError((finding,), next_step="请转到本人账户。"))
    assert (trouble.what, trouble.clause) == ("救助款不能付现金。", "不得以现金方式发放")
    assert trouble.next_step == "请转到本人账户。"


def test_the_report_can_be_copied(small_window: MainWindow) -> None:
    small_window.fail(crash())
    dialog = small_window.findChild(ErrorDialog)
    assert dialog is not None
    dialog._copy()
    assert QApplication.clipboard().text() == dialog.trouble.report
    dialog.close()
