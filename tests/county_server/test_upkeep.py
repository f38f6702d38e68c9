"""What the owner does beside the server: the log is shortened, deeds are noted, and who is behind is told so."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from msgspec.structs import replace
from sqlalchemy import func, select, update

from county_server.admin.audit import list_audit, verify_audit
from county_server.admin.compaction import LEAST_DAYS, compact_logs
from county_server.admin.service import revoke_device
from county_server.cli import run
from county_server.engine import open_database, writing
from county_server.proof.histories import check_histories
from county_server.proof.replay import replay_village
from county_server.tables import admin_audit, batch, oplog
from desktop_app.ledger.service import delete_draft, save_draft
from desktop_app.sync import bundle
from desktop_app.sync.decisions import decide_question
from desktop_app.sync.enrolment import join_county
from tests import sticks
from tests.counties import County, new_sqlite
from tests.laptops import LaptopMaker, only, sync_until_quiet
from tests.ledger.books import entry
from tests.workspaces import VILLAGE
from village_core.domain.clock import FixedClock
from village_core.domain.errors import RefusedError
from village_core.exchange.messages import Want
from village_core.records.held import HeldChange
from village_core.records.households import Household
from village_core.records.ledger import VoucherDraft

BEGIN = datetime(2025, 3, 1, 8, 0, tzinfo=UTC)


def count(county: County, table: type | object) -> int:
    with county.engine.connect() as connection:
        return connection.scalar(select(func.count()).select_from(table)) or 0  # type: ignore[arg-type]


def test_after_compaction_laptops_behind_it_get_a_snapshot_and_all_end_equal(
    county: County, make_laptop: LaptopMaker
) -> None:
    clock = county.clock = FixedClock(BEGIN)
    here, away = make_laptop(county), make_laptop(county)
    sync_until_quiet(here, away)
    old = here.add_household(number="0001", head_name="罗铉")
    here.sync()
    clock.moment = BEGIN + timedelta(days=300)
    recent = here.add_household(number="0002", head_name="起学英")
    here.sync()
    clock.moment = BEGIN + timedelta(days=401)
    batches, operations = count(county, batch), count(county, oplog)

    (done,) = compact_logs(county.engine, days=400, clock=clock)

    assert 0 < done.removed < operations
    assert count(county, oplog) == operations - done.removed
    assert count(county, batch) == batches, "what was signed stays as the archive"
    assert check_histories(county.engine, VILLAGE) == ()
    assert replay_village(county.engine, VILLAGE).ok
    assert compact_logs(county.engine, days=400, clock=clock) == []
    fresh = away.add_household(number="0101", head_name="新来的")
    assert away.sync().equal
    sync_until_quiet(here, away)
    newcomer = make_laptop(county)
    assert newcomer.sync().equal
    for laptop in (here, away, newcomer):
        assert {row.id for row in laptop.all(Household)} == {old, recent, fresh}


def test_a_stick_from_behind_the_log_is_taken_in_and_an_older_program_told_to_come_over_the_line(
    small_county: County, make_laptop: LaptopMaker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sign = bundle.sign_request
    monkeypatch.setattr(
        bundle,
        "sign_request",
        lambda key, request: sign(key, replace(request, want=request.want & ~Want.SNAPSHOT_BY_FILE)),
    )
    clock = small_county.clock = FixedClock(BEGIN)
    here, away = make_laptop(small_county), make_laptop(small_county)
    sync_until_quiet(here, away)
    here.add_household(number="0001", head_name="罗铉")
    here.sync()
    clock.moment = BEGIN + timedelta(days=500)
    compact_logs(small_county.engine, days=400, clock=clock)
    for folder, deed in (("nothing", lambda: None), ("some", lambda: away.add_household(number="0101"))):
        deed()
        (report,) = sticks.carry(small_county, *sticks.write(away, tmp_path / folder))
        assert report.state.value == "done"
        assert "连网同步一次" in report.words
        read = sticks.bring_back(away, sticks.answer(small_county, away, tmp_path / folder))
        assert not read.equal
    here.sync()
    assert len(here.all(Household)) == 2
    assert away.sync().equal
    assert len(away.all(Household)) == 2


@pytest.mark.parametrize("went_on", [True, False])
def test_an_old_disk_brings_no_row_back_whose_deletion_was_compacted(
    small_county: County, make_laptop: LaptopMaker, went_on: bool
) -> None:
    clock = small_county.clock = FixedClock(BEGIN)
    here, away = make_laptop(small_county), make_laptop(small_county)
    sync_until_quiet(here, away)
    draft = away.do(lambda uow: save_draft(uow, entry(("10201", 500), ("50103", -500))).draft_id)
    old = make_laptop.clone(away, "old")
    away = make_laptop.open(away.workspace.folder, away.workspace.key, small_county)
    sync_until_quiet(here, away)
    if went_on:
        away.add_household(number="0002")
    here.do(lambda uow: delete_draft(uow, draft))
    sync_until_quiet(here, away)
    clock.moment = BEGIN + timedelta(days=401)
    assert compact_logs(small_county.engine, days=400, clock=clock)

    sync_until_quiet(here, old)

    assert (here.all(VoucherDraft), old.all(VoucherDraft)) == ([], [])


def test_a_laptop_enrolled_anew_after_compaction_brings_nothing_back(county: County, make_laptop: LaptopMaker) -> None:
    """What was deleted stays deleted, what was decided is not asked again, what was cleared stays clear."""
    clock = county.clock = FixedClock(BEGIN)
    here, away = make_laptop(county), make_laptop(county)
    household = here.add_household(number="0001", head_name="罗铉", bank_account="1")
    sync_until_quiet(here, away)
    here.edit(Household, household, bank_account="2")
    away.edit(Household, household, bank_account="3", phone="13800000000")
    sync_until_quiet(here, away)
    here.do(lambda uow: decide_question(uow, only(here.all(HeldChange)).id, "standing"))
    draft = away.do(lambda uow: save_draft(uow, entry(("10201", 500), ("50103", -500))).draft_id)
    sync_until_quiet(here, away)
    here.do(lambda uow: delete_draft(uow, draft))
    here.edit(Household, household, phone=None)
    sync_until_quiet(here, away)
    clock.moment = BEGIN + timedelta(days=401)
    assert compact_logs(county.engine, days=400, clock=clock)
    revoke_device(county.engine, away.workspace.actor.device)
    code = county.code()

    join_county(away.workspace, url="http://127.0.0.1:1", code=code, line=away.line, again=True)
    sync_until_quiet(here, away)

    for laptop in (here, away):
        assert laptop.all(VoucherDraft) == []
        assert only(laptop.all(HeldChange)).decision_id is not None
        stands = only(laptop.all(Household))
        assert (stands.bank_account, stands.phone) == ("2", None)


def test_the_log_is_never_shortened_to_what_every_laptop_needs(small_county: County) -> None:
    with pytest.raises(RefusedError, match=f"{LEAST_DAYS} 天"):
        compact_logs(small_county.engine, days=LEAST_DAYS - 1, clock=small_county.clock)


def test_each_deed_of_an_operator_is_noted_before_and_after_and_reading_is_not(
    tmp_path: Path, sqlite_template: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    address = new_sqlite(sqlite_template, tmp_path)
    monkeypatch.setenv("SUDO_USER", "杨站长")
    assert run(["--db", address, "village", "add", VILLAGE, "太平村"]) == 0
    assert run(["village", "add", VILLAGE, "别的名字", "--db", address]) == 1
    assert run(["status", f"--db={address}"]) == 0
    assert run(["--db", address, "compact"]) == 0
    capsys.readouterr()
    assert run(["--db", address, "--json", "audit"]) == 0

    told = json.loads(capsys.readouterr().out)

    assert [one["outcome"] for one in told["entries"]] == ["begun", "done", "begun", "refused", "begun", "done"]
    assert all("杨站长" in one["who"] for one in told["entries"])
    assert told["entries"][0]["command"][-4:] == ["village", "add", VILLAGE, "太平村"]
    assert address not in json.dumps(told, ensure_ascii=False)


def test_an_entry_of_the_operators_log_that_was_altered_or_removed_is_named(
    tmp_path: Path, sqlite_template: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    address = new_sqlite(sqlite_template, tmp_path)
    for number in range(3):
        run(["--db", address, "village", "add", f"53232710120{number}", f"{number}村"])
    engine = open_database(address)
    with engine.connect() as connection:
        assert verify_audit(connection) is None
        assert len(list_audit(connection)) == 6
    with writing(engine) as connection:
        connection.execute(update(admin_audit).where(admin_audit.c.number == 3).values(who="别人@别处"))
    assert run(["--db", address, "audit"]) == 1
    assert "从第 3 条起" in capsys.readouterr().err
    with writing(engine) as connection:
        connection.execute(admin_audit.delete().where(admin_audit.c.number == 2))
    with engine.connect() as connection:
        assert verify_audit(connection) == 2
    engine.dispose()
