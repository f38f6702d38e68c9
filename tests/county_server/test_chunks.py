"""Contents at the county: they go on after every cut and restart, two may send at once, nobody may send too much."""

from __future__ import annotations

import hashlib
import threading
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from county_server.auth.devices import KnownDevice, find_device
from county_server.engine import open_database
from county_server.problems import RequestRefusedError
from county_server.sync.chunks import Upload, list_states, read_chunks
from county_server.sync.content_room import ContentLimits
from county_server.tables import blob, blob_chunk, blob_upload
from desktop_app.storage.contents import count_waiting, doubt_receipts, want_content
from desktop_app.sync import state
from desktop_app.sync.state import find_link
from tests.counties import County
from tests.laptops import Laptop, LaptopMaker
from tests.photos import RoughLine, attach, is_signed_for, noise
from tests.workspaces import VILLAGE
from village_core.domain.clock import FixedClock
from village_core.domain.errors import UserError
from village_core.exchange.chunks import CHUNK_BYTES, count_chunks, iterate_chunks, mark_chunk, pack_chunks
from village_core.exchange.contents import Span
from village_core.exchange.messages import ProblemKind

_SIZE = 5 * CHUNK_BYTES + 100
_LIMITS = ContentLimits()


def sender_of(laptop: Laptop) -> KnownDevice:
    link = find_link(laptop.workspace)
    assert link is not None
    with laptop.county.engine.connect() as connection:
        return find_device(connection, link.device)


def begin(
    county: County,
    sender: KnownDevice,
    content: bytes,
    *,
    first: int = 0,
    behind: int | None = None,
    limits: ContentLimits = _LIMITS,
) -> Upload:
    span = Span(hashlib.sha256(content).hexdigest(), len(content), first, behind or count_chunks(len(content)))
    return Upload(county.engine, sender, span, limits=limits, clock=county.clock)


def count_rows(county: County) -> tuple[int, int, int]:
    """Whole contents, uploads, chunks."""
    with county.engine.connect() as connection:
        whole, uploads, chunks = (
            connection.scalar(select(func.count()).select_from(table)) or 0 for table in (blob, blob_upload, blob_chunk)
        )
    return whole, uploads, chunks


def test_an_upload_goes_on_after_a_cut_at_each_chunk_and_restarts_of_both_sides(
    county: County, make_laptop: LaptopMaker
) -> None:
    laptop = make_laptop(county)
    content = noise(_SIZE)
    photo = attach(laptop, content)
    line = RoughLine(county, cut_every=CHUNK_BYTES + 40)
    for _ in range(count_chunks(_SIZE) + 2):
        laptop.line = line
        try:
            laptop.sync()
        except UserError:
            laptop.workspace.engine.dispose()
            county.engine.dispose()
            continue
        break
    assert is_signed_for(laptop, photo.original)
    assert count_rows(county) == (1, 0, 0)
    assert line.chunk_bytes < _SIZE * 1.1


def test_a_download_goes_on_after_each_cut_and_a_restart(small_county: County, make_laptop: LaptopMaker) -> None:
    first, second = make_laptop(small_county), make_laptop(small_county)
    content = noise(9 * CHUNK_BYTES + 1)
    photo = attach(first, content)
    first.sync()
    second.workspace.set_state(state.CONTENT_SPEED, "1000")
    gets = 0
    for _ in range(9):
        line = second.line = RoughLine(small_county, speed=1_000)
        line.lose_get = 2
        try:
            second.sync()
        except UserError:
            second.workspace.engine.dispose()
        gets += line.gets
    assert second.workspace.attachments.get(photo.original) == content
    assert gets == 9, "five that came and four that were lost"
    assert not list((second.workspace.folder / "attachments" / "parts").iterdir())


def test_a_torn_or_foreign_partial_file_costs_its_tail_only(small_county: County, make_laptop: LaptopMaker) -> None:
    store = make_laptop(small_county).workspace.attachments
    content = noise(4 * CHUNK_BYTES)
    sha256, chunks = hashlib.sha256(content).hexdigest(), list(iterate_chunks(content))
    store.partial(sha256, len(content)).add(chunks[:3])
    path = next((store.path_of(sha256).parent.parent / "parts").iterdir())
    assert content[:64] not in path.read_bytes()
    path.write_bytes(path.read_bytes()[:-1])

    again = store.partial(sha256, len(content))
    assert again.count == 2
    again.add(chunks[2:])
    assert again.whole() == content
    path.write_bytes(bytes(100_000))
    assert store.partial(sha256, len(content)).count == 0


