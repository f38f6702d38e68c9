"""Photos for tests of the exchange, and a line that is slow, is cut, or damages what it carries."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from county_server.problems import RequestRefusedError
from desktop_app.storage.contents import has_receipt
from desktop_app.sync import words
from tests.contents_at_county import answer_content_request
from tests.counties import County
from tests.laptops import DirectLine, Laptop
from village_core.domain.ids import new_id
from village_core.exchange.messages import BLOB_PATH, SYNC_PATH, encode
from village_core.records.attachments import Attachment


@dataclass(frozen=True)
class Photo:
    """The names of a photo's contents."""

    original: str
    medium: str | None
    small: str | None


def noise(size: int, seed: int = 0) -> bytes:
    """Bytes that nothing can make shorter, the same for the same seed."""
    return hashlib.shake_128(seed.to_bytes(8, "big")).digest(size)


def attach(
    laptop: Laptop,
    content: bytes,
    *,
    medium: bytes | None = None,
    small: bytes | None = None,
    title: str = "房屋",
    named: str | None = None,
) -> Photo:
    """A photo of some household, with the copies that are given. With `named` the row names that in place of the
    original, which is then the small copy."""
    store = laptop.workspace.attachments
    photo = Photo(store.put(content), medium and store.put(medium), small and store.put(small))
    if named is not None:
        photo = Photo(named, None, photo.original)
    laptop.do(
        lambda uow: uow.session.add(
            Attachment(
                village=uow.village,
                id=new_id(),
                owner_kind="household",
                owner_id=new_id(),
                kind="other",
                title=title,
                media_type="image/jpeg",
                size=len(content),
                sha256=photo.original,
                small_sha256=photo.small,
                medium_sha256=photo.medium,
                made_at="2026-11-22T02:00:00.000Z",
                made_by=uow.actor.person_id,
            )
        )
    )
    return photo


def is_signed_for(laptop: Laptop, sha256: str) -> bool:
    with laptop.workspace.engine.connect() as connection:
        return has_receipt(connection, sha256)


class RoughLine(DirectLine):
    """`speed` in bytes a second with half a second a turn, on a clock of its own; a cut after each `cut_every` bytes of
    chunks sent; `spoil` may change what arrives; `before_put` sees the number of each PUT; the answer to GET number
    `lose_get` is lost."""

    def __init__(self, county: County, *, speed: float = 0, cut_every: int = 0) -> None:
        super().__init__(county)
        self.speed = speed
        self.cut_every = cut_every
        self.spoil: Callable[[bytes], bytes] = lambda body: body
        self.before_put: Callable[[int], None] = lambda number: None
        self.seconds = 0.0
        self.puts = 0
        self.gets = 0
        self.lose_get = 0
        self.chunk_bytes = 0
        self.calls: list[tuple[float, str, str]] = []
        self._until_cut = cut_every

    def now(self) -> float:
        return self.seconds

    def _turn(self, method: str, path: str, body: bytes, *, ticket: str, **piece: Any) -> tuple[int, bytes]:
        self.calls.append((self.seconds, method, path))
        if method == "PUT" and path.startswith(BLOB_PATH):
            self.puts += 1
            self.before_put(self.puts)
            status, answer = self._put(path, body, ticket)
        else:
            status, answer = super()._turn(method, path, body, ticket=ticket, **piece)
            self.gets += method == "GET"
            if method == "GET" and self.gets == self.lose_get:
                raise words.line_cut()
        if self.speed:
            self.seconds += 0.5 + (len(body) + len(answer)) / self.speed
        return status, answer

    def _put(self, path: str, body: bytes, ticket: str) -> tuple[int, bytes]:
        arrived = None
        if self.cut_every and self._until_cut < len(body):
            arrived, self._until_cut = self._until_cut, self.cut_every
        elif self.cut_every:
            self._until_cut -= len(body)
        self.sent(arrived if arrived is not None else len(body))
        self.chunk_bytes += arrived if arrived is not None else len(body)
        try:
            status, answer = answer_content_request(
                self._county.engine,
                "PUT",
                path,
                body=self.spoil(body),
                ticket=ticket,
                clock=self._county.clock,
                arrived=arrived,
            )
        except RequestRefusedError as refusal:
            return refusal.status, encode(refusal.problem)
        if arrived is not None:
            raise words.line_cut()
        return status, answer

    def turns_with(self, path: str = SYNC_PATH) -> list[float]:
        """When requests of this path were begun."""
        return [at for at, _, called in self.calls if called == path]
