"""Enrolling anew lets nobody take the village to a server of his own: whose passphrase, which county, whose right."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from msgspec.structs import replace
from nacl.signing import SigningKey
from sqlalchemy import func, select, update

from county_server.admin.service import revoke_device
from county_server.auth.enrolment import enrol
from county_server.tables import county_key, device, oplog
from desktop_app.cli import run
from desktop_app.shell.lock_cover import LockCover
from desktop_app.storage.access_log import list_access
from desktop_app.storage.changes import Changes
from desktop_app.storage.duties import REVOKED
from desktop_app.storage.entry import NotAdmittedError, OtherCountyError, check_device
from desktop_app.storage.entry_guard import FREE_TRIES, WaitError
from desktop_app.storage.key_file import WrongPassphraseError
from desktop_app.sync import state
from desktop_app.sync.enrolment import enrol_anew, join_county
from desktop_app.sync.queries import get_sync_view
from desktop_app.sync.receipts import list_receipts
from desktop_app.sync.standing import Doing, describe_notices
from desktop_app.window.keyboard import Keyboard
from tests.counties import County, new_sqlite, opened_county, serving
from tests.laptops import DirectLine, Laptop, LaptopMaker, join, sync_until_quiet
from tests.sync_e2e.test_sync_page import Desk
from tests.workspaces import PASSPHRASE
from village_core.domain.errors import ProblemOutsideError, RefusedError
from village_core.domain.ids import new_id
from village_core.exchange.messages import (
    ENROL_PATH,
    CountyIdentity,
    EnrolAnswer,
    EnrolRequest,
    SyncAnswer,
    decode,
    encode,
    sign_request,
)
from village_core.records.households import Household
from village_core.records.staff import StaffMember

AT_COUNTY = "http://127.0.0.1:1"


@pytest.fixture
def thief(tmp_path: Path, sqlite_template: Path) -> Iterator[County]:
    """Somebody's own county for the same village, with a key of its own."""
    with opened_county(new_sqlite(sqlite_template, tmp_path)) as made:
        with made.engine.begin() as connection:
            connection.execute(update(county_key).values(signing=bytes(SigningKey.generate())))
        yield made


@pytest.fixture
def laptop(small_county: County, make_laptop: LaptopMaker) -> Laptop:
    """Enrolled, with a household at the county, one that waits, and stopped there."""
    made = make_laptop(small_county)
    made.add_household(number="0001", head_name="罗铉")
    sync_until_quiet(made)
    made.add_household(number="0002", head_name="没送到的")
    revoke_device(small_county.engine, made.workspace.actor.device)
    with pytest.raises(RefusedError):
        made.sync()
    return made


def rows_at(county: County) -> int:
    with county.engine.connect() as connection:
        devices = connection.scalar(select(func.count()).select_from(device)) or 0
        return devices + (connection.scalar(select(func.count()).select_from(Household)) or 0)


def newest(laptop: Laptop) -> tuple[str, str, str]:
    with laptop.workspace.reader() as reader:
        entry = list_access(reader.session)[0]
    return entry.kind, entry.subject, entry.detail


def take_rights(laptop: Laptop) -> None:
    laptop.edit(StaffMember, laptop.workspace.actor.person_id, roles="只读", may_combine_duties=False)


class Copied(DirectLine):
    """A server that tells the public keys of the real county as its own."""

    def __init__(self, thief: County, known: County, *, relays: bool = False) -> None:
        super().__init__(thief)
        self._known = known
        self._relays = relays

    def _at_county(
        self, method: str, path: str, body: bytes, ticket: str, span: tuple[int, int] | None = None
    ) -> tuple[int, bytes]:
        status, content = super()._at_county(method, path, body, ticket, span)
        if path != ENROL_PATH:
            return status, content
        question = SigningKey.generate()
        asked = sign_request(question, EnrolRequest(1, "", bytes(question.verify_key), "", b"", "", 0))
        real = enrol(self._known.engine, asked, clock=self._known.clock)
        answer = decode(content, EnrolAnswer)
        if self._relays and not answer.device:
            return 200, encode(enrol(self._known.engine, body, clock=self._known.clock))
        return 200, encode(replace(answer, identity=real.identity))


def test_from_the_cover_nobody_takes_a_stopped_laptop_to_a_server_of_his_own(
    desk: Desk, laptop: Laptop, thief: County
) -> None:
    keyboard = Keyboard(desk.window)
    desk.window.changes.announce(Changes.of("sync"))
    desk.settle()
    cover = keyboard.lock.cover
    assert isinstance(cover, LockCover)
    cover.open_button.click()
    with serving(thief) as url:
        given = {"url": url, "code": thief.code("报账员")}
        cover.enrolment.sheet.set_values(given)
        cover.open_button.click()
        assert cover.enrolment.sheet.fields["passphrase"].mistake == "请填您的口令。"
        cover.enrolment.sheet.set_values({"passphrase": "不知道是哪一句"})
        cover.open_button.click()
        desk.settle()
        assert "口令不对" in cover.trouble.message.text()
        cover.enrolment.sheet.set_values({"passphrase": PASSPHRASE})
        cover.open_button.click()
        desk.settle()
    assert "可能不是县里的" in cover.trouble.message.text()
    assert cover.enrolment.sheet.fields["other_county"].isVisible()
    assert keyboard.lock.locked
    assert rows_at(thief) == 0
    with pytest.raises(NotAdmittedError):
        check_device(laptop.workspace)


