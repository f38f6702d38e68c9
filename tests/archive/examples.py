"""An archive of one household for tests."""

from __future__ import annotations

import hashlib
import io
from dataclasses import replace
from datetime import date

from PIL import Image

from desktop_app.archive.print_model import (
    ArchiveFile,
    ClosingNote,
    Cover,
    Field,
    Form,
    ListedFile,
    Passage,
    Reason,
    Reasons,
    Scan,
    Section,
    Signatures,
    Votes,
    VoucherLine,
    VoucherSheet,
)

DAY = date(2026, 12, 20)


def scan(caption: str = "会议记录", size: tuple[int, int] = (600, 800)) -> Scan:
    buffer = io.BytesIO()
    shade = 40 + len(caption) * 13 % 200
    Image.new("RGB", size, (shade, 120, 90)).save(buffer, "JPEG")
    data = buffer.getvalue()
    return Scan(caption, data, hashlib.sha256(data).hexdigest())


def meeting() -> Section:
    return Section(
        "④村民代表会议决议",
        date(2026, 11, 10),
        (
            Form((Field("地点", "村委会二楼"), Field("主持人", "李琼仙"), Field("议题", "是否给予救助", wide=True))),
            Votes(36, 31, 29, 1, 1, 0, "三分之二以上到会，到会过半数同意", "通过，救助3,000.00元"),
            Passage("讨论内容", "代表们认为该户符合条件。" * 12),
            Reasons((Reason("CRELIEF-5 全年救助资金", "一般不超过上一年度纯收入的30%。", "上年纯收入还没有审定。"),)),
            Signatures((("主持人", "李琼仙"), ("记录人", "普自平"), ("村务监督委员会", ""))),
        ),
        scans=(scan("会议记录"), scan("会议签到表", (800, 600))),
    )


def voucher() -> VoucherSheet:
    lines = (
        VoucherLine("付欧阳𪻐𠮷户临时救助金", "514 公益支出", "51401 困难救助", 300000, 0),
        VoucherLine("付欧阳𪻐𠮷户临时救助金", "102 银行存款", "10201 基本户", 0, 300000),
    )
    return VoucherSheet("太平村股份经济合作社", "记-12", date(2026, 12, 2), 3, lines, "李琼仙", "张会计", "20261202001")


def archive() -> ArchiveFile:
    application = Section(
        "户申请",
        date(2026, 10, 8),
        (Form((Field("申请人", "欧阳𪻐𠮷"), Field("证件号码", "532327197001011234"))), Passage("理由", "因病。")),
        scans=(scan("申请书"),),
    )
    payment = Section("发放救助金", date(2026, 12, 2), (Form((Field("金额", "3,000.00元"),)), voucher()))
    sections = (application, meeting(), payment)
    files = tuple(
        ListedFile(f"{one.caption}.jpg", section.title, len(one.data), one.sha256)
        for section in sections
        for one in section.scans
    )
    return ArchiveFile(
        cover=Cover("太平村村民委员会", "村级集体经济临时救助档案", "欧阳𪻐𠮷户", (Field("档号", "2026-017"),)),
        sections=sections,
        files=files,
        closing=ClosingNote((), "李琼仙", DAY),
        footer="太平村　欧阳𪻐𠮷户　2026-017 号",
        dated=DAY,
    )


def with_sections(*sections: Section) -> ArchiveFile:
    return replace(archive(), sections=sections)
