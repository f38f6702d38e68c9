"""The end of a laptop's journal goes to the county: what is rewritten behind it is named there and here."""

from __future__ import annotations

import hashlib
import json
import shutil
from typing import Any

import pytest
from sqlalchemy import select

from county_server.proof.journals import check_journals
from county_server.sync.epochs import note_restored
from county_server.tables import journal_head
from desktop_app.storage.backup import write_backup
from desktop_app.storage.journal_head import told_head, told_problems
from desktop_app.storage.restore import restore_backup
from desktop_app.storage.workspace import DATABASE_FILE
from desktop_app.sync.arriving import find_arriving
from desktop_app.sync.journal_telling import next_head
from desktop_app.sync.loop import _turn
from desktop_app.sync.state import find_link
from desktop_app.sync.watch import Watch
from desktop_app.sync.words import LineError
from tests.counties import County
from tests.laptops import Laptop, LaptopMaker
from tests.restoring import CountyBackup
from tests.storage.test_journal_chain import with_the_key
from tests.workspaces import PASSPHRASE, VILLAGE
from village_core.exchange.messages import Want


def heads(county: County) -> list[tuple[int, str]]:
    with county.engine.connect() as connection:
        column = journal_head.c
        query = select(column.change, column.verdict).order_by(column.device, column.number)
        return [tuple(row) for row in connection.execute(query)]


def problems(laptop: Laptop) -> list[str]:
    with laptop.workspace.engine.connect() as connection:
        return list(told_problems(connection))


def reseal(laptop: Laptop) -> None:
    """What a careful forger does: every hash behind his change is reckoned anew."""
    with with_the_key(laptop.workspace) as raw:
        before = ""
        for number, *entry in raw.execute(
            "SELECT id, id, at, actor, actor_name, kind, subject, detail, about, reason FROM access_log ORDER BY id"
        ).fetchall():
            content = json.dumps(entry, ensure_ascii=False, separators=(",", ":"))
            before = hashlib.blake2b(before.encode() + content.encode(), digest_size=32).hexdigest()
            raw.execute("UPDATE access_log SET hash = ? WHERE id = ?", (before, number))
        raw.execute("DELETE FROM device_state WHERE key = 'journal.told'")


def test_a_head_is_told_only_when_the_journal_moved_and_the_idle_exchange_stays_small(
    small_county: County, make_laptop: LaptopMaker
) -> None:
    laptop = make_laptop(small_county)
    laptop.add_household(head_name="罗铉")
    laptop.sync()
    laptop.sync()
    told = heads(small_county)
    assert [verdict for _, verdict in told] == ["first", *["follows"] * (len(told) - 1)]
    report = laptop.sync()
    assert heads(small_county) == told
    idle = report.bytes_up + report.bytes_down
    laptop.workspace.log_access("export", "农户")
    report = laptop.sync()
    assert 0 < report.bytes_up + report.bytes_down - idle <= 40
    assert idle < 600
    assert len(heads(small_county)) == len(told) + 1


def test_a_forger_who_reckons_every_hash_anew_is_named_at_the_county_and_at_the_laptop(
    small_county: County, make_laptop: LaptopMaker
) -> None:
    laptop = make_laptop(small_county)
    laptop.workspace.log_access("reveal", "罗铉家", "证件号码", reason="核对证件")
    laptop.workspace.log_access("print", "核对单")
    laptop.sync()
    laptop.sync()
    with with_the_key(laptop.workspace) as raw:
        raw.execute("UPDATE access_log SET subject = '别家' WHERE kind = 'reveal'")
    reseal(laptop)
    assert problems(laptop) == []
    laptop.workspace.log_access("print", "核对单")
    laptop.sync()
    laptop.workspace.log_access("print", "核对单")
    laptop.sync()
    assert [verdict for _, verdict in heads(small_county)].count("rewritten") == 1
    assert any("被改写过" in sentence for sentence in problems(laptop))
    report = check_journals(small_county.engine, VILLAGE)
    assert len(report.rewritten) == 1
    assert "李琼仙的电脑（1 号）" in report.rewritten[0]
    laptop.workspace.log_access("print", "核对单")
    laptop.sync()
    assert [verdict for _, verdict in heads(small_county)][-1] == "follows"