def test_wrong_passphrases_count_and_a_right_one_alone_does_not_lift_the_stop(laptop: Laptop, thief: County) -> None:
    workspace = laptop.workspace
    with pytest.raises(RefusedError):
        enrol_anew(workspace, PASSPHRASE, url=workspace.state(state.COUNTY_URL) or "", code=" ")
    assert workspace.state(REVOKED)
    for _ in range(FREE_TRIES):
        with pytest.raises(WrongPassphraseError):
            enrol_anew(workspace, "不知道是哪一句", url="https://xian.example.cn", code=thief.code())
    with pytest.raises(WaitError):
        enrol_anew(workspace, PASSPHRASE, url="https://xian.example.cn", code=thief.code())


@pytest.mark.parametrize("relays", [False, True])
def test_public_keys_can_be_copied_the_proof_cannot(
    laptop: Laptop, small_county: County, thief: County, relays: bool
) -> None:
    line = Copied(thief, small_county, relays=relays)
    expected = ProblemOutsideError if relays else OtherCountyError
    with pytest.raises(expected):
        join_county(laptop.workspace, url=AT_COUNTY, code=thief.code("报账员"), line=line, again=True)
    assert laptop.workspace.state(REVOKED)
    assert laptop.workspace.actor.device == int(laptop.workspace.state(state.DEVICE) or 0) == 1
    if not relays:
        assert rows_at(thief) == 0
        assert newest(laptop) == (
            "refusal",
            f"登记到 {AT_COUNTY}",
            "这台服务器拿不出原来那个县里的钥匙，可能不是县里的。",
        )


class Renaming(DirectLine):
    """Tells another county's keys in the middle of an exchange, unasked."""

    def _at_county(
        self, method: str, path: str, body: bytes, ticket: str, span: tuple[int, int] | None = None
    ) -> tuple[int, bytes]:
        status, content = super()._at_county(method, path, body, ticket, span)
        other = CountyIdentity(bytes(SigningKey.generate().verify_key), "age1nobody")
        return status, encode(replace(decode(content, SyncAnswer), identity=encode(other)))


def test_an_exchange_never_changes_the_key_of_a_county_that_is_known(
    small_county: County, make_laptop: LaptopMaker
) -> None:
    laptop = make_laptop(small_county)
    before = laptop.workspace.state(state.COUNTY_KEY), laptop.workspace.state(state.COUNTY_RECIPIENT)
    laptop.line = Renaming(small_county)
    laptop.sync()
    assert (laptop.workspace.state(state.COUNTY_KEY), laptop.workspace.state(state.COUNTY_RECIPIENT)) == before
    with laptop.workspace.reader() as reader:
        assert list_receipts(reader), "the receipt is checked with the key that is known"


def test_another_address_and_another_county_are_for_who_manages_the_settings(laptop: Laptop, thief: County) -> None:
    take_rights(laptop)
    line = DirectLine(thief)
    with pytest.raises(RefusedError, match="改村情和设置"):
        join_county(laptop.workspace, url="http://127.0.0.1:2", code=thief.code(), line=line, again=True)
    with pytest.raises(OtherCountyError):
        join_county(laptop.workspace, url=AT_COUNTY, code=thief.code(), line=line, again=True)
    with pytest.raises(RefusedError, match="改村情和设置"):
        join_county(laptop.workspace, url=AT_COUNTY, code=thief.code(), line=line, again=True, other_county=True)
    assert rows_at(thief) == 0


def test_who_reads_only_may_still_enrol_anew_at_the_county_that_is_known(laptop: Laptop, small_county: County) -> None:
    take_rights(laptop)
    joined = join_county(laptop.workspace, url=AT_COUNTY, code=small_county.code(), line=laptop.line, again=True)
    assert joined.device == 2
    assert not laptop.workspace.state(REVOKED)


def test_a_county_that_was_set_up_anew_is_confirmed_and_on_record(laptop: Laptop, thief: County) -> None:
    before = laptop.workspace.state(state.COUNTY_KEY)
    laptop.line = DirectLine(thief)
    code = thief.code("报账员")
    joined = join_county(laptop.workspace, url=AT_COUNTY, code=code, line=laptop.line, again=True, other_county=True)
    assert laptop.workspace.state(state.COUNTY_KEY) != before
    with laptop.workspace.reader() as reader:
        entry = next(one for one in list_access(reader.session) if one.kind == "enrolled")
    assert (entry.subject, entry.detail) == (AT_COUNTY, f"{joined.device} 号，重新登记，县里换了服务器")
    sync_until_quiet(laptop)
    assert rows_at(thief) == 3


