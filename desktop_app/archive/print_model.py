"""What an archive prints, as frozen data. Nothing here knows the database, and the drawing knows nothing else.

An archive is for the filing cabinet: other than a notice it may hold ID numbers and accounts.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class Field:
    """A label with its value. Two narrow ones share a row of the form; a `wide` one has a row to itself."""

    label: str
    value: str
    wide: bool = False


@dataclass(frozen=True)
class Form:
    """A block of fields, printed as a ruled form."""

    fields: tuple[Field, ...]


@dataclass(frozen=True)
class Passage:
    """A heading with free text below it (discussion, opinion, finding)."""

    heading: str
    text: str


@dataclass(frozen=True)
class Listing:
    """A headed table of short texts (members of the household, corrections). `shares` are column widths."""

    heading: str
    columns: tuple[str, ...]
    shares: tuple[float, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Votes:
    """Attendance and votes of a meeting. `rule` says which threshold was used and from which law."""

    eligible: int
    present: int
    votes_for: int
    votes_against: int
    abstained: int
    recused: int
    rule: str
    verdict: str


@dataclass(frozen=True)
class Reason:
    """A written reason for going on where a rule says 一般 or 原则上."""

    rule: str
    clause: str
    reason: str


@dataclass(frozen=True)
class Reasons:
    """All reasons given at one step."""

    rows: tuple[Reason, ...]


@dataclass(frozen=True)
class Signatures:
    """Places to sign by hand, each with who signs and the name that is known already."""

    lines: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class VoucherLine:
    """One line of a voucher; amounts in 分, the one that is not used is 0."""

    summary: str
    account: str
    sub_account: str
    debit_fen: int
    credit_fen: int


@dataclass(frozen=True)
class VoucherSheet:
    """A posted voucher in the shape of a 记账凭证."""

    unit: str
    number_text: str
    voucher_date: date
    paper_count: int
    lines: tuple[VoucherLine, ...]
    prepared_by: str
    reviewed_by: str
    bank_receipt: str = ""


@dataclass(frozen=True)
class Scan:
    """A photo or scan with what it shows. `data` is a JPEG or PNG file; empty: not shown, for the numbers on it."""

    caption: str
    data: bytes
    sha256: str


Content = Form | Passage | Listing | Votes | Reasons | Signatures | VoucherSheet


@dataclass(frozen=True)
class Section:
    """One item of the file (件): a step of the case with its scans. `remark` stands in the contents."""

    title: str
    dated: date | None
    content: tuple[Content, ...]
    scans: tuple[Scan, ...] = ()
    remark: str = ""


@dataclass(frozen=True)
class Cover:
    """The cover: who keeps the file, what it is about, and the fields below."""

    unit: str
    title: str
    subject: str
    fields: tuple[Field, ...]


@dataclass(frozen=True)
class ListedFile:
    """A file that belongs to the archive, with its digest; videos stay outside and are listed only."""

    name: str
    belongs_to: str
    size: int
    sha256: str


@dataclass(frozen=True)
class ClosingNote:
    """卷内备考表: what is in the file, what is missing, who made it."""

    remarks: tuple[str, ...]
    made_by: str
    made_on: date


@dataclass(frozen=True)
class ArchiveFile:
    """A whole archive. `footer` stands on every page; `dated` is the date inside the PDF."""

    cover: Cover
    sections: tuple[Section, ...]
    files: tuple[ListedFile, ...]
    closing: ClosingNote
    footer: str
    dated: date
