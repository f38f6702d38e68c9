"""Sticks for tests: laptops and counties that write and read files instead of calling each other."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

from msgspec.structs import replace
from nacl.signing import SigningKey

from county_server.sync.bundle_answers import write_answer
from county_server.sync.bundles import PartReport, read_bundle
from county_server.sync.snapshots import FAR_BEHIND
from desktop_app.sync import bundle, bundle_reading
from desktop_app.sync.bundle_report import ReadBundle
from desktop_app.sync.state import find_link
from tests.counties import County
from tests.laptops import Laptop
from village_core.exchange.bundle import SUITE, Header, Kind, write_part


def write(laptop: Laptop, stick: Path, *, part_limit: int = 1 << 30) -> list[Path]:
    """Everything that waits on the laptop, written to the stick."""
    stick.mkdir(exist_ok=True)
    return list(bundle.write_bundle(laptop.workspace, stick, part_limit=part_limit).paths)


def carry(county: County, *files: Path) -> list[PartReport]:
    """Read by the county, one after the other."""
    return [report for file in files for report in read_bundle(county.engine, file, clock=county.clock)]


def answer(county: County, laptop: Laptop, stick: Path, *, far: int = FAR_BEHIND) -> Path:
    """The county's way back for the laptop."""
    link = laptop.workspace.state("device")
    assert link is not None
    [written] = write_answer(county.engine, int(link), stick, clock=county.clock, far=far)
    return written.path


def bring_back(laptop: Laptop, file: Path) -> ReadBundle:
    return bundle_reading.read_bundle(laptop.workspace, file)


def round_trip(laptop: Laptop, stick: Path) -> ReadBundle:
    """To the county and back."""
    carry(laptop.county, *write(laptop, stick))
    return bring_back(laptop, answer(laptop.county, laptop, stick))


def part_with(laptop: Laptop, *, signed_by_another: bool = False, **changes: Any) -> bytes:
    """A file of one empty part whose header says something else than it should, locked for the county all the same."""
    link = find_link(laptop.workspace)
    assert link is not None
    header = Header(
        suite=SUITE,
        bundle=bytes(16),
        part=1,
        parts=1,
        recipients=[link.county_recipient],
        village=laptop.workspace.village,
        device=link.device,
        incarnation=link.incarnation,
        first_seq=0,
        last_seq=0,
        previous=link.head,
        cursor=0,
        root=b"",
        schema=1,
        made=0,
        operations=0,
    )
    named = replace(header, **changes)
    key = SigningKey.generate() if signed_by_another else link.key
    sink = io.BytesIO()
    write_part(sink, Kind.TO_COUNTY, named, messages=[], contents=[], key=key, locked_for=[link.county_recipient])
    return sink.getvalue()
