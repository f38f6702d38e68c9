"""Every batch that the county kept is checked again; and how far our operations lie in a verified backup."""

from __future__ import annotations

from datetime import timedelta

from county_server.proof.histories import check_histories
from county_server.sync.durable import note_backup
from county_server.tables import batch, device, device_chain
from desktop_app.sync import state
from desktop_app.sync.outbox import freeze_next
from tests.counties import County
from tests.laptops import Laptop, LaptopMaker
from tests.workspaces import VILLAGE
from village_core.domain.clock import stamp_of


def sent_batches(county: County, make_laptop: LaptopMaker, *, count: int = 3) -> Laptop:
    laptop = make_laptop(county)
    for number in range(count):
        laptop.add_household(number=f"{number:04}", head_name="罗铉")
        laptop.sync()
    return laptop


def test_histories_that_are_whole_have_nothing_to_tell(small_county: County, make_laptop: LaptopMaker) -> None:
    sent_batches(small_county, make_laptop)

    assert check_histories(small_county.engine, VILLAGE) == ()


def test_a_batch_that_was_altered_swapped_or_lost_is_named(small_county: County, make_laptop: LaptopMaker) -> None:
    laptop = sent_batches(small_county, make_laptop)
    with small_county.engine.connect() as connection:
        rows = connection.execute(batch.select().order_by(batch.c.first_seq)).all()
    second = batch.c.first_seq == rows[1].first_seq

    def problem_after(change: object) -> str:
        with small_county.engine.begin() as connection:
            connection.execute(change)  # type: ignore[call-overload]
        (found,) = check_histories(small_county.engine, VILLAGE)
        with small_county.engine.begin() as connection:
            connection.execute(batch.delete().where(second))
            connection.execute(batch.insert().values(dict(rows[1]._mapping)))
            connection.execute(device_chain.update().values(last_seq=rows[2].last_seq, head=rows[2].hash))
        return str(found)

    changed = batch.update().where(second)
    assert "内容被动过" in problem_after(changed.values(content=rows[0].content))
    assert "签名不对" in problem_after(changed.values(signature=bytes(64)))
    assert "放错了地方" in problem_after(
        changed.values(content=rows[0].content, hash=rows[0].hash, signature=rows[0].signature)
    )
    assert "和前一批接不上" in problem_after(batch.delete().where(second))
    assert "最后一批不在" in problem_after(device_chain.update().values(head=bytes(32)))
    assert check_histories(small_county.engine, VILLAGE) == ()
    with small_county.engine.begin() as connection:
        connection.execute(device.update().values(public_key=bytes(laptop_key_of_another(laptop))))
    assert "签名不对" in check_histories(small_county.engine, VILLAGE)[0]


def laptop_key_of_another(laptop: Laptop) -> bytes:
    link = state.find_link(laptop.workspace)
    assert link is not None
    assert freeze_next(laptop.workspace, link) is None
    return bytes(range(32))


def test_durable_is_what_lies_in_a_noted_backup(small_county: County, make_laptop: LaptopMaker) -> None:
    laptop = sent_batches(small_county, make_laptop, count=1)
    first = laptop.workspace.state(state.ACKED_SEQ)
    assert laptop.workspace.state(state.DURABLE_SEQ) == first
    note_backup(small_county.engine, stamp_of(small_county.clock.now()), clock=small_county.clock)
    laptop.add_household(number="0009", head_name="备份以后")
    laptop.sync()

    assert laptop.workspace.state(state.DURABLE_SEQ) == first
    assert laptop.workspace.state(state.ACKED_SEQ) != first
    earlier = stamp_of(small_county.clock.now() - timedelta(days=1))
    note_backup(small_county.engine, earlier, clock=small_county.clock)
    laptop.sync()
    assert laptop.workspace.state(state.DURABLE_SEQ) == first
