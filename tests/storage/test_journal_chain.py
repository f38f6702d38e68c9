"""Who edits the logs behind the program's back is found out, down to the entry."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from typing import Any

import pytest
import sqlcipher3.dbapi2
from hypothesis import given
from hypothesis import strategies as st

from desktop_app.storage.access_log import find_broken_access, list_access
from desktop_app.storage.change_log import find_broken_seal
from desktop_app.storage.journal_head import current_head, keep_told, told_problems
from desktop_app.storage.log_marks import BrokenChain, Harm, entry_bytes
from desktop_app.storage.workspace import DATABASE_FILE, Workspace
from desktop_app.sync.proof import verify_all
from village_core.domain.ids import new_id
from village_core.records.households import Household

NAMES = ("罗铉", "李琼仙", "王建平", "起学英")


@contextmanager
def with_the_key(workspace: Workspace) -> Iterator[Any]:
    """A raw connection as an intruder with the key has it: our triggers on the logs are dropped and put back."""
    with closing(sqlcipher3.dbapi2.connect(str(workspace.folder / DATABASE_FILE))) as raw:
        raw.execute(f"PRAGMA key = \"x'{workspace.key.hex()}'\"")
        guards = "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND name GLOB 'tg_*_log_no_*'"
        kept = raw.execute(guards).fetchall()
        for name, _ in kept:
            raw.execute(f"DROP TRIGGER {name}")
        yield raw
        for _, sql in kept:
            raw.execute(sql)
        raw.commit()


@given(st.lists(st.none() | st.integers(-(2**63), 2**63 - 1) | st.text(), max_size=14))
def test_a_chain_covers_the_bytes_that_the_first_programs_covered(entry: list[int | str | None]) -> None:
    assert entry_bytes(entry) == json.dumps(entry, ensure_ascii=False, separators=(",", ":")).encode()


@pytest.fixture
def written(workspace: Workspace) -> Workspace:
    """Four deeds and four readings."""
    for name in NAMES:
        with workspace.unit_of_work(reason=f"登记{name}") as uow:
            uow.session.add(Household(village=uow.village, id=new_id(), head_name=name))
            uow.commit()
        workspace.log_access("reveal", f"{name}家", "证件号码", about=new_id(), reason="核对证件")
    return workspace


def broken_changes(workspace: Workspace) -> BrokenChain | None:
    with workspace.engine.connect() as connection:
        return find_broken_seal(connection)


def broken_access(workspace: Workspace) -> BrokenChain | None:
    with workspace.engine.connect() as connection:
        return find_broken_access(connection)


def entry_of(workspace: Workspace, name: str) -> int:
    with workspace.engine.connect() as connection:
        query = "SELECT seq FROM change_log WHERE table_name = 'household' AND new LIKE ?"
        return int(connection.exec_driver_sql(query, (f"%{name}%",)).scalar_one())


def swap(raw: Any, table: str, key: str, first: int, second: int) -> None:
    for old, new in ((first, -1), (second, first), (-1, second)):
        raw.execute(f"UPDATE {table} SET {key} = ? WHERE {key} = ?", (new, old))


def squeeze_in(raw: Any, table: str, key: str, at: int) -> None:
    raw.execute(f"UPDATE {table} SET {key} = -{key} WHERE {key} >= ?", (at,))
    raw.execute(f"UPDATE {table} SET {key} = 1 - {key} WHERE {key} < 0")
    columns = [row[1] for row in raw.execute(f"PRAGMA table_info({table})") if row[1] not in (key, "device_seq")]
    listed = ", ".join(f'"{column}"' for column in columns)
    raw.execute(f"INSERT INTO {table} ({key}, {listed}) SELECT {at}, {listed} FROM {table} WHERE {key} = {at + 1}")


CHANGE_LOG: dict[str, tuple[Callable[[Any, int], object], Harm]] = {
    "changed": (
        lambda raw, at: raw.execute("UPDATE change_log SET new = replace(new, '罗铉', '罗某') WHERE seq = ?", (at,)),
        Harm.CHANGED,
    ),
    "another person": (
        lambda raw, at: raw.execute("UPDATE change_log SET actor = ? WHERE seq = ?", ("f" * 32, at)),
        Harm.CHANGED,
    ),
    "removed": (lambda raw, at: raw.execute("DELETE FROM change_log WHERE seq = ?", (at,)), Harm.MISSING),
    "reordered": (lambda raw, at: swap(raw, "change_log", "seq", at, at + 1), Harm.CHANGED),
    "inserted": (lambda raw, at: squeeze_in(raw, "change_log", "seq", at), Harm.CHANGED),
}


@pytest.mark.parametrize("how", CHANGE_LOG)
def test_verify_names_the_first_entry_of_the_change_log_that_was_tampered_with(written: Workspace, how: str) -> None:
    tamper, harm = CHANGE_LOG[how]
    at = entry_of(written, "罗铉")
    assert broken_changes(written) is None
    with with_the_key(written) as raw:
        tamper(raw, at)
    found = broken_changes(written)
    assert found is not None
    assert (found.first, found.harm) == (at, harm)
    assert f"改动记录第 {found.first} 条" in "".join(verify_all(written).problems)


ACCESS_LOG: dict[str, tuple[Callable[[Any], object], int, Harm]] = {
    "changed": (lambda raw: raw.execute("UPDATE access_log SET reason = '无' WHERE id = 2"), 2, Harm.CHANGED),
    "removed": (lambda raw: raw.execute("DELETE FROM access_log WHERE id = 2"), 2, Harm.MISSING),
    "removed and closed up": (
        lambda raw: (
            raw.execute("DELETE FROM access_log WHERE id = 2"),
            raw.execute("UPDATE access_log SET id = id - 1 WHERE id = 3"),
            raw.execute("UPDATE access_log SET id = id - 1 WHERE id = 4"),
        ),
        2,
        Harm.CHANGED,
    ),
    "reordered": (lambda raw: swap(raw, "access_log", "id", 2, 3), 2, Harm.CHANGED),
    "put at the end": (
        lambda raw: raw.execute(
            "INSERT INTO access_log (at, actor, actor_name, kind, subject, detail)"
            " SELECT at, actor, actor_name, kind, subject, detail FROM access_log WHERE id = 1"
        ),
        5,
        Harm.INSERTED,
    ),
    "inserted": (lambda raw: squeeze_in(raw, "access_log", "id", 2), 3, Harm.CHANGED),
}


@pytest.mark.parametrize("how", ACCESS_LOG)
def test_verify_names_the_first_entry_of_the_access_log_that_was_tampered_with(written: Workspace, how: str) -> None:
    tamper, at, harm = ACCESS_LOG[how]
    assert broken_access(written) is None
    with with_the_key(written) as raw:
        tamper(raw)
    found = broken_access(written)
    assert found is not None
    assert (found.first, found.harm) == (at, harm)
    assert f"查阅记录第 {at} 条" in "".join(verify_all(written).problems)


def test_entries_of_the_first_kind_are_covered_by_the_first_hash(workspace: Workspace) -> None:
    with with_the_key(workspace) as raw:
        for number in (1, 2):
            raw.execute(
                "INSERT INTO access_log (at, actor, actor_name, kind, subject, detail)"
                " VALUES (?, '', '', 'print', '', '')",
                (f"2026-11-0{number}",),
            )
    assert broken_access(workspace) is None
    workspace.log_access("export", "农户")
    assert broken_access(workspace) is None
    with with_the_key(workspace) as raw:
        raw.execute("UPDATE access_log SET kind = 'login' WHERE id = 2")
    found = broken_access(workspace)
    assert found is not None
    assert (found.first, found.last) == (1, 3)


def test_a_log_that_was_cut_off_at_the_end_does_not_fit_what_the_county_was_told(written: Workspace) -> None:
    with written.engine.execution_options(write=True).begin() as connection:
        place, own = current_head(connection)
        keep_told(connection, place, own, at="2026-11-22T02:00:00Z")
        assert list(told_problems(connection)) == []
    with with_the_key(written) as raw:
        raw.execute("DELETE FROM access_log WHERE id = 4")
    assert broken_access(written) is None
    assert any("告诉过县里" in problem for problem in verify_all(written).problems)


def test_what_somebody_read_is_kept_with_the_reason_and_what_it_was_about(written: Workspace) -> None:
    with written.reader() as reader:
        assert [entry.subject for entry in list_access(reader.session)] == [f"{name}家" for name in reversed(NAMES)]
