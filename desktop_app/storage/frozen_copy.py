"""A database file that nobody writes to: opened read-only to prove it and to count what it holds."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlcipher3.dbapi2
from sqlalchemy import Connection, create_engine, func, inspect, select, text
from sqlalchemy.pool import StaticPool

from desktop_app.storage.problems import DamagedDatabaseError, explained
from village_core.domain.errors import ProblemOutsideError
from village_core.exchange.change_log import log_seal
from village_core.records.attachments import Attachment
from village_core.records.households import Household, Person
from village_core.records.ledger import Voucher
from village_core.records.relief import ReliefCase


@dataclass(frozen=True)
class Counts:
    """How many records of each kind a workspace or a backup holds."""

    households: int
    persons: int
    vouchers: int
    cases: int
    photos: int

    @property
    def words(self) -> str:
        return (
            f"{self.households:,} 户、{self.persons:,} 人、{self.vouchers:,} 张凭证、"
            f"{self.cases:,} 件救助、{self.photos:,} 张照片"
        )


@contextmanager
def frozen_copy(path: Path, key: bytes, *, immutable: bool = True) -> Iterator[Connection]:
    """A connection that cannot change the file, not even its journal. Not `immutable`: one that others may write to."""

    def connect() -> Any:
        link = sqlcipher3.dbapi2.connect(
            f"{path.absolute().as_uri()}?mode=ro{'&immutable=1' if immutable else ''}",
            uri=True,
            check_same_thread=False,
        )
        link.execute(f"PRAGMA key = \"x'{key.hex()}'\"")
        return link

    engine = create_engine("sqlite://", creator=connect, poolclass=StaticPool, hide_parameters=True)
    try:
        with explained(), engine.connect() as connection:
            yield connection
    except sqlcipher3.dbapi2.DatabaseError as error:  # before SQLAlchemy has the connection in hand
        raise ProblemOutsideError(
            "资料文件打不开：口令与它不符，或文件已损坏。", safe="原来的资料都在。", next_step="请换一份备份再试。"
        ) from error
    finally:
        engine.dispose()


def prove_copy(connection: Connection) -> None:
    """Every page as it was written, every index fits its table; otherwise `DamagedDatabaseError`."""
    broken_page = connection.execute(text("PRAGMA cipher_integrity_check")).first()
    if broken_page is not None or connection.scalar(text("PRAGMA integrity_check")) != "ok":
        raise DamagedDatabaseError(
            "备份里的资料库检查没有通过。",
            safe="原来的资料和以前的备份都在。",
            next_step="请再备份一次，或换一份备份。",
        )


def count_records(connection: Connection) -> Counts:
    """Rows of an older program's database are counted as far as it has the tables."""
    there = set(inspect(connection).get_table_names())

    def count(record: type[Any]) -> int:
        if record.__tablename__ not in there:
            return 0
        return connection.scalar(select(func.count()).select_from(record)) or 0

    return Counts(
        households=count(Household),
        persons=count(Person),
        vouchers=count(Voucher),
        cases=count(ReliefCase),
        photos=count(Attachment),
    )


def has_seal(connection: Connection, seal: tuple[int, str]) -> bool:
    """Whether the chain of this copy went through that seal."""
    found = connection.scalars(select(log_seal.c.hash).where(log_seal.c.last_seq == seal[0])).all()
    return seal == (0, "") or seal[1] in found


def opens_with(path: Path, key: bytes) -> bool:
    """Whether `key` is the one of this database file."""
    try:
        with frozen_copy(path, key, immutable=False) as connection:
            connection.scalar(text("SELECT count(*) FROM sqlite_master"))
    except ProblemOutsideError:
        return False
    return True
