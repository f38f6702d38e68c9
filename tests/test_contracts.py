"""House rules that import-linter cannot say: where Qt may be, who commits, what never stands in the repository."""

from __future__ import annotations

import ast
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
QT_ROOMS = (
    "desktop_app/shell/",
    "desktop_app/widgets/",
    "desktop_app/background/",
    "desktop_app/window/",
    "desktop_app/demo/",
)


def modules(*folders: str) -> Iterator[tuple[str, ast.Module]]:
    for folder in folders:
        for path in sorted((ROOT / folder).rglob("*.py")):
            yield path.relative_to(ROOT).as_posix(), ast.parse(path.read_text(encoding="utf-8"))


def imported(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or ""


def test_qt_is_only_where_the_window_is() -> None:
    allowed = (*QT_ROOMS, "desktop_app/__main__.py")
    for path, tree in modules("desktop_app", "village_core", "county_server"):
        if any(name.split(".")[0] == "PySide6" for name in imported(tree)):
            assert path.startswith(allowed) or "/screens/" in path, path


def test_the_home_page_imports_no_feature() -> None:
    features = {"households", "ledger", "relief", "notices", "archive", "sync", "settings", "staff"}
    for path, tree in modules("desktop_app/home", "desktop_app/shell", "desktop_app/widgets", "desktop_app/background"):
        for name in imported(tree):
            parts = name.split(".")
            assert parts[0] != "desktop_app" or len(parts) < 2 or parts[1] not in features, f"{path}: {name}"


def test_only_the_unit_of_work_commits_on_the_laptop() -> None:
    for path, tree in modules("desktop_app"):
        for node in ast.walk(tree):
            if isinstance(node, ast.Attribute) and node.attr == "commit" and isinstance(node.value, ast.Attribute):
                assert node.value.attr != "session" or path == "desktop_app/storage/unit_of_work.py", path


def test_screens_and_pages_never_see_tables() -> None:
    for path, tree in modules("desktop_app"):
        if "/screens/" in path or path.endswith("/pdf.py"):
            for name in imported(tree):
                assert not name.startswith(("sqlalchemy", "village_core.records")), f"{path}: {name}"


def test_no_pinyin_drawers_and_no_god_files() -> None:
    forbidden = re.compile(r"(^|_)(utils?|helpers?|common|managers?|logic|misc)(_|$)")
    for path, tree in modules("desktop_app", "village_core", "county_server"):
        assert not forbidden.search(Path(path).stem), path
        lines = max((node.end_lineno or 0 for node in tree.body), default=0)
        assert lines <= 420, f"{path} has {lines} lines: it is two rooms"


@pytest.mark.parametrize("pattern", [r"/work/", r"\b(pypi|files\.pythonhosted|deb\.debian)\.(org|com)\b"])
def test_the_repository_names_no_machine(pattern: str) -> None:
    found = subprocess.run(
        ["git", "grep", "-nIE", pattern, "--", ".", ":!tests/test_contracts.py", ":!resources/fonts"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert found.stdout == ""


def test_every_module_says_what_lives_in_it() -> None:
    for path, tree in modules("desktop_app", "village_core", "county_server"):
        assert ast.get_docstring(tree), path
