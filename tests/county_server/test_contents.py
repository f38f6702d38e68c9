"""Photos travel whole, by their hash, behind the operations."""

from __future__ import annotations

import hashlib

import pytest

from county_server.auth.tickets import admit_content_ticket
from county_server.problems import RequestRefusedError
from county_server.sync.blobs import get_content, keep_content
from desktop_app.sync.state import find_link
from tests.counties import County
from tests.laptops import LaptopMaker, sync_until_quiet
from tests.photos import attach
from village_core.exchange.messages import blob_ticket


def test_a_photo_taken_on_one_laptop_is_seen_on_the_other(county: County, make_laptop: LaptopMaker) -> None:
    first, second = make_laptop(county), make_laptop(county)
    content = bytes(range(256)) * 400
    sha256 = attach(first, content).original

    first.sync()
    second.sync()

    assert second.workspace.attachments.get(sha256) == content
    sync_until_quiet(first, second)
    assert first.sync().round_trips == 1


def test_a_photo_that_the_county_does_not_have_yet_comes_later(small_county: County, make_laptop: LaptopMaker) -> None:
    first, second = make_laptop(small_county), make_laptop(small_county)
    sha256 = attach(first, b"photo").original
    kept = first.workspace.attachments.path_of(sha256)
    away = kept.with_name("away")
    kept.rename(away)
    first.sync()
    second.sync()
    assert not second.workspace.attachments.has(sha256)

    away.rename(kept)
    first.sync()
    second.sync()

    assert second.workspace.attachments.get(sha256) == b"photo"


def test_the_county_keeps_no_content_under_a_wrong_hash_and_none_without_a_ticket(
    county: County, make_laptop: LaptopMaker
) -> None:
    laptop = make_laptop(county)
    link = find_link(laptop.workspace)
    assert link is not None
    sha256 = hashlib.sha256(b"one").hexdigest()
    ticket = blob_ticket(link.key, device=link.device, method="PUT", sha256=sha256)
    sender = admit_content_ticket(county.engine, ticket, method="PUT", parts={"sha256": sha256})

    with pytest.raises(RequestRefusedError):
        keep_content(county.engine, sender, sha256, content=b"other", clock=county.clock)
    with pytest.raises(RequestRefusedError):
        get_content(county.engine, sender, sha256)
    for forged in ("", "1.00", "x.y", ticket, "99" + ticket):
        with pytest.raises(RequestRefusedError):
            admit_content_ticket(county.engine, forged, method="GET", parts={"sha256": sha256})