def test_answers_that_get_lost_raise_no_suspicion(small_county: County, make_laptop: LaptopMaker) -> None:
    laptop = make_laptop(small_county)
    for round_ in range(4):
        laptop.workspace.log_access("print", f"第 {round_} 张")
        laptop.line.lose_answers = round_ % 2
        try:
            laptop.sync()
        except Exception as error:  # noqa: BLE001
            assert "线" in str(error) or "网" in str(error), error
    laptop.sync()
    assert {verdict for _, verdict in heads(small_county)} <= {"first", "follows"}
    assert problems(laptop) == []


def test_a_restored_laptop_is_told_as_restored_and_not_as_tampering(
    small_county: County, make_laptop: LaptopMaker, tmp_path: Any
) -> None:
    laptop = make_laptop(small_county)
    laptop.add_household(head_name="罗铉")
    laptop.sync()
    laptop.sync()
    backup = tmp_path / "backup.tgb"
    write_backup(laptop.workspace, backup)
    for name in ("李琼仙", "王建平"):
        laptop.workspace.log_access("reveal", f"{name}家", "证件号码")
    laptop.sync()
    laptop.workspace.close()
    restored = _restore(laptop, make_laptop, backup, tmp_path)
    for name in ("起学英", "普文学", "杨丽萍"):
        restored.workspace.log_access("reveal", f"{name}家", "证件号码")
    restored.sync()
    restored.workspace.log_access("export", "农户")
    restored.sync()
    restored.sync()
    verdicts = [verdict for _, verdict in heads(small_county)]
    assert "rewritten" not in verdicts
    assert verdicts.count("restored") == 1
    assert problems(restored) == []
    report = check_journals(small_county.engine, VILLAGE)
    assert report.rewritten == ()
    assert len(report.restored) == 1


def _restore(laptop: Laptop, make_laptop: LaptopMaker, backup: Any, tmp_path: Any) -> Laptop:
    folder = tmp_path / "restored"
    restore_backup(backup, folder, passphrase=PASSPHRASE)
    return make_laptop.open(folder, laptop.workspace.key, laptop.county, clock=laptop.workspace.clock)


