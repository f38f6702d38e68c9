"""Scenario 23 with real processes, in a tenth of the time: photos on a line ten times as quick as 32 kbit/s, edits made
meanwhile; then an original over a line that is cut all the time."""

from __future__ import annotations

import threading
import time

from sqlalchemy import func, select

from county_server.tables import blob, oplog
from tests.fault_proxy import Faults
from tests.laptops import LaptopMaker
from tests.photos import attach, is_signed_for, noise
from tests.real_county import RealCounty
from village_core.records.households import Household

_MINUTE = 60 / 10
_LINE = Faults(kbit=320, rtt=0.05)
_CUT_EVERY = 300_000


def edits_at(county: RealCounty) -> int:
    edits = select(func.count()).select_from(oplog).where(oplog.c.table_name == "household", oplog.c.kind == "U")
    with county.engine.connect() as connection:
        return connection.scalar(edits) or 0


def copies_at(county: RealCounty) -> int:
    with county.engine.connect() as connection:
        return connection.scalar(select(func.count()).select_from(blob)) or 0


def test_edits_overtake_photos_that_already_wait_on_a_narrow_line(
    real_county: RealCounty, make_laptop: LaptopMaker
) -> None:
    laptop = real_county.laptop(make_laptop)
    household = laptop.add_household(head_name="李琼仙")
    laptop.sync()
    photos = [
        attach(laptop, noise(600_000, seed), medium=noise(60_000, 100 + seed), small=noise(15_000, 200 + seed))
        for seed in range(4)
    ]
    real_county.line.faults = _LINE
    exchanging = threading.Thread(target=laptop.sync)
    exchanging.start()
    while not copies_at(real_county):
        time.sleep(0.05)
    for remark in range(5):
        laptop.edit(Household, household, helper_name=f"帮扶{remark}")
    written_at = time.monotonic()
    while edits_at(real_county) < 5:
        time.sleep(0.05)
    took = time.monotonic() - written_at
    waited = sum(not is_signed_for(laptop, photo.medium or "") for photo in photos)
    exchanging.join()

    assert took < _MINUTE
    assert waited, "all photos were through before the edits were made"
    assert all(is_signed_for(laptop, name) for photo in photos for name in (photo.small, photo.medium) if name)
    assert not any(is_signed_for(laptop, photo.original) for photo in photos)


def test_an_original_comes_through_though_every_connection_is_cut(
    real_county: RealCounty, make_laptop: LaptopMaker
) -> None:
    laptop = real_county.laptop(make_laptop)
    laptop.sync()
    content = noise(900_000)
    photo = attach(laptop, content, medium=noise(60_000, 1), small=noise(15_000, 2))
    real_county.line.faults = Faults(cut_both=_CUT_EVERY, kbit=3_200)
    real_county.line.take()

    laptop.sync()

    traffic = real_county.line.take()
    assert is_signed_for(laptop, photo.original)
    with real_county.engine.connect() as connection:
        assert connection.scalar(select(blob.c.content).where(blob.c.sha256 == photo.original)) == content
    assert traffic.cuts >= len(content) // _CUT_EVERY - 1
    assert traffic.total <= 1.15 * (len(content) + 75_000)
