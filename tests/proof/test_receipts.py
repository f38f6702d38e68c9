"""The county's signed word: given when something moved, checked with its key, kept, printed, found by its code."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from nacl.signing import SigningKey
from sqlalchemy import select

from county_server.auth.identity import load_keys
from county_server.sync.receipts import check_receipt_file, find_receipt
from county_server.tables import village
from desktop_app.sync import state
from desktop_app.sync.check_sheet import write_check_sheet
from desktop_app.sync.loop import exchange_once
from desktop_app.sync.receipts import KeptReceipt, last_equal_receipt, list_receipts
from tests.counties import County
from tests.laptops import Laptop, LaptopMaker
from tests.workspaces import VILLAGE
from village_core.domain.errors import RefusedError
from village_core.exchange.receipts import (
    CODE_LETTERS,
    Receipt,
    SignedReceipt,
    check_code,
    open_receipt,
    shown_code,
    sign_receipt,
    typed_code,
    unpack_receipt,
)
from village_core.records.households import Household

KEY = SigningKey(bytes(range(32)))
RECEIPTS = st.builds(
    Receipt,
    village=st.just(VILLAGE),
    device=st.integers(1, 99),
    incarnation=st.integers(1, 9),
    acked_seq=st.integers(0, 1 << 40),
    number=st.integers(0, 1 << 60),
    root=st.binary(min_size=16, max_size=16),
    time=st.integers(0, 1 << 42),
    epoch=st.integers(1, 1 << 32),
    counts=st.lists(st.integers(0, 1 << 30), min_size=4, max_size=6),
)


def kept(laptop: Laptop) -> list[KeptReceipt]:
    with laptop.workspace.reader() as reader:
        return list_receipts(reader)


@given(RECEIPTS, st.data())
def test_a_receipt_of_which_a_single_byte_was_changed_is_none(receipt: Receipt, data: st.DataObject) -> None:
    signed = sign_receipt(KEY, receipt)
    assert open_receipt(signed, KEY.verify_key) == receipt
    content = bytearray(signed.content)
    content[data.draw(st.integers(0, len(content) - 1))] ^= data.draw(st.integers(1, 255))

    assert open_receipt(SignedReceipt(bytes(content), signed.signature), KEY.verify_key) is None
    assert open_receipt(signed, SigningKey.generate().verify_key) is None


@given(st.binary(max_size=200))
def test_a_code_is_eight_letters_that_survive_being_typed(content: bytes) -> None:
    code = check_code(content)

    assert len(code) == CODE_LETTERS
    assert typed_code(f" {shown_code(code).lower()} ") == code


def test_a_receipt_comes_when_something_moved_and_never_on_an_idle_exchange(
    county: County, make_laptop: LaptopMaker
) -> None:
    laptop = make_laptop(county)
    household = laptop.add_household(number="0001", head_name="罗铉")
    laptop.add_person(household, "罗铉")
    laptop.sync()
    (first,) = kept(laptop)
    idle = laptop.sync()

    assert kept(laptop) == [first]
    assert idle.bytes_up + idle.bytes_down < 400
    assert first.equal
    assert first.counts == {"household": 1, "person": 1, "voucher": 0, "relief_case": 0}
    with county.engine.connect() as connection:
        assert first.receipt.number == connection.scalar(select(village.c.counter))

    exchange_once(laptop.workspace, laptop.line, receipt=True)
    assert len(kept(laptop)) == 2


def test_a_receipt_of_another_county_is_not_kept_and_not_shown(small_county: County, make_laptop: LaptopMaker) -> None:
    laptop = make_laptop(small_county)
    laptop.add_household(number="0001", head_name="罗铉")
    right = laptop.workspace.state(state.COUNTY_KEY)
    assert right is not None
    laptop.workspace.set_state(state.COUNTY_KEY, bytes(KEY.verify_key).hex())

    report = laptop.sync()

    assert report.equal
    assert kept(laptop) == []
    laptop.workspace.set_state(state.COUNTY_KEY, right)
    assert kept(laptop) == []


def test_the_printed_code_and_the_file_are_known_at_the_county(
    county: County, make_laptop: LaptopMaker, tmp_path: Path
) -> None:
    laptop = make_laptop(county)
    laptop.add_household(number="0001", head_name="罗铉")
    laptop.sync()
    sheet = write_check_sheet(laptop.workspace, tmp_path / "sheet.pdf", signed=tmp_path / "sheet.tgr")

    receipt = sheet.kept.receipt
    assert find_receipt(county.engine, VILLAGE, shown_code(sheet.kept.code).lower()) == receipt
    assert check_receipt_file(county.engine, tmp_path / "sheet.tgr") == receipt
    with county.engine.connect() as connection:
        key = load_keys(connection).signing.verify_key
    assert open_receipt(unpack_receipt((tmp_path / "sheet.tgr").read_bytes()), key) == receipt
    assert (tmp_path / "sheet.pdf").read_bytes().startswith(b"%PDF")
    with pytest.raises(RefusedError, match="没有开过"):
        find_receipt(county.engine, VILLAGE, "2222-2222")
    with pytest.raises(RefusedError, match="应是 8 位"):
        find_receipt(county.engine, VILLAGE, "22")
    forged = sign_receipt(KEY, replace_counts(receipt))
    (tmp_path / "forged.tgr").write_bytes(
        b"\x92\xc4" + bytes([len(forged.content)]) + forged.content + b"\xc4\x40" + forged.signature
    )
    with pytest.raises(RefusedError, match="不是本县开出的"):
        check_receipt_file(county.engine, tmp_path / "forged.tgr")
    (tmp_path / "noise.tgr").write_bytes(b"noise")
    with pytest.raises(RefusedError, match="不是回执文件"):
        check_receipt_file(county.engine, tmp_path / "noise.tgr")


def replace_counts(receipt: Receipt) -> Receipt:
    return Receipt(**{name: getattr(receipt, name) for name in receipt.__struct_fields__} | {"counts": [9, 9, 9, 9]})


def test_without_equality_there_is_no_sheet(small_county: County, make_laptop: LaptopMaker, tmp_path: Path) -> None:
    laptop = make_laptop(small_county)
    laptop.add_household(number="0001", head_name="罗铉")

    with pytest.raises(RefusedError, match="还没有和县里核对一致过"):
        write_check_sheet(laptop.workspace, tmp_path / "sheet.pdf")


def test_what_was_changed_after_the_receipt_is_said_on_the_sheet(
    small_county: County, make_laptop: LaptopMaker, tmp_path: Path
) -> None:
    laptop = make_laptop(small_county)
    household = laptop.add_household(number="0001", head_name="罗铉")
    laptop.sync()
    laptop.edit(Household, household, phone="138")

    assert write_check_sheet(laptop.workspace, tmp_path / "sheet.pdf").since == 1


def test_of_many_receipts_those_worth_keeping_are_kept(small_county: County, make_laptop: LaptopMaker) -> None:
    laptop = make_laptop(small_county)
    laptop.add_household(number="0001", head_name="罗铉")
    for _ in range(65):
        exchange_once(laptop.workspace, laptop.line, receipt=True)

    with laptop.workspace.reader() as reader:
        assert len(list_receipts(reader, limit=1000)) == 61
        assert last_equal_receipt(reader) == list_receipts(reader)[0]