def test_the_command_line_asks_the_same(
    laptop: Laptop, thief: County, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("TIANGENG_PASSPHRASE", PASSPHRASE)
    with serving(thief) as url:
        command = ["join", "--again", "--data", str(laptop.workspace.folder), "--county", url]
        assert run([*command, "--code", thief.code()]) == 1
        assert "可能不是县里的。什么也没有送出去。" in capsys.readouterr().err
        assert rows_at(thief) == 0
        assert run([*command, "--code", thief.code(), "--new-county"]) == 0
    assert rows_at(thief) == 1


def test_the_first_enrolment_is_for_who_manages_the_settings(small_county: County, make_laptop: LaptopMaker) -> None:
    laptop = make_laptop(small_county, enrolled=False)
    laptop.edit(StaffMember, laptop.workspace.actor.person_id, roles="出纳", may_combine_duties=False)
    with pytest.raises(RefusedError, match="改村情和设置"):
        join(laptop)
    assert rows_at(small_county) == 0


def test_what_was_not_sent_before_the_stop_is_not_done_with_all_rights(laptop: Laptop, small_county: County) -> None:
    friend, alone = new_id(), int(laptop.workspace.state(state.ALONE_UNTIL) or 0)
    laptop.do(
        lambda uow: uow.session.add(
            StaffMember(village=uow.village, id=friend, name="自己人", roles="支书", may_combine_duties=True)
        )
    )
    join_county(laptop.workspace, url=AT_COUNTY, code=small_county.code("报账员"), line=laptop.line, again=True)
    sync_until_quiet(laptop)
    with small_county.engine.connect() as connection:
        assert connection.scalar(select(StaffMember.roles).where(StaffMember.id == friend)) == ""
        told = connection.scalars(select(device.c.alone_until).order_by(device.c.number)).all()
        assert connection.scalar(select(func.count()).select_from(Household)) == 2
    assert told == [alone, alone] and alone > 0, "what it did alone before its first enrolment counts as before"


def test_the_county_caps_what_a_laptop_says_it_did_alone(laptop: Laptop, small_county: County) -> None:
    alone = int(laptop.workspace.state(state.ALONE_UNTIL) or 0)
    key = SigningKey(bytes.fromhex(laptop.workspace.state(state.DEVICE_KEY) or ""))
    person = laptop.workspace.actor.person_id.bytes
    for signer in (key, SigningKey.generate()):
        code = small_county.code("报账员")
        asked = EnrolRequest(1, code, bytes(signer.verify_key), "", person, "李琼仙", 1 << 40)
        number = enrol(small_county.engine, sign_request(signer, asked), clock=small_county.clock).device
        with small_county.engine.connect() as connection:
            assert connection.scalar(select(device.c.alone_until).where(device.c.number == number)) == alone


def test_a_question_without_a_code_enrols_nothing(small_county: County) -> None:
    key = SigningKey.generate()
    asked = sign_request(key, EnrolRequest(1, "", bytes(key.verify_key), "", b"", "", 0))
    answer = enrol(small_county.engine, asked, clock=small_county.clock)
    assert (answer.device, answer.village, answer.village_name, answer.person) == (0, "", "", b"")
    assert rows_at(small_county) == 0


def test_the_page_says_that_the_laptop_was_enrolled_anew_and_not_that_the_county_was_restored(
    laptop: Laptop, small_county: County
) -> None:
    join_county(laptop.workspace, url=AT_COUNTY, code=small_county.code("报账员"), line=laptop.line, again=True)
    assert "这台电脑重新登记过" in notices(laptop) and "从备份恢复" not in notices(laptop)
    sync_until_quiet(laptop)
    assert notices(laptop) == ""


def notices(laptop: Laptop) -> str:
    with laptop.workspace.reader() as reader:
        view = get_sync_view(reader)
    return "".join(one.words for one in describe_notices(view, Doing(), laptop.workspace.clock.now()))


def test_what_was_sent_and_confirmed_comes_again_and_is_known(laptop: Laptop, small_county: County) -> None:
    """Also where nothing counts as done alone."""
    laptop.workspace.set_state(state.ALONE_UNTIL, "0")
    me = laptop.workspace.actor.person_id
    before = laptop.get(StaffMember, me).roles
    join_county(laptop.workspace, url=AT_COUNTY, code=small_county.code("报账员"), line=laptop.line, again=True)
    sync_until_quiet(laptop)
    with laptop.workspace.reader() as reader:
        assert get_sync_view(reader).open_questions == 0
    with small_county.engine.connect() as connection:
        verdicts = connection.scalars(select(oplog.c.verdict).where(oplog.c.device == 2)).all()
    assert list(verdicts) == ["applied"] * 4, "what came under the other number is judged as it was then"
    assert laptop.get(StaffMember, me).roles == before == "报账员"
