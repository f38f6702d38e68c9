"""The laptop's migrations with rows in every table, and what stays when one of their statements fails."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from sqlalchemy import Engine, create_engine, event, text

from desktop_app.bootstrap import open_with_key
from desktop_app.storage.change_log import find_broken_seal, find_gap
from desktop_app.storage.container import check_container
from desktop_app.storage.engine import HybridClock, open_engine
from desktop_app.storage.migrate import HEAD, alembic_config, current_revision
from desktop_app.storage.shelf import BEFORE_UPGRADE, list_backups
from desktop_app.storage.workspace import BACKUP_FOLDER, DATABASE_FILE
from tests.migrations.rows import Rows, fill, keeps, read
from tests.small_disk import needs_namespace, run_beside
from village_core.domain.clock import SystemClock
from village_core.domain.errors import ProblemOutsideError


class PowerCutError(Exception):
    """The statement at which the light goes out."""


def move(engine: Engine, target: str) -> Rows:
    """One way on the plain tables, and the rows at its end."""
    config = alembic_config()
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        (command.upgrade if target == HEAD else command.downgrade)(config, target)
    with engine.connect() as connection:
        return read(connection)


def test_rows_survive_the_way_up_and_down_and_up_again(tmp_path: Path) -> None:
    engine = create_engine(f"sqlite:///{tmp_path / 'plain.db'}")
    config = alembic_config()
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
        fill(connection)
    with engine.connect() as connection:
        first = read(connection)
    upgraded = move(engine, HEAD)
    down = move(engine, "0001")
    again = move(engine, HEAD)
    engine.dispose()

    assert len(first) > 20
    assert keeps(upgraded, first)
    assert down == first
    assert keeps(again, first)


def test_a_workspace_of_the_older_program_keeps_its_rows_its_log_and_its_seals(
    older_workspace: tuple[Path, bytes], tmp_path: Path
) -> None:
    template, key = older_workspace
    folder = Path(shutil.copytree(template, tmp_path / "workspace"))
    before = everything(folder / DATABASE_FILE, key)

    workspace = open_with_key(folder, key)
    with workspace.engine.connect() as connection:
        assert current_revision(connection) == HEAD
        assert find_broken_seal(connection) is None
        assert find_gap(connection) is None
    workspace.close()

    after = everything(folder / DATABASE_FILE, key)
    for table in before.keys() - {"alembic_version", "change_context", "log_seal"}:
        names = before[table][0].keys() if before[table] else ()
        assert [{name: row[name] for name in names} for row in after[table]] == before[table], table


def test_a_failure_at_any_statement_of_the_upgrade_leaves_the_old_file(
    older_workspace: tuple[Path, bytes], tmp_path: Path
) -> None:
    template, key = older_workspace
    with _cut_at(-1) as statements:
        open_with_key(Path(shutil.copytree(template, tmp_path / "whole")), key).close()
    triggers = next(number for number, one in enumerate(statements, start=1) if "TRIGGER" in one)
    # Each statement of the migration itself and each of the checks at its end; of the many like triggers between them
    # some. `make torture` kills the program at every one.
    last = len(statements)
    tried = [*range(1, triggers), *range(triggers, last - 5, 11), *range(last - 5, last + 1)]
    folder = Path(shutil.copytree(template, tmp_path / "workspace"))
    before = everything(folder / DATABASE_FILE, key)
    for number in tried:
        with _cut_at(number), pytest.raises(PowerCutError):
            open_with_key(folder, key)
        assert not list(folder.glob("*.upgrade*"))

    assert len(tried) > 40
    assert everything(folder / DATABASE_FILE, key) == before
    backups = list_backups(folder / BACKUP_FOLDER)
    assert {one.kind for one in backups} == {BEFORE_UPGRADE}
    assert [path for path in (folder / BACKUP_FOLDER).iterdir() if path not in {one.path for one in backups}] == []
    check_container(backups[0].path)
    workspace = open_with_key(folder, key)
    with workspace.engine.connect() as connection:
        assert current_revision(connection) == HEAD
    workspace.close()


@contextmanager
def _cut_at(number: int) -> Iterator[list[str]]:
    """Fail at the nth statement on the copy that is being upgraded. Yields the statements that were begun."""
    begun: list[str] = []

    def count(connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if not str(connection.engine.url.database).endswith(".upgrade"):
            return
        begun.append(statement.strip())
        if len(begun) == number:
            raise PowerCutError(statement)

    event.listen(Engine, "before_cursor_execute", count)
    try:
        yield begun
    finally:
        event.remove(Engine, "before_cursor_execute", count)


def everything(path: Path, key: bytes) -> dict[str, list[dict[str, Any]]]:
    """All rows of all tables as the file holds them."""
    engine = open_engine(path, key, clock=HybridClock(SystemClock()))
    with engine.connect() as connection:
        names = connection.scalars(text("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")).all()
        found = {
            name: [dict(row) for row in connection.execute(text(f'SELECT * FROM "{name}"')).mappings()]
            for name in names
        }
    engine.dispose()
    return found


def test_an_older_program_that_still_has_it_open_keeps_the_upgrade_waiting(
    older_workspace: tuple[Path, bytes], tmp_path: Path
) -> None:
    template, key = older_workspace
    folder = Path(shutil.copytree(template, tmp_path / "workspace"))
    older = open_engine(folder / DATABASE_FILE, key, clock=HybridClock(SystemClock()))
    with older.connect() as connection:
        connection.execute(text("SELECT 1 FROM sqlite_schema")).all()
        with pytest.raises(ProblemOutsideError, match="被另一个程序占用"):
            open_with_key(folder, key)
    older.dispose()
    open_with_key(folder, key).close()


FULL_DISK = """
from desktop_app.bootstrap import open_with_key
from desktop_app.storage import migrate
from desktop_app.storage.container import check_container
from desktop_app.storage.workspace import BACKUP_FOLDER, DATABASE_FILE
from tests.migrations.test_rows import everything
from village_core.domain.errors import UserError
mount("-o", "remount,size=64m")
folder, key = disk / "workspace", bytes.fromhex(sys.argv[3])
file, filler = folder / DATABASE_FILE, disk / "filler"
size = file.stat().st_size
before = everything(file, key)
def fill(left): filler.write_bytes(b"0" * (os.statvfs(disk).f_bavail * os.statvfs(disk).f_frsize - left))
def told():
    try:
        open_with_key(folder, key).close()
    except UserError as error:
        return str(error)
    finally:
        filler.unlink()
    return "opened"
