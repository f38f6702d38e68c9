"""Receipts at the county: given with an answer, found again by the code on the printed sheet."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Connection, Engine, ScalarSelect, bindparam, func, insert, select

from county_server.auth.identity import load_keys
from county_server.tables import county_metadata, given_receipt
from village_core.domain.clock import Clock, stamp
from village_core.domain.errors import ProblemOutsideError, RefusedError
from village_core.exchange.codec import DamagedMessageError
from village_core.exchange.receipts import (
    CODE_LETTERS,
    COUNTED,
    Receipt,
    check_code,
    open_receipt,
    pack_receipt,
    read_own_note,
    sign_receipt,
    typed_code,
    unpack_receipt,
)

# Built once, since every turn in which something moved asks them.
_GIVEN = select(given_receipt.c.content).where(
    given_receipt.c.village == bindparam("of"), given_receipt.c.code == bindparam("code")
)
_GIVE = insert(given_receipt)


def _standing(name: str) -> ScalarSelect[int]:
    """How many rows of a table stand: not joined to another one and not closed."""
    table = county_metadata.tables[name]
    query = select(func.count()).select_from(table).where(table.c.village == bindparam("of"))
    for column in ("merged_into", "closed_on"):
        if column in table.columns:
            query = query.where(table.c[column].is_(None))
    return query.scalar_subquery()


_COUNT_STANDING = select(*(_standing(name).label(name) for name in COUNTED))


def give_receipt(
    connection: Connection,
    *,
    village: str,
    device: int,
    incarnation: int,
    acked_seq: int,
    number: int,
    root: bytes,
    epoch: int,
    clock: Clock,
) -> bytes:
    """A signed receipt on the village as it is in this transaction, and a note of it for `find_receipt`."""
    signed = sign_receipt(
        load_keys(connection).signing,
        Receipt(
            village=village,
            device=device,
            incarnation=incarnation,
            acked_seq=acked_seq,
            number=number,
            root=root,
            time=int(clock.now().timestamp() * 1000),
            epoch=epoch,
            counts=list(connection.execute(_COUNT_STANDING, {"of": village}).one()),
        ),
    )
    code = check_code(signed.content)
    if connection.scalar(_GIVEN, {"of": village, "code": code}) is None:
        row = {"village": village, "code": code, "content": signed.content, "given_at": stamp(clock)}
        connection.execute(_GIVE, row)
    return pack_receipt(signed)


def find_receipt(engine: Engine, village: str, typed: str) -> Receipt:
    """The receipt behind a code that somebody read from a printed sheet."""
    code = typed_code(typed)
    if len(code) != CODE_LETTERS:
        raise RefusedError(f"核对码应是 {CODE_LETTERS} 位，现在是“{typed}”。", next_step="请对照核对单再输一次。")
    with engine.connect() as connection:
        content = connection.scalar(_GIVEN, {"of": village, "code": code})
    if content is None:
        raise RefusedError(
            "县里没有开过这个核对码。",
            safe="没有改动任何资料。",
            next_step="请核对村的代码和核对码；两年以前的核对单，或县里从备份恢复过的，"
            "请用 receipt check 核对那台电脑上的回执文件。",
        )
    return read_own_note(content)


def check_receipt_file(engine: Engine, path: Path) -> Receipt:
    """What a receipt file says, if it bears this county's signature."""
    try:
        signed = unpack_receipt(path.read_bytes())
    except OSError as error:
        raise ProblemOutsideError(f"读不出 {path.name}。", next_step="请检查文件的位置。") from error
    except DamagedMessageError as error:
        raise RefusedError(f"{path.name} 不是回执文件。", next_step="请换成那台电脑导出的回执文件。") from error
    with engine.connect() as connection:
        key = load_keys(connection).signing.verify_key
    opened = open_receipt(signed, key)
    if opened is None:
        raise RefusedError(
            f"{path.name} 不是本县开出的，或者被改动过。",
            safe="没有改动任何资料。",
            next_step="请向那台电脑的经办人再要一份。",
        )
    return opened
