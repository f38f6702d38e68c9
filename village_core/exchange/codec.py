"""Operations as bytes: columns gathered by table, kind and column set, in msgpack, compressed with zstd.

Columns of one kind lie side by side, which is worth more than any cleverness: a village of 2,000 households is
about a tenth of its JSON. Decoding trusts nothing: sizes, shapes and types are checked before they are used.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate, pairwise
from typing import Any
from uuid import UUID

import msgspec
import zstandard

from village_core.exchange.operations import Kind, Operation, Transaction
from village_core.exchange.values import Value

MAX_COMPRESSED = 16 << 20
MAX_PLAIN = 160 << 20
"""A whole import is one transaction and travels in one piece; these bounds stop a bomb, not a village."""

_LEVEL_SMALL, _LEVEL_LARGE, _LARGE = 19, 9, 256 << 10
_FORMAT = 1
_TABLE_NAME = re.compile(r"[a-z_]{1,60}")
_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder()


class DamagedMessageError(ValueError):
    """Bytes that are no message of ours, or too large to be one."""


def compress(plain: bytes) -> bytes:
    """One zstd frame that tells its plain size and carries a checksum."""
    level = _LEVEL_SMALL if len(plain) < _LARGE else _LEVEL_LARGE
    return zstandard.ZstdCompressor(level=level, write_content_size=True, write_checksum=True).compress(plain)


def decompress(data: bytes, *, limit: int = MAX_PLAIN) -> bytes:
    """The plain bytes, if the frame is whole, tells its size, and this is not over `limit`."""
    try:
        size = zstandard.frame_content_size(data)
        if size < 0 or size > limit:
            raise DamagedMessageError("too large, or a size that is not told")
        plain = zstandard.ZstdDecompressor().decompress(data, allow_extra_data=False)
    except zstandard.ZstdError as error:
        raise DamagedMessageError(str(error)) from error
    if len(plain) != size:
        raise DamagedMessageError("cut short")
    return plain


def encode_transactions(transactions: Sequence[Transaction]) -> bytes:
    """The msgpack form, not yet compressed."""
    groups: dict[tuple[str, str, tuple[str, ...]], list[Operation]] = {}
    indexes: dict[tuple[str, str, tuple[str, ...]], int] = {}
    order: list[int] = []
    numbers: list[int] = []
    for transaction in transactions:
        for operation in transaction.operations:
            key = (operation.table, operation.kind.value, tuple(operation.values))
            order.append(indexes.setdefault(key, len(indexes)))
            groups.setdefault(key, []).append(operation)
            numbers.append(operation.number)
    body = (
        _FORMAT,
        _encode_heads(transactions),
        [_encode_group(key, operations) for key, operations in groups.items()],
        order,
        _differences(numbers),
    )
    return _encoder.encode(body)


def decode_transactions(data: bytes) -> tuple[Transaction, ...]:
    """The transactions; anything that does not fit raises `DamagedMessageError`."""
    try:
        return _decode(data)
    except (msgspec.MsgspecError, ValueError, TypeError, KeyError, IndexError, StopIteration, RuntimeError) as error:
        raise DamagedMessageError(str(error)) from error


def _encode_heads(transactions: Sequence[Transaction]) -> list[Any]:
    actors = list(dict.fromkeys(transaction.actor.bytes for transaction in transactions))
    reasons = list(dict.fromkeys(transaction.reason for transaction in transactions))
    actor_index = {actor: number for number, actor in enumerate(actors)}
    reason_index = {reason: number for number, reason in enumerate(reasons)}
    return [
        actors,
        reasons,
        [len(transaction.operations) for transaction in transactions],
        [transaction.origin for transaction in transactions],
        _differences([transaction.clock for transaction in transactions]),
        [actor_index[transaction.actor.bytes] for transaction in transactions],
        [reason_index[transaction.reason] for transaction in transactions],
        _differences([transaction.base for transaction in transactions]),
        [transaction.schema for transaction in transactions],
    ]


def _encode_group(key: tuple[str, str, tuple[str, ...]], operations: list[Operation]) -> list[Any]:
    table, kind, names = key
    ids = b"".join(operation.row_id.bytes for operation in operations)
    return [
        table,
        kind,
        list(names),
        ids,
        [_pack([operation.values[name] for operation in operations]) for name in names],
    ]


def _pack(values: list[Value]) -> Any:
    """A column; ids without gaps are joined into one string of bytes."""
    if values and all(isinstance(value, bytes) for value in values):
        return b"".join(value for value in values if isinstance(value, bytes))
    return values


def _unpack(column: Any, count: int) -> list[Value]:
    if isinstance(column, bytes):
        if len(column) != 16 * count:
            raise DamagedMessageError("a column of ids of another length")
        return [column[start : start + 16] for start in range(0, len(column), 16)]
    if not isinstance(column, list) or len(column) != count:
        raise DamagedMessageError("a column of another length")
    for value in column:
        if value is not None and not isinstance(value, bool | int | str | bytes):
            raise DamagedMessageError("a value of a kind that no column has")
    return column


def _decode(data: bytes) -> tuple[Transaction, ...]:
    version, heads, groups, order, differences = _decoder.decode(data)
    if version != _FORMAT:
        raise DamagedMessageError("an unknown format")
    streams = [_decode_group(group) for group in groups]
    numbers = list(accumulate(_integers(differences)))
    if len(numbers) != len(order):
        raise DamagedMessageError("numbers and order disagree")
    operations = (
        Operation(number, kind, table, row_id, values)
        for number, (kind, table, row_id, values) in zip(
            numbers, (next(streams[index]) for index in _integers(order)), strict=True
        )
    )
    transactions = tuple(_decode_heads(heads, operations))
    if any(True for _ in operations) or any(next(stream, None) is not None for stream in streams):
        raise DamagedMessageError("operations left over")
    return transactions


def _decode_heads(heads: Any, operations: Iterator[Operation]) -> Iterator[Transaction]:
    actors, reasons, counts, origins, clocks, actor_numbers, reason_numbers, bases, schemas = heads
    rows = zip(
        _integers(counts),
        _integers(origins),
        accumulate(_integers(clocks)),
        _integers(actor_numbers),
        _integers(reason_numbers),
        accumulate(_integers(bases)),
        _integers(schemas),
        strict=True,
    )
    for count, origin, clock, actor, reason, base, schema in rows:
        if count < 1 or min(actor, reason, clock, base, schema) < 0 or max(clock, base) >= 1 << 62 or schema >= 1 << 31:
            raise DamagedMessageError("a transaction out of bounds")
        text = reasons[reason]
        if not isinstance(text, str):
            raise DamagedMessageError("a reason that is no text")
        yield Transaction(
            origin=origin,
            clock=clock,
            actor=UUID(bytes=actors[actor]),
            reason=text.replace("\x00", ""),
            base=base,
            schema=schema,
            operations=tuple(next(operations) for _ in range(count)),
        )


def _decode_group(group: Any) -> Iterator[tuple[Kind, str, UUID, dict[str, Value]]]:
    table, kind, names, ids, columns = group
    if not isinstance(ids, bytes) or len(ids) % 16 or len(names) != len(columns):
        raise DamagedMessageError("a group of another shape")
    if not isinstance(table, str) or not _TABLE_NAME.fullmatch(table):
        raise DamagedMessageError("no name of a table")
    if not all(isinstance(name, str) for name in names) or len(set(names)) != len(names):
        raise DamagedMessageError("columns without a name")
    count = len(ids) // 16
    rows: Iterable[tuple[Value, ...]] = (
        zip(*(_unpack(column, count) for column in columns), strict=True) if names else [()] * count
    )
    parsed = [
        (Kind(kind), table, UUID(bytes=ids[16 * number : 16 * number + 16]), dict(zip(names, row, strict=True)))
        for number, row in enumerate(rows)
    ]
    return iter(parsed)


def _differences(numbers: Sequence[int]) -> list[int]:
    return [*numbers[:1], *(later - earlier for earlier, later in pairwise(numbers))]


def _integers(values: Any) -> list[int]:
    if not isinstance(values, list) or not all(type(value) is int for value in values):
        raise DamagedMessageError("numbers expected")
    return values