fill(size)
print("refused", told())
for step, left in (("require_room", size // 2), ("_back_up", size // 2), ("_upgrade", 0)):
    def then_full(*arguments, real=getattr(migrate, step), left=left, **more):
        if step == "_upgrade": fill(left)
        done = real(*arguments, **more)
        if step != "_upgrade": fill(left)
        return done
    kept, _ = getattr(migrate, step), setattr(migrate, step, then_full)
    print("said", told())
    setattr(migrate, step, kept)
    print("kept", everything(file, key) == before)
    for backup in (folder / BACKUP_FOLDER).glob("*"): print("backup", bool(check_container(backup).files))
    for path in (*folder.glob("*.upgrade*"), *folder.glob(".backup.db*")): print("left", path.name)
open_with_key(folder, key).close()
print("rows", len(before["voucher"]), len(everything(file, key)["voucher"]), "verify", run([*data, "verify"]))
"""


@needs_namespace
def test_a_disk_that_fills_up_at_any_stage_of_the_upgrade_leaves_the_old_file(
    older_workspace: tuple[Path, bytes], tmp_path: Path
) -> None:
    """While the backup is written, while the copy is, and while the copy is upgraded."""
    template, key = older_workspace
    done = run_beside(template, tmp_path, FULL_DISK, key.hex())
    assert "refused 磁盘满了，放不下升级要用的两份拷贝" in done.stdout, done.stdout + done.stderr
    assert done.stdout.count("said 磁盘满了") == 3, done.stdout
    assert done.stdout.count("kept True") == 3
    assert "backup False" not in done.stdout, "half a backup"
    assert "left" not in done.stdout
    assert "rows 2 2 verify 0" in done.stdout, done.stdout + done.stderr