def test_a_head_is_not_taken_for_told_when_only_an_earlier_answer_was_fetched_to_its_end(
    small_county: County, make_laptop: LaptopMaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in ("loop", "delivery"):
        monkeypatch.setattr(f"desktop_app.sync.{module}.AT_ONCE", 100)
    laptop, other = make_laptop(small_county), make_laptop(small_county)
    laptop.sync()
    for number in range(40):
        other.add_household(number=f"{number:04}", head_name=f"第{number}户", note="字" * number)
    other.sync()
    for cut_after in range(1_200, 3_000, 200):
        laptop.line.cut_after = cut_after
        with pytest.raises(LineError):
            laptop.sync()
        link = find_link(laptop.workspace)
        assert link is not None
        if find_arriving(laptop.workspace, link, batch=b"") is not None:
            break
    laptop.workspace.log_access("print", "核对单")
    told = next_head(laptop.workspace)
    _turn(laptop.workspace, link, laptop.line, Watch(), want=Want(0))

    with small_county.engine.connect() as connection:
        at_county = set(connection.scalars(select(journal_head.c.hash)))
    with laptop.workspace.engine.connect() as connection:
        known = told_head(connection)
    assert told.hash not in at_county
    assert known is not None
    assert bytes.fromhex(known.hash) in at_county


def test_two_disks_that_once_were_copies_are_told_as_parted_and_not_as_tampering(
    small_county: County, make_laptop: LaptopMaker
) -> None:
    laptop = make_laptop(small_county)
    laptop.workspace.log_access("reveal", "罗铉家", "证件号码", reason="核对证件")
    laptop.sync()
    laptop.sync()
    copy = make_laptop.clone(laptop, "copy")
    for number in range(3):
        for one, times in ((laptop, 2), (copy, 3)):
            for time in range(times):
                one.workspace.log_access("print", f"{one is copy} {number} {time}")
            one.sync()
            one.sync()
    verdicts = [verdict for _, verdict in heads(small_county)]
    assert "rewritten" not in verdicts
    assert "restored" in verdicts
    assert problems(laptop) == problems(copy) == []
    report = check_journals(small_county.engine, VILLAGE)
    assert report.rewritten == ()
    assert "同一份资料有两台在用" in report.restored[0]

    with with_the_key(copy.workspace) as raw:
        raw.execute("UPDATE access_log SET subject = '别家' WHERE kind = 'reveal'")
    reseal(copy)
    copy.workspace.log_access("print", "核对单")
    copy.sync()
    copy.sync()
    assert [verdict for _, verdict in heads(small_county)].count("rewritten") == 1
    assert any("被改写过" in sentence for sentence in problems(copy))


def test_a_disk_that_was_copied_while_its_first_answer_was_lost_is_not_called_rewritten(
    small_county: County, make_laptop: LaptopMaker
) -> None:
    """Seed 18185 of the simulator: the copy told a head that the county had, and remembered none of its own."""
    laptop, other = make_laptop(small_county), make_laptop(small_county)
    other.add_household(number="0001", head_name="罗铉")
    other.sync()
    laptop.add_household(number="0002", head_name="李琼仙")
    laptop.line.lose_answers = 1
    with pytest.raises(LineError):
        laptop.sync()
    copy = make_laptop.clone(laptop, "copy")
    for one in (laptop, laptop):
        one.sync()
    other.add_household(number="0005", head_name="张志强")
    for one in (other, copy):
        one.sync()
    copy.add_household(number="0003", head_name="王建平")
    copy.sync()
    laptop.add_household(number="0004", head_name="起学英")
    laptop.sync()
    assert "rewritten" not in [verdict for _, verdict in heads(small_county)]
    assert problems(laptop) == problems(copy) == []


def test_an_older_copy_of_the_file_in_its_place_is_told_as_gone_back(
    small_county: County, make_laptop: LaptopMaker, tmp_path: Any
) -> None:
    laptop = make_laptop(small_county)
    laptop.sync()
    laptop.workspace.close()
    shutil.copy(laptop.workspace.folder / DATABASE_FILE, tmp_path / "older.db")
    laptop = make_laptop.open(laptop.workspace.folder, laptop.workspace.key, small_county)
    for name in ("李琼仙", "王建平", "起学英"):
        laptop.workspace.log_access("reveal", f"{name}家", "证件号码")
    laptop.sync()
    laptop.workspace.close()
    shutil.copy(tmp_path / "older.db", laptop.workspace.folder / DATABASE_FILE)
    laptop = make_laptop.open(laptop.workspace.folder, laptop.workspace.key, small_county)
    for _ in range(3):
        laptop.workspace.log_access("print", "核对单")
        laptop.sync()
    assert [verdict for _, verdict in heads(small_county)].count("restored") == 1


def test_a_county_that_was_restored_accuses_nobody_of_what_it_may_have_forgotten(
    small_county: County, make_laptop: LaptopMaker
) -> None:
    """It went back to when another machine of the same disk had told it, and forgot that this one went on instead."""
    laptop = make_laptop(small_county)
    laptop.add_household(number="0001")
    laptop.sync()
    before = CountyBackup(small_county)
    copy = make_laptop.clone(laptop, "copy")
    laptop.workspace.log_access("print", "这一台")
    laptop.sync()
    with_the_laptop = CountyBackup(small_county)
    before.restore()
    for number in range(3):
        copy.workspace.log_access("print", f"那一台 {number}")
        copy.sync()
    with_the_laptop.restore()
    note_restored(small_county.engine, clock=small_county.clock)
    copy.add_household(number="0006")

    copy.sync()
    copy.sync()

    assert "rewritten" not in {verdict for _, verdict in heads(small_county)}
    assert problems(copy) == []


def test_a_county_that_gives_a_number_of_a_history_again_knows_the_first_by_what_it_told_long_ago(
    small_county: County, make_laptop: LaptopMaker
) -> None:
    """The county forgot that a copy of the disk had gone on as its second history, and gives that to an older copy."""
    laptop = make_laptop(small_county)
    _work_and_tell(laptop, rounds=3)
    older = make_laptop.clone(laptop, "older")
    _work_and_tell(laptop, rounds=3)
    before = CountyBackup(small_county)
    copy = make_laptop.clone(laptop, "copy")
    _work_and_tell(laptop, rounds=1)
    _work_and_tell(copy, rounds=12)
    before.restore()
    laptop.sync()
    older.workspace.log_access("print", "旧的那一台")
    older.sync()

    _work_and_tell(copy, rounds=2)

    assert "rewritten" not in {verdict for _, verdict in heads(small_county)}
    assert problems(copy) == []


def _work_and_tell(laptop: Laptop, *, rounds: int) -> None:
    for number in range(rounds):
        laptop.add_household(head_name=f"第 {number} 户")
        laptop.workspace.log_access("print", f"第 {number} 户")
        laptop.sync()
