"""The plain layer of a PDF file: numbered objects, streams, the cross-reference table."""

from __future__ import annotations

import hashlib
import zlib


def number(value: float) -> str:
    """A number as short as it may be: three decimals, no trailing zeros, never an exponent."""
    text = f"{value:.3f}".rstrip("0").rstrip(".")
    return "0" if text in ("-0", "") else text


def text_string(text: str) -> str:
    """A text for people (titles), in UTF-16 as hexadecimal."""
    return f"<FEFF{text.encode('utf-16-be').hex().upper()}>"


class ObjectFile:
    """Numbered objects, put in any order."""

    def __init__(self) -> None:
        self._bodies: list[bytes | None] = []

    def reserve(self) -> int:
        """A number for an object that comes later."""
        self._bodies.append(None)
        return len(self._bodies)

    def put(self, at: int, body: str | bytes) -> None:
        """Give a reserved number its object."""
        self._bodies[at - 1] = body.encode("latin-1") if isinstance(body, str) else body

    def add(self, body: str | bytes) -> int:
        """A new object; its number comes back."""
        at = self.reserve()
        self.put(at, body)
        return at

    def add_stream(self, data: bytes, *, entries: str = "", compress: bool = True) -> int:
        """A new stream with further dictionary entries. Compressed unless the data is so already."""
        if compress:
            data = zlib.compress(data, 6)
            entries = f"{entries} /Filter /FlateDecode"
        head = f"<< {entries} /Length {len(data)} >>\nstream\n".encode("latin-1")
        return self.add(head + data + b"\nendstream")

    def to_bytes(self, *, root: int, info: int) -> bytes:
        """The file with its table; the id is a digest of all objects."""
        out = bytearray(b"%PDF-1.7\n%\xe7\x94\xb0\xe5\n")
        offsets: list[int] = []
        for at, body in enumerate(self._bodies, start=1):
            assert body is not None, f"object {at} was reserved and never put"
            offsets.append(len(out))
            out += f"{at} 0 obj\n".encode() + body + b"\nendobj\n"
        mark = hashlib.sha256(out).hexdigest()[:32].upper()
        table = len(out)
        out += f"xref\n0 {len(offsets) + 1}\n0000000000 65535 f \n".encode()
        out += b"".join(f"{offset:010d} 00000 n \n".encode() for offset in offsets)
        out += (
            f"trailer\n<< /Size {len(offsets) + 1} /Root {root} 0 R /Info {info} 0 R /ID [<{mark}> <{mark}>] >>\n"
            f"startxref\n{table}\n%%EOF\n"
        ).encode()
        return bytes(out)
