"""Many photos wait on a line of 32 kbit/s and edits are made meanwhile; then chunks are cut off and damaged."""

from __future__ import annotations

from sqlalchemy import func, select

from county_server.tables import blob, oplog
from tests.counties import County
from tests.laptops import LaptopMaker
from tests.photos import RoughLine, attach, is_signed_for, noise
from village_core.domain.errors import UserError
from village_core.records.households import Household

_LINE_32_KBIT = 4_000.0
_OFFICE = 2_000_000.0


def test_edits_made_after_many_photos_reach_the_county_within_a_minute(
    small_county: County, make_laptop: LaptopMaker
) -> None:
    laptop = make_laptop(small_county)
    household = laptop.add_household(head_name="李琼仙")
    photos = [
        attach(
            laptop,
            noise(600_000, seed),
            medium=noise(60_000, 1000 + seed),
            small=noise(15_000, 2000 + seed),
            title=f"第{seed}张",
        )
        for seed in range(6)
    ]
    line = laptop.line = RoughLine(small_county, speed=_LINE_32_KBIT)
    written_at: list[float] = []

    def edit_meanwhile(number: int) -> None:
        if number == 9:
            for remark in range(5):
                laptop.edit(Household, household, helper_name=f"帮扶{remark}")
            written_at.append(line.seconds)

    line.before_put = edit_meanwhile
    laptop.sync()

    arrived_at = next(at for at in line.turns_with() if at > written_at[0])
    assert arrived_at - written_at[0] < 60
    with small_county.engine.connect() as connection:
        edits = select(func.count()).select_from(oplog).where(oplog.c.table_name == "household", oplog.c.kind == "U")
        assert connection.scalar(edits) == 5
    assert all(is_signed_for(laptop, name) for photo in photos for name in (photo.small, photo.medium) if name)
    assert not any(is_signed_for(laptop, photo.original) for photo in photos)
    first_medium = next(at for at, name in enumerate(_puts(line)) if name == photos[0].medium)
    assert {photo.small for photo in photos} <= set(_puts(line)[:first_medium])


def test_an_original_goes_on_where_it_was_cut_and_is_kept_until_the_county_has_signed(
    small_county: County, make_laptop: LaptopMaker
) -> None:
    laptop = make_laptop(small_county)
    content = noise(600_000)
    photo = attach(laptop, content, medium=noise(40_000, 1), small=noise(9_000, 2))
    line = laptop.line = RoughLine(small_county, speed=_OFFICE, cut_every=150_000)
    spoiled: list[int] = []

    def spoil_once(body: bytes) -> bytes:
        if not spoiled and len(body) > 60_000:
            spoiled.append(len(body))
            return body[:50_000] + bytes([body[50_000] ^ 1]) + body[50_001:]
        return body

    line.spoil = spoil_once
    for _ in range(12):
        try:
            laptop.sync()
            break
        except UserError:
            assert laptop.workspace.attachments.get(photo.original) == content
            assert not is_signed_for(laptop, photo.original)

    assert spoiled
    assert is_signed_for(laptop, photo.original)
    assert laptop.workspace.attachments.get(photo.original) == content
    with small_county.engine.connect() as connection:
        assert connection.scalar(select(blob.c.content).where(blob.c.sha256 == photo.original)) == content
    assert line.chunk_bytes < 2 * len(content)


def _puts(line: RoughLine) -> list[str]:
    return [path.split("/")[3] for _, method, path in line.calls if method == "PUT"]