def test_a_damaged_chunk_is_refused_alone_and_what_came_before_it_stays(
    county: County, make_laptop: LaptopMaker
) -> None:
    sender = sender_of(make_laptop(county))
    content = noise(_SIZE)
    packed = bytearray(pack_chunks(iterate_chunks(content)))
    packed[3 * (CHUNK_BYTES + 16) + 20] ^= 1
    upload = begin(county, sender, content)
    upload.feed(bytes(packed))
    with pytest.raises(RequestRefusedError) as refused:
        upload.finish()
    assert refused.value.status == 422
    assert count_rows(county) == (0, 1, 3)

    again = begin(county, sender, content, first=3)
    again.feed(pack_chunks(list(iterate_chunks(content))[3:]))
    assert again.finish().receipt
    assert count_rows(county) == (1, 0, 0)


def test_two_laptops_that_send_the_same_content_at_once_help_each_other(
    county: County, make_laptop: LaptopMaker
) -> None:
    senders = [sender_of(make_laptop(county)) for _ in range(2)]
    content = noise(20 * CHUNK_BYTES)
    problems: list[BaseException] = []

    def send(sender: KnownDevice) -> None:
        engine = open_database(county.address)
        own = County(county.address, engine, county.clock)
        try:
            for first in range(0, 20, 4):
                upload = begin(own, sender, content, first=first, behind=first + 4)
                upload.feed(pack_chunks(list(iterate_chunks(content))[first : first + 4]))
                upload.finish()
        except BaseException as error:  # noqa: BLE001 - told by the test's own thread
            problems.append(error)
        finally:
            engine.dispose()

    threads = [threading.Thread(target=send, args=(sender,)) for sender in senders]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert not problems
    assert count_rows(county) == (1, 0, 0)
    span = Span(hashlib.sha256(content).hexdigest(), len(content), 18, 20)
    assert read_chunks(county.engine, senders[0], span) == pack_chunks(list(iterate_chunks(content))[18:])


def test_chunks_that_are_not_what_the_name_says_are_all_forgotten(county: County, make_laptop: LaptopMaker) -> None:
    sender = sender_of(make_laptop(county))
    content, forged = noise(3 * CHUNK_BYTES), noise(3 * CHUNK_BYTES, 1)
    span = Span(hashlib.sha256(content).hexdigest(), len(content), 0, 3)
    upload = Upload(county.engine, sender, span, limits=_LIMITS, clock=county.clock)
    upload.feed(pack_chunks(iterate_chunks(forged)))
    with pytest.raises(RequestRefusedError):
        upload.finish()
    assert count_rows(county) == (0, 0, 0)
    honest = begin(county, sender, content)
    honest.feed(pack_chunks(iterate_chunks(content)))
    assert honest.finish().receipt


def test_a_wrong_size_is_in_nobodys_way(small_county: County, make_laptop: LaptopMaker) -> None:
    laptop = make_laptop(small_county)
    sender = sender_of(laptop)
    content = noise(_SIZE)
    sha256 = hashlib.sha256(content).hexdigest()
    liar = Upload(small_county.engine, sender, Span(sha256, 32 << 20, 0, 1), limits=_LIMITS, clock=small_county.clock)
    liar.feed(mark_chunk(0, bytes(CHUNK_BYTES)) + bytes(CHUNK_BYTES))
    liar.finish()
    attach(laptop, content)
    laptop.sync()
    with small_county.engine.connect() as connection:
        assert list_states(connection, VILLAGE, [(sha256, 0)])[0].size == _SIZE


def test_a_village_that_is_full_and_a_device_with_too_much_unfinished_are_refused(
    small_county: County, make_laptop: LaptopMaker
) -> None:
    sender = sender_of(make_laptop(small_county))
    with pytest.raises(RequestRefusedError) as refused:
        begin(small_county, sender, noise(_SIZE), limits=ContentLimits(village_bytes=_SIZE - 1))
    assert refused.value.problem.kind is ProblemKind.VILLAGE_FULL
    limits = ContentLimits(village_bytes=2 * _SIZE, unfinished=1)
    begin(small_county, sender, noise(_SIZE, 1), limits=limits)
    with pytest.raises(RequestRefusedError) as refused:
        begin(small_county, sender, noise(100, 2), limits=limits)
    assert refused.value.problem.kind is ProblemKind.TOO_MANY_UNFINISHED
    with pytest.raises(RequestRefusedError) as refused:
        begin(small_county, sender, noise(_SIZE + 1, 2), limits=limits)
    assert refused.value.problem.kind is ProblemKind.VILLAGE_FULL

    later = County(small_county.address, small_county.engine, FixedClock(small_county.clock.now() + timedelta(days=2)))
    begin(later, sender, noise(100, 2), limits=limits)
    assert count_rows(small_county) == (0, 1, 0)


