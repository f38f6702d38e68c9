"""A hostile device with a token, a hostile county, a stick that was changed: nothing here changes, words are said."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from msgspec.structs import asdict, replace
from nacl.signing import SigningKey
from sqlalchemy import func, select

from county_server.admin.service import add_village
from county_server.problems import RequestRefusedError
from county_server.sync.service import exchange
from county_server.tables import device_chain, oplog, village
from desktop_app.sync.inbox import settle
from desktop_app.sync.state import find_link
from tests import sticks
from tests.counties import County
from tests.exchange.examples import insert, row, transaction
from tests.fuzz.mutations import HOSTILE
from tests.laptops import Laptop, LaptopMaker
from village_core.domain.errors import UserError
from village_core.exchange.batches import FIRST_LINK, Batch, freeze_batch, sign_batch
from village_core.exchange.messages import PROTOCOL, SyncAnswer, SyncRequest, sign_request
from village_core.exchange.operations import Operation
from village_core.records.households import Household

_NUMBERS_AND_BYTES = [one for one in HOSTILE if type(one) in (int, bytes)]
_FEW = settings(
    max_examples=60,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)


@pytest.fixture
def laptop(small_county: County, make_laptop: LaptopMaker) -> Laptop:
    """Joined, with one household that the county has."""
    made = make_laptop(small_county)
    made.add_household(group_name="一社")
    made.sync()
    made.sync()
    return made


def _request(laptop: Laptop, **changes: Any) -> SyncRequest:
    link = find_link(laptop.workspace)
    assert link is not None
    honest = SyncRequest(
        PROTOCOL, link.device, link.incarnation, 1, link.acked_seq, link.head, link.cursor, 1, epoch=link.epoch
    )
    return replace(honest, **changes)


def _send(laptop: Laptop, request: SyncRequest, *, key: SigningKey | None = None) -> SyncAnswer:
    link = find_link(laptop.workspace)
    assert link is not None
    body = sign_request(key or link.key, request)
    return exchange(laptop.county.engine, body, clock=laptop.county.clock)


def _count(county: County) -> int:
    with county.engine.connect() as connection:
        return connection.scalar(select(func.count()).select_from(oplog)) or 0


def _rows(laptop: Laptop) -> list[tuple[Any, ...]]:
    return [(one.id, one.group_name) for one in laptop.all(Household)]


def _batch(laptop: Laptop, *operations: Operation, **changes: Any) -> dict[str, bytes]:
    link = find_link(laptop.workspace)
    assert link is not None
    seq = link.acked_seq + 1
    batch = Batch(
        laptop.workspace.village,
        link.device,
        link.incarnation,
        seq,
        seq + len(operations) - 1,
        FIRST_LINK,
        1,
        (transaction(*operations),),
    )
    frozen = freeze_batch(Batch(**{**batch.__dict__, **changes}))
    return {"batch": frozen, "signature": sign_batch(link.key, frozen)}


def test_any_number_or_bytes_in_a_request_are_answered_or_refused_in_words(laptop: Laptop) -> None:
    fields = [name for name in asdict(_request(laptop)) if name != "device"]
    before_all = _count(laptop.county)

    @_FEW
    @given(st.sampled_from(fields), st.sampled_from(_NUMBERS_AND_BYTES))
    def many(name: str, value: object) -> None:
        if isinstance(value, bytes) != isinstance(getattr(_request(laptop), name), bytes):
            return
        before = _count(laptop.county)
        with suppress(RequestRefusedError):
            _send(laptop, _request(laptop, **{name: value}))
        assert _count(laptop.county) == before

    many()
    laptop.add_household(group_name="二社")
    for _ in range(4):
        laptop.sync()
    assert _count(laptop.county) == before_all + 1


def test_a_device_that_tells_of_a_far_future_is_refused_and_moves_no_counter(laptop: Laptop) -> None:
    for changes in ({"epoch": (1 << 33) - 1}, {"cursor": (1 << 57) - 1}, {"epoch": 1 << 62}, {"cursor": 1 << 61}):
        with pytest.raises(RequestRefusedError) as refused:
            _send(laptop, _request(laptop, **changes))
        assert refused.value.status == 400
    with laptop.county.engine.connect() as connection:
        row = connection.execute(select(village.c.counter, village.c.epoch)).one()
    assert row.counter < 1 << 20
    assert row.epoch < 1 << 32


def _head(laptop: Laptop) -> bytes:
    with laptop.county.engine.connect() as connection:
        head: bytes = connection.scalars(select(device_chain.c.head)).all()[-1]
    return head


def test_another_village_s_rows_another_device_s_name_and_another_key_get_nothing(laptop: Laptop) -> None:
    add_village(laptop.county.engine, "532327101202", "别村", clock=laptop.county.clock)
    one = insert(find_link(laptop.workspace).acked_seq + 1, "household", row(7), group_name="别社")  # type: ignore[union-attr]
    before = _count(laptop.county)
    for changes in ({"village": "532327101202"}, {"device": 77}, {"incarnation": 9}):
        try:
            _send(laptop, _request(laptop, **_batch(laptop, one, previous=_head(laptop), **changes)))
        except RequestRefusedError as refused:
            assert refused.status < 500
    with pytest.raises(RequestRefusedError):
        _send(laptop, _request(laptop), key=SigningKey.generate())
    signed = _batch(laptop, one, previous=_head(laptop))
    with pytest.raises(RequestRefusedError):
        _send(laptop, _request(laptop, **{**signed, "signature": bytes(64)}))
    assert _count(laptop.county) == before


def test_a_batch_that_is_sent_again_and_again_counts_once(laptop: Laptop) -> None:
    one = insert(find_link(laptop.workspace).acked_seq + 1, "household", row(7), group_name="七社")  # type: ignore[union-attr]
    request = _request(laptop, **_batch(laptop, one, previous=_head(laptop)))
    before = _count(laptop.county)
    for _ in range(4):
        _send(laptop, request)
    assert _count(laptop.county) == before + 1


def test_a_hostile_answer_is_refused_in_words_and_changes_no_row(laptop: Laptop) -> None:
    link = find_link(laptop.workspace)
    assert link is not None
    good = _send(laptop, _request(laptop))
    before = _rows(laptop)
    fields = [name for name in asdict(good) if name not in ("status", "may_post", "more")]

    @_FEW
    @given(st.sampled_from(fields), st.sampled_from(_NUMBERS_AND_BYTES))
    def many(name: str, value: object) -> None:
        if isinstance(value, bytes) != isinstance(getattr(good, name), bytes):
            return
        current = find_link(laptop.workspace)
        assert current is not None
        with suppress(UserError):
            settle(laptop.workspace, current, replace(good, **{name: value}), None)
        assert _rows(laptop) == before

    many()


def test_a_stick_with_any_byte_changed_is_refused_in_words(laptop: Laptop, tmp_path: Path) -> None:
    laptop.add_household(group_name="三社")
    [path] = sticks.write(laptop, tmp_path / "stick")
    sticks.carry(laptop.county, path)
    back = sticks.answer(laptop.county, laptop, tmp_path / "stick")
    content = back.read_bytes()
    before = _rows(laptop)
    for place in range(0, len(content), max(len(content) // 25, 1)):
        back.write_bytes(content[:place] + bytes([content[place] ^ 0x41]) + content[place + 1 :])
        with pytest.raises(UserError):
            sticks.bring_back(laptop, back)
    assert _rows(laptop) == before
    back.write_bytes(content)
    sticks.bring_back(laptop, back)
    assert not sticks.bring_back(laptop, back).applied
