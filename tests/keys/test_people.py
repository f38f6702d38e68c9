"""Several people on one laptop: who may let whom in, who is out, whose name stands under a deed."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from desktop_app.bootstrap import open_workspace
from desktop_app.staff.keys import (
    add_person,
    change_own_passphrase,
    list_key_people,
    make_one_time_passphrase,
    remove_person,
)
from desktop_app.staff.pins import find_by_pin, pin_problem, set_pin, take_pin_away
from desktop_app.staff.service import mark_left
from desktop_app.staff.switching import come_to_keyboard
from desktop_app.storage.access_log import list_access
from desktop_app.storage.county_clock import KNOWN_DAY, SKEW_SECONDS, day_told
from desktop_app.storage.entry import (
    MustChangeError,
    NotAdmittedError,
    actor_of,
    note_admitted_again,
    note_revoked,
)
from desktop_app.storage.entry_guard import FREE_TRIES, EntryGuard, WaitError
from desktop_app.storage.key_file import WrongPassphraseError, read_key_file
from desktop_app.storage.workspace import KEY_FILE, Workspace
from tests.keys.conftest import SECOND, Village
from tests.workspaces import PASSPHRASE
from village_core.domain.clock import FixedClock, today
from village_core.domain.errors import RefusedError
from village_core.records.staff import StaffMember

THIRD = "后山的核桃熟了没有"
PIN = "280516"


def as_second(village: Village) -> Workspace:
    workspace = village.workspace
    return workspace.in_name_of(actor_of(workspace.engine, village.second), slot="")


def kinds(village: Village) -> list[str]:
    with village.workspace.reader() as reader:
        return [entry.kind for entry in list_access(reader.session)]


def test_a_person_is_let_in_with_a_passphrase_of_his_own(village: Village) -> None:
    add_person(village.workspace, village.third, passphrase=THIRD)
    opened = open_workspace(village.workspace.folder, THIRD)
    assert opened.actor.person_id == village.third
    opened.close()
    assert {one.person.name for one in list_key_people(village.workspace) if one.slot} == {"李琼仙", "普建国", "张秀英"}


@pytest.mark.parametrize(
    "deed", [lambda w, p: add_person(w, p, passphrase=THIRD), make_one_time_passphrase, remove_person]
)
def test_who_does_not_manage_people_lets_nobody_in_or_out(village: Village, deed) -> None:  # type: ignore[no-untyped-def]
    before = (village.workspace.folder / KEY_FILE).read_bytes()
    with pytest.raises(RefusedError, match="不管"):
        deed(as_second(village), village.third)
    assert (village.workspace.folder / KEY_FILE).read_bytes() == before


def test_the_same_passphrase_for_two_is_refused_without_saying_whose_it_is(village: Village) -> None:
    with pytest.raises(RefusedError) as told:
        add_person(village.workspace, village.third, passphrase=SECOND)
    assert "普建国" not in str(told.value)
    with pytest.raises(RefusedError, match="不能用作口令"):
        change_own_passphrase(village.workspace, PASSPHRASE, new=SECOND)


def test_who_is_taken_off_opens_nothing_more(village: Village) -> None:
    remove_person(village.workspace, village.second)
    with pytest.raises(WrongPassphraseError):
        open_workspace(village.workspace.folder, SECOND)
    assert len(read_key_file(village.workspace.folder / KEY_FILE).slots) == 1
    with pytest.raises(RefusedError, match="正在用的人"):
        remove_person(village.workspace, village.first)


def test_a_changed_passphrase_encrypts_nothing_anew(village: Village) -> None:
    database = village.workspace.folder / "village.db"
    before = database.read_bytes()[:4096]
    change_own_passphrase(village.workspace, PASSPHRASE, new=THIRD)
    assert database.read_bytes()[:4096] == before
    opened = open_workspace(village.workspace.folder, THIRD)
    assert opened.key == village.workspace.key
    opened.close()
    with pytest.raises(WrongPassphraseError):
        open_workspace(village.workspace.folder, PASSPHRASE)


def test_nobody_changes_the_passphrase_of_another(village: Village) -> None:
    with pytest.raises(RefusedError, match="现在的口令不对"):
        change_own_passphrase(village.workspace, SECOND, new=THIRD)


def test_a_passphrase_for_one_use_opens_nothing_until_it_is_changed(village: Village) -> None:
    folder = village.workspace.folder
    one_time = make_one_time_passphrase(village.workspace, village.second)
    with pytest.raises(WrongPassphraseError):
        open_workspace(folder, SECOND)
    with pytest.raises(MustChangeError):
        open_workspace(folder, one_time)
    opened = open_workspace(folder, one_time, must_change=True)
    change_own_passphrase(opened, one_time, new=THIRD)
    opened.close()
    opened = open_workspace(folder, THIRD)
    assert opened.actor.name == "普建国"
    opened.close()
    with pytest.raises(WrongPassphraseError):
        open_workspace(folder, one_time)
    assert "key_reset" in kinds(village)


def test_who_has_left_or_has_no_role_does_not_come_in(village: Village) -> None:
    folder = village.workspace.folder
    with village.workspace.unit_of_work(reason="离任") as uow:
        mark_left(uow, village.second, left_on=today(uow.clock))
        uow.commit()
    with pytest.raises(NotAdmittedError, match="普建国 已经记为离任"):
        open_workspace(folder, SECOND)
    with pytest.raises(NotAdmittedError, match="离任"):
        come_to_keyboard(village.workspace, SECOND)
    with village.workspace.unit_of_work(reason="回来，岗位还没定") as uow:
        row = uow.session.get_one(StaffMember, (uow.village, village.second))
        row.left_on, row.roles = None, ""
        uow.commit()
    with pytest.raises(NotAdmittedError, match="没有岗位"):
        open_workspace(folder, SECOND)
    assert "refusal" in kinds(village)


def test_who_leaves_next_month_comes_in_until_that_day_and_a_clock_set_back_brings_nobody_back(
    village: Village, clock: FixedClock
) -> None:
    folder, day = village.workspace.folder, today(clock) + timedelta(days=30)

    def leave(on: date) -> None:
        with village.workspace.unit_of_work(reason="离任") as uow:
            mark_left(uow, village.second, left_on=on)
            uow.commit()

    leave(day)
    come_to_keyboard(village.workspace, SECOND)
    opened = open_workspace(folder, SECOND, clock=clock)
    assert opened.duties().away == ""
    opened.close()

    clock.moment += timedelta(days=30)
    with pytest.raises(NotAdmittedError, match="离任"):
        open_workspace(folder, SECOND, clock=clock)
    come_to_keyboard(village.workspace, PASSPHRASE)
    clock.moment -= timedelta(days=20)
    with pytest.raises(NotAdmittedError, match="离任"):
        come_to_keyboard(village.workspace, SECOND)
    assert as_second(village).duties().away, "one answer at the door and inside"

    leave(today(clock) + timedelta(days=60))
    come_to_keyboard(village.workspace, SECOND)


def test_a_year_that_the_clock_once_had_counts_no_more_after_a_contact_with_the_county(
    village: Village, clock: FixedClock
) -> None:
    right, day = clock.moment, today(clock)
    clock.moment += timedelta(days=2000)
    come_to_keyboard(village.workspace, PASSPHRASE)
    clock.moment = right
    with village.workspace.unit_of_work(reason="离任") as uow:
        mark_left(uow, village.second, left_on=day + timedelta(days=30))
        uow.commit()
    with pytest.raises(NotAdmittedError, match="离任"):
        come_to_keyboard(village.workspace, SECOND)
    village.workspace.set_state(KNOWN_DAY, day_told(0, clock))
    come_to_keyboard(village.workspace, SECOND)


def test_one_login_in_a_year_that_never_was_shuts_out_nobody_who_leaves_in_these_years(
    village: Village, clock: FixedClock
) -> None:
    right = clock.moment
    come_to_keyboard(village.workspace, PASSPHRASE)
    with village.workspace.unit_of_work(reason="离任") as uow:
        mark_left(uow, village.second, left_on=today(clock) + timedelta(days=200))
        uow.commit()
    clock.moment += timedelta(days=365 * 20)
    for _ in range(3):
        come_to_keyboard(village.workspace, PASSPHRASE)
    clock.moment = right
    come_to_keyboard(village.workspace, SECOND)
    assert as_second(village).duties().away == ""


@pytest.mark.parametrize("skew_days", [-40, 40])
def test_the_later_of_two_days_counts_where_the_county_has_another(
    village: Village, clock: FixedClock, skew_days: int
) -> None:
    with village.workspace.unit_of_work(reason="离任") as uow:
        mark_left(uow, village.second, left_on=today(clock) + timedelta(days=30))
        uow.commit()
    village.workspace.set_state(SKEW_SECONDS, str(skew_days * 86_400))
    clock.moment += timedelta(days=30 if skew_days > 0 else 0)
    with pytest.raises(NotAdmittedError, match="离任"):
        come_to_keyboard(village.workspace, SECOND)
    assert as_second(village).duties().away


def test_a_day_of_leaving_that_is_none_lets_nobody_in(village: Village) -> None:
    with village.workspace.unit_of_work(reason="离任") as uow:
        uow.session.get_one(StaffMember, (uow.village, village.second)).left_on = "明年"
        uow.commit()
    with pytest.raises(NotAdmittedError, match="离任"):
        come_to_keyboard(village.workspace, SECOND)
    assert as_second(village).duties().away


def test_a_laptop_that_the_county_stopped_opens_for_nobody_until_it_is_enrolled_anew(village: Village) -> None:
    folder = village.workspace.folder
    note_revoked(village.workspace)
    with pytest.raises(NotAdmittedError, match=r"县里停用了这台电脑.*一条也没有删"):
        open_workspace(folder, PASSPHRASE)
    with pytest.raises(NotAdmittedError, match="县里停用了这台电脑"):
        come_to_keyboard(village.workspace, PASSPHRASE)
    open_workspace(folder, PASSPHRASE, stopped=True).close()
    note_admitted_again(village.workspace)
    open_workspace(folder, PASSPHRASE).close()


def test_it_must_be_the_person_that_was_asked_for(village: Village) -> None:
    folder = village.workspace.folder
    open_workspace(folder, SECOND, user="普建国").close()
    with pytest.raises(NotAdmittedError, match="这不是“李琼仙”的口令") as told:
        open_workspace(folder, SECOND, user="李琼仙")
    assert told.value.exit_status == 3


def test_another_person_at_the_keyboard_has_her_own_name_and_drafts(village: Village) -> None:
    workspace = village.workspace
    workspace.drafts.save("household:1", {"note": "李琼仙填了一半"})
    other = come_to_keyboard(workspace, SECOND)
    assert other is not workspace
    assert (other.actor.name, workspace.actor.name) == ("普建国", "李琼仙")
    assert other.drafts.load("household:1") is None
    other.drafts.save("household:1", {"note": "普建国填了一半"})
    back = come_to_keyboard(other, PASSPHRASE)
    assert back.drafts.load("household:1") == {"note": "李琼仙填了一半"}
    assert come_to_keyboard(back, PASSPHRASE) is back
    assert kinds(village)[:3] == ["unlock", "login", "login"]


def test_a_pin_works_while_the_key_is_in_memory_and_never_after(village: Village) -> None:
    workspace = village.workspace
    set_pin(workspace, PIN, passphrase=PASSPHRASE)
    other = come_to_keyboard(workspace, SECOND)
    assert come_to_keyboard(other, PIN).actor.name == "李琼仙"
    with pytest.raises(WrongPassphraseError):
        open_workspace(workspace.folder, PIN)
    with pytest.raises(RefusedError, match="不能用"):
        set_pin(other, PIN, passphrase=SECOND)
    take_pin_away(workspace)
    assert find_by_pin(workspace, PIN) is None


def test_who_passes_an_open_window_sets_no_pin_and_guesses_no_passphrase_for_nothing(village: Village) -> None:
    workspace = village.workspace
    with pytest.raises(WrongPassphraseError):
        set_pin(workspace, PIN, passphrase="不知道是哪一句")
    with pytest.raises(RefusedError, match="现在的口令不对"):
        set_pin(workspace, PIN, passphrase=SECOND)
    assert find_by_pin(workspace, PIN) is None
    for _ in range(FREE_TRIES):
        with pytest.raises(WrongPassphraseError):
            change_own_passphrase(workspace, "猜一猜看是哪句", new=THIRD)
    with pytest.raises(WaitError):
        change_own_passphrase(workspace, PASSPHRASE, new=THIRD)
    with pytest.raises(WaitError):
        set_pin(workspace, PIN, passphrase=PASSPHRASE)


def test_wrong_tries_at_the_open_window_are_in_the_journal_of_who_comes_next(village: Village) -> None:
    with pytest.raises(WrongPassphraseError):
        change_own_passphrase(village.workspace, "猜一猜看是哪句", new=THIRD)
    set_pin(village.workspace, PIN, passphrase=PASSPHRASE)
    assert kinds(village)[:2] == ["pin", "wrong_try"]


def test_after_five_wrong_tries_a_pin_counts_no_more(village: Village) -> None:
    workspace = village.workspace
    set_pin(workspace, PIN, passphrase=PASSPHRASE)
    guard = EntryGuard(workspace.folder, monotonic=lambda: 0.0)
    for _ in range(FREE_TRIES):
        guard.note_wrong()
    waited = EntryGuard(workspace.folder)
    assert waited.remaining() == 0, "the machine runs for longer than a minute"
    with pytest.raises(WrongPassphraseError, match="数字密码不管用"):
        come_to_keyboard(workspace, PIN)


@pytest.mark.parametrize("pin", ["12345", "123456", "987654", "111111", "121212", "28051x", "２８０５１６"])
def test_a_pin_that_somebody_guesses_at_once_is_not_taken(pin: str) -> None:
    assert pin_problem(pin)


def test_six_digits_in_no_order_are_a_pin() -> None:
    assert pin_problem(PIN) == ""