def test_a_full_village_stops_photos_only_and_the_laptop_says_so(
    small_county: County, make_laptop: LaptopMaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    laptop = make_laptop(small_county)
    photo = attach(laptop, noise(_SIZE))
    monkeypatch.setattr("tests.contents_at_county.ContentLimits", lambda: ContentLimits(village_bytes=10))
    report = laptop.sync()
    assert report.equal
    assert not is_signed_for(laptop, photo.original)
    assert "满了" in (laptop.workspace.state(state.CONTENT_PROBLEM) or "")
    monkeypatch.undo()
    laptop.sync()
    assert is_signed_for(laptop, photo.original)
    assert laptop.workspace.state(state.CONTENT_PROBLEM) == ""


def test_cuts_every_300_kb_waste_less_than_two_percent_of_a_photo(
    small_county: County, make_laptop: LaptopMaker
) -> None:
    laptop = make_laptop(small_county)
    laptop.workspace.set_state(state.ORIGINALS, state.ORIGINALS_ANY_LINE)
    size = 3 << 20
    photo = attach(laptop, noise(size))
    line = laptop.line = RoughLine(small_county, speed=8_000, cut_every=300_000)
    while not is_signed_for(laptop, photo.original):
        try:
            laptop.sync()
        except UserError:
            continue
    wasted = line.chunk_bytes / size - 1
    assert 0 < wasted < 0.02


def test_others_get_the_small_copy_at_once_and_what_they_open_next_time(
    small_county: County, make_laptop: LaptopMaker
) -> None:
    first, second = make_laptop(small_county), make_laptop(small_county)
    second.workspace.set_state(state.ORIGINALS, state.ORIGINALS_ANY_LINE)
    photo = attach(first, noise(500_000), medium=noise(50_000, 1), small=noise(9_000, 2))
    first.line = RoughLine(small_county, speed=4_000)
    first.sync()
    second.sync()
    here = second.workspace.attachments.has
    assert photo.small and photo.medium
    assert (here(photo.small), here(photo.medium), here(photo.original)) == (True, False, False)
    with first.workspace.reader() as reader:
        waiting = count_waiting(reader, first.workspace.attachments)
        assert (waiting.copies, waiting.originals) == (0, 1)
    with second.workspace.reader() as reader:
        assert count_waiting(reader, second.workspace.attachments).originals == 0

    assert want_content(second.workspace, photo.medium)
    assert want_content(second.workspace, photo.original)
    second.sync()
    assert here(photo.medium)
    assert not here(photo.original)
    first.line = RoughLine(small_county)
    first.workspace.set_state(state.CONTENT_MEASURED_AT, "0")
    first.sync()
    second.sync()
    assert here(photo.original)
    assert not want_content(second.workspace, photo.original)


def test_after_the_county_was_restored_its_receipts_are_asked_for_again(
    small_county: County, make_laptop: LaptopMaker
) -> None:
    laptop = make_laptop(small_county)
    photo = attach(laptop, noise(_SIZE))
    laptop.sync()
    assert is_signed_for(laptop, photo.original)
    with small_county.engine.begin() as connection:
        connection.execute(blob.delete())
    with laptop.workspace.engine.execution_options(write=True).begin() as connection:
        doubt_receipts(connection)
    assert not is_signed_for(laptop, photo.original)
    laptop.sync()
    assert is_signed_for(laptop, photo.original)
    assert count_rows(small_county) == (1, 0, 0)


def test_many_photos_pause_after_two_minutes_and_go_on_in_the_next_exchange(
    small_county: County, make_laptop: LaptopMaker
) -> None:
    laptop = make_laptop(small_county)
    laptop.workspace.set_state(state.ORIGINALS, state.ORIGINALS_ANY_LINE)
    photos = [attach(laptop, noise(300_000, seed)) for seed in range(4)]
    line = laptop.line = RoughLine(small_county, speed=4_000)
    line.deadline = 1e9
    laptop.sync()
    assert laptop.workspace.state(state.CONTENT_LEFT) == "1"
    assert 110 < line.seconds < 140
    assert [is_signed_for(laptop, photo.original) for photo in photos] == [True, False, False, False]
    line.deadline = None
    laptop.sync()
    assert laptop.workspace.state(state.CONTENT_LEFT) == ""
    assert all(is_signed_for(laptop, photo.original) for photo in photos)
    assert line.chunk_bytes < 4 * 300_000 * 1.003


@pytest.mark.parametrize("name", ["", "zz" * 32, "../../village.db", "ab", "A" * 64])
def test_a_row_that_names_no_content_stops_nobody(small_county: County, make_laptop: LaptopMaker, name: str) -> None:
    first, second = make_laptop(small_county), make_laptop(small_county)
    good = attach(first, noise(_SIZE), named=name)
    assert not first.workspace.attachments.has(name)
    first.sync()
    second.sync()
    assert good.small
    assert second.workspace.attachments.has(good.small)
