"""Hostile variants of good input: one part of the structure replaced, or a few bytes; drawn by Hypothesis."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from random import Random
from typing import Any

import msgspec
from hypothesis import strategies as st

Path = tuple[Any, ...]

_NAMES = [
    "../../etc/passwd",
    "C:\\con",
    "=1+1",
    "@SUM(A1)",
    "甲\u202e乙",
    "甲\nERROR 已经转账",
    "\x00",
    "\ufffd",
    "9" * 400,
]
_DATES = ["0000-00-00", "9999-12-31", "2026-13-45", "-001-01-01"]
_NUMBERS = [-1, 0, 1, 2**31, 2**62, 2**63 - 1, -(2**63), 2**64 - 1]
_PLAIN: list[Any] = [
    None,
    True,
    "",
    "x" * 5000,
    b"",
    bytes(15),
    bytes(16),
    b"\xff" * 4000,
    1.5,
    [],
    {},
    [[[[]]]],
    ["a"] * 300,
]
HOSTILE: list[Any] = [*_NAMES, *_DATES, *_NUMBERS, *_PLAIN]
_FOR_JSON = [one for one in HOSTILE if not isinstance(one, bytes)] + [float("inf"), "\ud800", 10**400]


def changed_bytes(seeds: list[bytes]) -> st.SearchStrategy[bytes]:
    """Bytes flipped, cut out, doubled or put in; or nothing but noise."""
    return _changed_bytes(seeds) | st.binary(max_size=200)


@st.composite
def _changed_bytes(draw: st.DrawFn, seeds: list[bytes]) -> bytes:
    data = bytearray(draw(st.sampled_from(seeds)))
    for _ in range(draw(st.integers(1, 4))):
        place = draw(st.integers(0, max(len(data) - 1, 0)))
        span = draw(st.integers(1, 40))
        deed = draw(st.sampled_from(["flip", "cut", "twice", "put", "end"]))
        if deed == "flip" and data:
            data[place] ^= draw(st.integers(1, 255))
        elif deed == "cut":
            del data[place : place + span]
        elif deed == "twice":
            data[place:place] = data[place : place + span]
        elif deed == "put":
            data[place:place] = draw(st.binary(min_size=1, max_size=8))
        else:
            del data[place:]
    return bytes(data)


def changed_message(seeds: list[bytes]) -> st.SearchStrategy[bytes]:
    """msgpack with one part replaced."""
    trees = [msgspec.msgpack.decode(seed) for seed in seeds]
    return _changed_tree(trees, HOSTILE).map(msgspec.msgpack.encode)


def changed_json(seeds: list[bytes]) -> st.SearchStrategy[bytes]:
    """The same for JSON, which can be deep and can hold numbers and half characters that msgpack cannot."""
    trees = [json.loads(seed) for seed in seeds]
    deep = st.integers(10, 5000).map(lambda depth: b'{"keys":' + b"[" * depth + b"]" * depth + b"}")
    return _changed_tree(trees, _FOR_JSON).map(lambda tree: json.dumps(tree).encode()) | deep


def change_once(change: Callable[..., object], data: bytes, random: Random) -> bytes:
    """One part of a message or of JSON replaced, for an engine that brings its own chance; other bytes stay."""
    with suppress(msgspec.MsgspecError, ValueError, RecursionError, TypeError):
        if change is changed_message:
            return msgspec.msgpack.encode(_replaced_once(msgspec.msgpack.decode(data), HOSTILE, random))
        if change is changed_json:
            return json.dumps(_replaced_once(json.loads(data), _FOR_JSON, random)).encode()
    return data


def _replaced_once(tree: Any, hostile: list[Any], random: Random) -> Any:
    return _replaced(tree, random.choice(list(_paths(tree))), random.choice(hostile))


@st.composite
def _changed_tree(draw: st.DrawFn, trees: list[Any], hostile: list[Any]) -> Any:
    tree = draw(st.sampled_from(trees))
    for _ in range(draw(st.integers(1, 2))):
        path = draw(st.sampled_from(list(_paths(tree))))
        tree = _replaced(tree, path, draw(st.sampled_from(hostile)))
    return tree


def _paths(tree: Any, here: Path = ()) -> Iterator[Path]:
    yield here
    parts = tree.items() if isinstance(tree, dict) else enumerate(tree) if isinstance(tree, list) else ()
    for key, part in parts:
        yield from _paths(part, (*here, key))


def _replaced(tree: Any, path: Path, value: Any) -> Any:
    if not path:
        return value
    head, rest = path[0], path[1:]
    if isinstance(tree, dict):
        return {**tree, head: _replaced(tree[head], rest, value)}
    return [_replaced(part, rest, value) if place == head else part for place, part in enumerate(tree)]


@st.composite
def changed_zip(draw: st.DrawFn, seeds: list[bytes]) -> bytes:
    """A ZIP in which one entry has other bytes or another name, or stands twice."""
    with zipfile.ZipFile(io.BytesIO(draw(st.sampled_from(seeds)))) as archive:
        entries = [(info, archive.read(info)) for info in archive.infolist()]
    chosen = draw(st.integers(0, len(entries) - 1))
    name, content = entries[chosen][0].filename, entries[chosen][1]
    deed = draw(st.sampled_from(["bytes", "bytes", "words", "name", "twice", "gone"]))
    if deed == "bytes":
        content = draw(_changed_bytes([content]))
    elif deed == "words":
        for found, put in draw(st.lists(st.sampled_from(_XML), min_size=1, max_size=2)):
            content = content.replace(found, put, 1)
    elif deed == "name":
        name = draw(st.sampled_from(["../" + name, "/" + name, "C:\\" + name, name.upper(), "xl/workbook.bin", "a\0b"]))
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for place, (info, kept) in enumerate(entries):
            if place != chosen:
                archive.writestr(info.filename, kept, info.compress_type)
            elif deed != "gone":
                archive.writestr(name, content, info.compress_type)
        if deed == "twice":
            archive.writestr(name + " ", content, entries[chosen][0].compress_type)
    return out.getvalue()


_XML = [
    (b'r="A1"', b'r="XFD1048576"'),
    (b'r="B2"', b'r="ZZZZZZ999999999"'),
    (b'r="B2"', b'r="B99999999999999999999"'),
    (b'r="2"', b'r="4294967295"'),
    (b'r="2"', b'r="0"'),
    (b"<sheetData>", b'<sheetData><row r="200000"><c r="A200000"><v>1</v></c></row>'),
    (b"<v>0</v>", b"<v>4294967296</v>"),
    (b"<v>0</v>", b"<v>-1</v>"),
    (b"<v>1</v>", b"<v>NaN</v>"),
    (b'ref="', b'ref="XFD9999999:'),
    (b'ref="', b'ref="A0:'),
    (b"?>", b'?><!DOCTYPE a [<!ENTITY x "' + b"y" * 50 + b'"><!ENTITY z "&x;&x;&x;">]>'),
    (b"?>", b'?><!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]>'),
    (b"</worksheet>", b'<mergeCells><mergeCell ref="A1:XFD1048576"/></mergeCells></worksheet>'),
    (b"</t>", b"&#x202e;&#0;</t>"),
    (b'encoding="UTF-8"', b'encoding="UTF-16"'),
]
