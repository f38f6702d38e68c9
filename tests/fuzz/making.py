"""Writes the corpus: small files, each named by what it tries. `python -m tests.fuzz.making` makes it anew."""

from __future__ import annotations

import io
import json
import struct
import zipfile
import zlib

import msgspec

from tests.fuzz.door import CORPUS
from tests.fuzz.file_doors import SHEET, backup, key_file, workbook
from village_core.exchange.codec import compress

_NO_HEADS: list[list[int]] = [[] for _ in range(9)]


def _with_sheet(change: tuple[bytes, bytes], *, name: str = "", content: bytes = b"") -> bytes:
    """The good workbook with another text in its sheet, or with one more entry."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(workbook())) as good, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        for entry in good.infolist():
            text = good.read(entry)
            made.writestr(entry.filename, text.replace(*change, 1) if entry.filename == SHEET else text)
        if name:
            made.writestr(name, content)
    return out.getvalue()


def _rows(*rows: bytes) -> tuple[bytes, bytes]:
    return b"</sheetData>", b"".join(rows) + b"</sheetData>"


def _png(width: int, height: int) -> bytes:
    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", zlib.compress(bytes(1000))) + chunk(b"IEND", b"")


def _key(**changes: object) -> bytes:
    plain = json.loads(key_file())
    plain["keys"][0] |= changes
    return json.dumps(plain).encode()


def _listed(**changes: object) -> bytes:
    with zipfile.ZipFile(io.BytesIO(backup())) as archive:
        plain = json.loads(archive.read("manifest.json"))
    return backup(json.dumps(plain | changes).encode())


def _body(*groups: object, order: object = (), numbers: object = ()) -> bytes:
    return msgspec.msgpack.encode([1, _NO_HEADS, list(groups), order, numbers])


def made() -> dict[str, bytes]:
    """Name → content. What would be large is packed, or tells of a size that it does not have."""
    far = b'<row r="1048576"><c r="XFD1048576" t="str"><v>x</v></c></row>'
    entity = b'<!DOCTYPE l [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;">]>'
    outside = b'<!DOCTYPE l [<!ENTITY a SYSTEM "file:///etc/passwd">]>'
    millions = b"".join(b"<row/>" * 10_000 for _ in range(100)) + b"<row><c><v>1</v></c></row>"
    merges = b"<mergeCells>" + b'<mergeCell ref="A1:A200000"/>' * 20_000 + b"</mergeCells></worksheet>"
    cost = {"time_cost": 20, "memory_cost": 1 << 30, "parallelism": 8}
    return {
        "sheet/good": workbook(),
        "sheet/a-cell-in-the-last-corner": _with_sheet(_rows(far)),
        "sheet/a-million-rows-without-numbers": _with_sheet(_rows(millions)),
        "sheet/a-bomb-of-entities": _with_sheet((b"<worksheet", entity + b"<worksheet")),
        "sheet/an-entity-that-names-a-file": _with_sheet((b"<worksheet", outside + b"<worksheet")),
        "sheet/a-merge-over-and-over": _with_sheet((b"</worksheet>", merges)),
        "sheet/a-name-that-leaves-the-folder": _with_sheet((b"", b""), name="../../../evil.xml", content=b"<a/>"),
        "sheet/a-bomb-of-zeros": _with_sheet((b"", b""), name="xl/media/a.png", content=bytes(8 << 20)),
        "sheet/a-web-page": b"<html><table><tr><td>=cmd|'/c calc'!A1</table>",
        "sheet/a-place-without-an-end": _with_sheet((b'r="A1"', b'r="' + b"Z" * 90 + b'1"')),
        "old-sheet/nothing-behind-the-mark": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504),
        "old-sheet/a-list-that-names-itself": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
        + bytes(22)
        + struct.pack("<HH", 9, 6)
        + bytes(34)
        + struct.pack("<I", 0)
        + bytes(1000),
        "picture/50000-by-50000.png": _png(50_000, 50_000),
        "picture/no-size.png": _png(0, 0),
        "picture/the-largest-size.png": _png(0x7FFFFFFF, 0x7FFFFFFF),
        "picture/a-script.svg": b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
        "picture/an-action.pdf": b"%PDF-1.7\n1 0 obj<</OpenAction<</S/Launch/F(calc.exe)>>>>endobj",
        "key-file/all-memory.json": _key(argon2id=cost),
        "key-file/no-salt.json": _key(salt=""),
        "key-file/deep.json": b'{"keys":' + b"[" * 100_000,
        "key-file/an-endless-cost.json": b'{"version":1,"keys":[{"salt":"","wrapped":"",'
        b'"argon2id":{"time_cost":1e999}}]}',
        "backup/a-name-that-leaves-the-folder.zip": _listed(files={"../../evil": "00"}),
        "backup/a-day-that-is-none.zip": _listed(made_at="9999-99-99"),
        "backup/a-deep-list.zip": backup(b"[" * 100_000),
        "backup/a-size-beyond-all.zip": _listed(outside={"attachments/ab/cd": 10**400}),
        "transactions/empty-maps": b"\x95\x01\xdd\x00\x10\x00\x00" + b"\x80" * 5000,
        "transactions/deep": b"\x91" * 100_000,
        "transactions/an-actor-that-is-text": msgspec.msgpack.encode(
            [1, [["x" * 16], [""], [1], [0], [1], [0], [0], [0], [1]], [["person", "D", [], bytes(16), []]], [0], [1]]
        ),
        "transactions/a-list-as-a-value": _body(["person", "I", ["name"], bytes(16), [[[[]] * 50]]]),
        "batch/a-frame-that-tells-of-gigabytes": b"\x28\xb5\x2f\xfd\xe0" + struct.pack("<Q", 1 << 40) + bytes(9),
        "batch/nothing": compress(b""),
        "text/an-address-with-a-user": "https://a@evil.cn@县.cn/".encode(),
        "text/a-number-of-5000-digits": b"9" * 5000 + b".ab",
    }


def main() -> None:
    for name, content in made().items():
        path = CORPUS / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


if __name__ == "__main__":
    main()
