"""Operations as bytes: columns gathered by table, kind and column set, in msgpack, compressed with zstd.

Columns of one kind lie side by side, which is worth more than any cleverness: a village of 2,000 households is
about a tenth of its JSON. Decoding trusts nothing: sizes, shapes and types are checked before they are used.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate, pairwise
from typing import Annotated, Any, TypeVar
from uuid import UUID

import msgspec
import zstandard

from village_core.exchange.operations import Kind, Operation, Transaction
from village_core.exchange.values import Value

MAX_COMPRESSED = 16 << 20
MAX_PLAIN = 160 << 20
"""A whole import is one transaction and travels in one piece; these bounds stop a bomb, not a village."""
MOST_OPERATIONS = 500_000
MOST_VALUES = 10_000_000
"""Of all columns of one message. A byte of msgpack can become forty in memory, so bytes alone are no bound."""

_LEVEL_SMALL, _LEVEL_LARGE, _LARGE = 19, 9, 256 << 10
_FORMAT = 1
_TABLE_NAME = re.compile(r"[a-z_]{1,60}")
_LARGEST_NUMBER = 1 << 62
_MOST_GROUPS, _MOST_COLUMNS = 10_000, 500
_encoder = msgspec.msgpack.Encoder()

_Item = TypeVar("_Item")
_Many = Annotated[list[_Item], msgspec.Meta(max_length=MOST_OPERATIONS)]
_Heads = tuple[
    _Many[bytes], _Many[str], _Many[int], _Many[int], _Many[int], _Many[int], _Many[int], _Many[int], _Many[int]
]
_Groups = Annotated[list[msgspec.Raw], msgspec.Meta(max_length=_MOST_GROUPS)]
_Names = Annotated[list[str], msgspec.Meta(max_length=_MOST_COLUMNS)]
_Columns = Annotated[list[msgspec.Raw], msgspec.Meta(max_length=_MOST_COLUMNS)]
_decoder = msgspec.msgpack.Decoder(tuple[int, _Heads, _Groups, _Many[int], _Many[int]])
_group_decoder = msgspec.msgpack.Decoder(tuple[str, Kind, _Names, bytes, _Columns])
_plain_column = msgspec.msgpack.Decoder(bytes | _Many[None | bool | int | str])
_id_column = msgspec.msgpack.Decoder(_Many[None | bytes])


class DamagedMessageError(ValueError):
    """Bytes that are no message of ours, or too large to be one."""


NO_MESSAGE = (msgspec.MsgspecError, UnicodeError, RecursionError)
"""What msgspec says to bytes that are no message; of a text that is no UTF-8 it says so with Python's own error."""


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


def _unpack(raw: msgspec.Raw, count: int) -> list[Value]:
    column: Any
    try:
        column = _plain_column.decode(raw)
    except msgspec.ValidationError:
        column = _id_column.decode(raw)
    if isinstance(column, bytes):
        if len(column) != 16 * count:
            raise DamagedMessageError("a column of ids of another length")
        return [column[start : start + 16] for start in range(0, len(column), 16)]
    if len(column) != count:
        raise DamagedMessageError("a column of another length")
    found: list[Value] = column
    return found


def _decode(data: bytes) -> tuple[Transaction, ...]:
    version, heads, groups, order, differences = _decoder.decode(data)
    if version != _FORMAT:
        raise DamagedMessageError("an unknown format")
    streams, left = [], MOST_VALUES
    for group in groups:
        stream, left = _decode_group(group, left)
        streams.append(stream)
    numbers = list(accumulate(differences))
    if len(numbers) != len(order) or any(not 0 <= number < _LARGEST_NUMBER for number in numbers):
        raise DamagedMessageError("numbers and order disagree")
    if any(index < 0 for index in order):
        raise DamagedMessageError("an order of what is not there")
    operations = (
        Operation(number, kind, table, row_id, values)
        for number, (kind, table, row_id, values) in zip(
            numbers, (next(streams[index]) for index in order), strict=True
        )
    )
    transactions = tuple(_decode_heads(heads, operations))
    if any(True for _ in operations) or any(next(stream, None) is not None for stream in streams):
        raise DamagedMessageError("operations left over")
    return transactions


def _decode_heads(heads: Any, operations: Iterator[Operation]) -> Iterator[Transaction]:
    actors, reasons, counts, origins, clocks, actor_numbers, reason_numbers, bases, schemas = heads
    rows = zip(
        counts, origins, accumulate(clocks), actor_numbers, reason_numbers, accumulate(bases), schemas, strict=True
    )
    for count, origin, clock, actor, reason, base, schema in rows:
        bounded = max(clock, base) < _LARGEST_NUMBER and max(schema, origin) < 1 << 31 and origin >= -1
        if count < 1 or min(actor, reason, clock, base, schema) < 0 or not bounded:
            raise DamagedMessageError("a transaction out of bounds")
        text = reasons[reason]
        yield Transaction(
            origin=origin,
            clock=clock,
            actor=UUID(bytes=actors[actor]),
            reason=text.replace("\x00", ""),
            base=base,
            schema=schema,
            operations=tuple(next(operations) for _ in range(count)),
        )


def _decode_group(group: msgspec.Raw, left: int) -> tuple[Iterator[tuple[Kind, str, UUID, dict[str, Value]]], int]:
    """The operations of a group, and how many values there may still be in the message. `ids` is looked at first:
    it tells how long every column must be, before one of them takes memory."""
    table, kind, names, ids, columns = _group_decoder.decode(group)
    count = len(ids) // 16
    left -= count * (len(names) + 1)
    if len(ids) % 16 or len(names) != len(columns) or count > MOST_OPERATIONS or left < 0:
        raise DamagedMessageError("a group of another shape")
    if not _TABLE_NAME.fullmatch(table):
        raise DamagedMessageError("no name of a table")
    if len(set(names)) != len(names):
        raise DamagedMessageError("columns of the same name")
    rows: Iterable[tuple[Value, ...]] = (
        zip(*(_unpack(column, count) for column in columns), strict=True) if names else [()] * count
    )
    parsed = [
        (kind, table, UUID(bytes=ids[16 * number : 16 * number + 16]), dict(zip(names, row, strict=True)))
        for number, row in enumerate(rows)
    ]
    return iter(parsed), left


def _differences(numbers: Sequence[int]) -> list[int]:
    return [*numbers[:1], *(later - earlier for earlier, later in pairwise(numbers))]
