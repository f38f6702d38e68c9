"""Files that somebody brings: workbooks, pictures, key files, backups."""

from __future__ import annotations

import hashlib
import io
import json
import tempfile
import zipfile
from collections.abc import Callable
from functools import cache
from pathlib import Path

import xlsxwriter
from PIL import Image

from desktop_app.pdf_kit.scans import read_picture
from desktop_app.sheets.reader import read_sheet
from desktop_app.storage.container import check_container
from desktop_app.storage.copies import prepare_picture
from desktop_app.storage.key_file import Holder, KeyFile, Slot, read_key_file, write_key_file
from desktop_app.storage.key_wrapping import WRAPPED_BYTES, WrappedKey
from desktop_app.storage.restore_preview import made_words
from desktop_app.storage.workspace import ATTACHMENT_FOLDER, DATABASE_FILE, KEY_FILE
from tests.fuzz.door import Door, Start, corpus
from tests.fuzz.mutations import changed_bytes, changed_json, changed_zip
from village_core.domain.errors import UserError

HEADERS = ("姓名", "证件号码", "备注")
HEADERS = ("姓名", "证件号码", "备注")
SHEET = "xl/worksheets/sheet1.xml"


def _file(read: Callable[[Path], object], name: str) -> Callable[[bytes], object]:
    def given(data: bytes) -> object:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / name
            path.write_bytes(data)
            return read(path)

    return given


@cache
def workbook() -> bytes:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        sheet = book.add_worksheet("表")
        sheet.write_row(0, 0, HEADERS)
        sheet.write_row(1, 0, ["张梓", "532327196102110331", 12.5])
        sheet.merge_range(2, 0, 3, 0, "甲")
        sheet.write_formula(2, 1, "=A1", None, 3)
    return out.getvalue()


def _read_sheet(path: Path) -> object:
    return read_sheet(path, wanted_headers=HEADERS)


@cache
def pictures() -> list[bytes]:
    made = []
    for kind, mode in (("PNG", "RGBA"), ("PNG", "P"), ("PNG", "I;16"), ("JPEG", "RGB"), ("JPEG", "CMYK")):
        out = io.BytesIO()
        Image.new(mode, (60, 40)).save(out, kind, **({"progressive": True} if mode == "RGB" else {}))
        made.append(out.getvalue())
    return made


def _read_picture(data: bytes) -> object:
    try:
        kept: object = prepare_picture(data)
    except UserError:
        kept = None
    return kept, read_picture(data, name="照片")


@cache
def key_file() -> bytes:
    key = bytes(32)
    slot = Slot("ab", "person", WrappedKey(bytes(16), bytes(WRAPPED_BYTES)))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "key.json"
        write_key_file(path, KeyFile(()).with_slot(slot, Holder(""), key=key))
        return path.read_bytes()


def _resummed(data: bytes) -> bytes:
    """With a sum that fits, which a forger can make too."""
    plain = json.loads(data) if not data.startswith(b'{"keys":[[') else None
    if not isinstance(plain, dict) or "sum" not in plain:
        return data
    counted = {name: value for name, value in plain.items() if name != "sum"}
    told = hashlib.blake2b(json.dumps(counted, sort_keys=True).encode(), digest_size=16).hexdigest()
    return json.dumps({**counted, "sum": told}).encode()


def backup(manifest: bytes = b"") -> bytes:
    """The ZIP of a backup around any list."""
    files = {DATABASE_FILE: b"database", KEY_FILE: key_file(), f"{ATTACHMENT_FOLDER}/ab/" + "cd" * 32: b"photo"}
    hashes = {name: hashlib.sha256(content).hexdigest() for name, content in files.items()}
    listed = {"version": 2, "made_at": "2026-11-22T02:00:00+00:00", "files": hashes, "outside": {}, "seal": "00"}
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
        archive.writestr("manifest.json", manifest or json.dumps(listed).encode())
    return out.getvalue()


def _manifest() -> bytes:
    with zipfile.ZipFile(io.BytesIO(backup())) as archive:
        return archive.read("manifest.json")


def _read_backup(path: Path) -> object:
    return made_words(check_container(path).made_at)


def _as_sheet(xml: bytes) -> bytes:
    """The good workbook with another sheet in it, whose ZIP is sound."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(workbook())) as good, zipfile.ZipFile(out, "w") as made:
        for entry in good.infolist():
            made.writestr(entry.filename, xml if entry.filename == SHEET else good.read(entry))
    return out.getvalue()


def _sheet_xml() -> list[bytes]:
    with zipfile.ZipFile(io.BytesIO(workbook())) as good:
        return [good.read(SHEET)]


FILE_DOORS = {
    "sheet": Door(
        _file(_read_sheet, "表.xlsx"),
        (
            Start(changed_zip, lambda: [workbook()]),
            Start(changed_bytes, lambda: [workbook()]),
            Start(changed_bytes, _sheet_xml, _as_sheet),
        ),
        seconds=10,
        megabytes=500,
    ),
    "old-sheet": Door(
        _file(_read_sheet, "表.xls"),
        (Start(changed_bytes, lambda: corpus("old-sheet")),),
        seconds=10,
        megabytes=500,
    ),
    "picture": Door(_read_picture, (Start(changed_bytes, pictures),)),
    "key-file": Door(_file(read_key_file, "key.json"), (Start(changed_json, lambda: [key_file()], _resummed),)),
    "backup": Door(
        _file(_read_backup, "备份.tgbak"),
        (
            Start(changed_json, lambda: [_manifest()], backup),
            Start(changed_zip, lambda: [backup()]),
            Start(changed_bytes, lambda: [backup()]),
        ),
    ),
}
