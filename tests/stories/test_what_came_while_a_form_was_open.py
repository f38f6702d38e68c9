"""A form is open while the other laptop's change arrives by itself: what was not on the screen is not overwritten."""

from __future__ import annotations

import pytest
from pytestqt.qtbot import QtBot

from desktop_app.households.screens.household_form import HouseholdForm
from desktop_app.households.screens.person_form import PersonForm
from desktop_app.settings.screens.village_form import VillageForm
from desktop_app.settings.service import update_village
from desktop_app.shell.appearance import Appearance
from desktop_app.shell.form_page import FormPage
from tests.counties import County
from tests.laptops import Laptop, LaptopMaker, only, sync_until_quiet
from tests.stories.test_two_laptops_differ_in_an_account_and_a_person_decides import Desk
from village_core.domain.households.id_numbers import check_digit
from village_core.records.held import HeldChange
from village_core.records.households import Household, Person
from village_core.records.settings import VillageProfile

HERE, THERE = "6217006317066907433", "6217000000000000011"


def _number(body: str) -> str:
    return body + check_digit(body)


def _open(desk: Desk, page: str, **arguments: object) -> FormPage:
    desk.window.navigator.open(page, **arguments)
    desk.settle()
    form = desk.window.navigator.page
    assert isinstance(form, FormPage)
    return form


def _type(form: FormPage, name: str, text: str) -> None:
    editor = form.sheet.editor(name)
    editor.set_typed(text)
    editor.changed.emit()


def _save(desk: Desk, form: FormPage) -> None:
    form.save_now()
    desk.settle()
    assert desk.window.navigator.page is not form


@pytest.fixture
def pair(small_county: County, make_laptop: LaptopMaker) -> tuple[Laptop, Laptop]:
    return make_laptop(small_county), make_laptop(small_county)


@pytest.mark.parametrize("left", [False, True], ids=["on the screen", "kept as a draft"])
def test_an_account_that_came_meanwhile_is_asked_about(
    pair: tuple[Laptop, Laptop], qtbot: QtBot, appearance: Appearance, left: bool
) -> None:
    here, there = pair
    household = here.add_household(
        number="0001", group_name="一组", head_name="李琼仙", bank_account="6217000000000000"
    )
    here.add_person(household, "李琼仙", relation="户主", id_number=_number("53230119800101123"))
    sync_until_quiet(here, there)
    desk = Desk(qtbot, here, appearance)
    form = _open(desk, "household_edit", household_id=household)
    assert isinstance(form, HouseholdForm)
    _type(form, "bank_account", HERE)
    if left:
        desk.window.navigator.open("households")
        desk.settle()
    there.edit(Household, household, bank_account=THERE)
    there.sync()
    here.sync()
    if left:
        form = _open(desk, "household_edit", household_id=household)
        assert form.sheet.editor("bank_account").typed() == HERE
    _save(desk, form)
    sync_until_quiet(here, there)
    desk.close()

    assert there.get(Household, household).bank_account == THERE
    question = only(there.all(HeldChange))
    assert (THERE in question.standing, HERE in question.offered) == (True, True)


def test_a_field_that_was_not_typed_is_not_put_back(
    pair: tuple[Laptop, Laptop], qtbot: QtBot, appearance: Appearance
) -> None:
    """Number, kind of paper, birth and sex are judged together, and only what was typed is written."""
    here, there = pair
    household = here.add_household(number="0001", head_name="李琼仙")
    person = here.add_person(
        household, "李琼仙", relation="户主", id_kind="居民身份证", id_number=_number("53230119800101123")
    )
    sync_until_quiet(here, there)
    desk = Desk(qtbot, here, appearance)
    form = _open(desk, "person_edit", household_id=household, person_id=person)
    assert isinstance(form, PersonForm)
    _type(form, "phone", "13887800000")
    form.sheet.editor("sex").set_value("男")
    form.sheet.editor("sex").changed.emit()
    there.edit(Person, person, id_number=_number("53230119800101125"))
    there.sync()
    here.sync()
    _save(desk, form)
    sync_until_quiet(here, there)
    desk.close()

    assert there.get(Person, person).id_number == _number("53230119800101125")
    assert there.get(Person, person).phone == "13887800000"
    assert there.all(HeldChange) == []


def test_a_form_that_writes_all_its_fields_leaves_the_others_as_they_stand(
    pair: tuple[Laptop, Laptop], qtbot: QtBot, appearance: Appearance
) -> None:
    here, there = pair
    here.do(lambda uow: update_village(uow, name="太平村", township="太平镇", posting_place="村务公开栏"))
    sync_until_quiet(here, there)
    desk = Desk(qtbot, here, appearance)
    form = _open(desk, "settings_village")
    assert isinstance(form, VillageForm)
    _type(form, "supervision_phone", "08786712345")
    there.do(lambda uow: update_village(uow, name="太平村", township="太平镇", posting_place="村委会门口"))
    there.sync()
    here.sync()
    _save(desk, form)
    sync_until_quiet(here, there)
    desk.close()

    village = only(there.all(VillageProfile))
    assert (village.posting_place, village.supervision_phone) == ("村委会门口", "08786712345")
