"""一户一档 on paper: contents that lead to the right pages, every record, every scan, every digest."""

from __future__ import annotations

import hashlib
import re
from dataclasses import replace
from datetime import date

import pikepdf
import pytest

from desktop_app.archive.pdf import render_archive
from desktop_app.archive.print_model import ArchiveFile, Form, Scan, Section
from desktop_app.pdf_kit.document import RenderedPdf
from tests.archive.examples import archive, meeting, scan, with_sections
from tests.pdf_kit.reading import font_names, open_pdf, page_count, qt_text, squeezed
from village_core.domain.errors import RefusedError

pytestmark = pytest.mark.usefixtures("qapp")


def drawn(file: ArchiveFile) -> RenderedPdf:
    return render_archive(file, watermark="田埂　太平村　李琼仙　2026-11-23 14:05")


def test_the_contents_name_the_page_on_which_each_item_begins() -> None:
    texts = qt_text(drawn(archive()).data)
    lines = "".join(texts[1].split())
    for title in ("户申请", "④村民代表会议决议", "发放救助金", "文件清单和校验码", "卷内备考表"):
        page = next(at for at, text in enumerate(texts) if at > 1 and "".join(text.split()).startswith(title[:6]))
        assert re.search(rf"{re.escape(title)}(\d{{4}}年\d+月\d+日)?{page + 1}(?!\d*月)", lines), title


def test_the_contents_stay_right_when_they_fill_several_pages() -> None:
    sections = tuple(replace(meeting(), title=f"第{number}次会议", scans=()) for number in range(60))
    rendered = drawn(with_sections(*sections))
    texts = ["".join(text.split()) for text in qt_text(rendered.data)]
    last = next(at for at, text in enumerate(texts) if text.startswith("第59次会议"))
    assert any(f"第59次会议2026年11月10日{last + 1}" in text for text in texts[1:5])
    assert rendered.pages == len(texts)


def test_contents_and_side_list_lead_to_the_items() -> None:
    rendered = drawn(archive())
    with open_pdf(rendered.data) as pdf, pdf.open_outline() as outline:
        titles = [item.title for item in outline.root]
        goals = [pikepdf.Page(item.destination[0]).index for item in outline.root]
        links = list(pdf.pages[1].Annots)
    assert titles == ["卷内目录", "1 户申请", "2 ④村民代表会议决议", "3 发放救助金", "文件清单和校验码", "卷内备考表"]
    assert goals == sorted(goals)
    assert len(links) == 5


def test_each_record_is_there_with_its_votes_reasons_and_places_to_sign() -> None:
    text = squeezed(drawn(archive()).data)
    for wanted in (
        "应到",
        "36人",
        "29",
        "三分之二以上到会",
        "通过，救助3,000.00元",
        "上年纯收入还没有审定",
        "村务监督委员会",
    ):
        assert wanted in text
    assert "532327197001011234" in text


def test_the_voucher_has_its_shape() -> None:
    text = squeezed(drawn(archive()).data)
    for wanted in (
        "记账凭证",
        "记-12",
        "摘要",
        "总账科目",
        "明细科目",
        "借方金额",
        "贷方金额",
        "人民币叁仟元整",
        "附单据3张",
    ):
        assert wanted in text
    for signer in ("会计主管：", "审核：张会计", "出纳：", "制单：李琼仙"):
        assert signer in text


def test_each_scan_is_placed_with_its_caption_and_listed_with_its_digest() -> None:
    file = archive()
    rendered = drawn(file)
    text = squeezed(rendered.data)
    with open_pdf(rendered.data) as pdf:
        placed = sum(len(page.Resources.get("/XObject", {})) for page in pdf.pages)
    assert placed == len(file.files) == 3
    for listed in file.files:
        assert listed.sha256 in text
        assert f"校验码{listed.sha256[:16]}" in text


def test_every_page_but_the_cover_says_whose_file_it_is_and_its_number() -> None:
    rendered = drawn(archive())
    cover, *pages = qt_text(rendered.data)
    assert "共" not in cover.split("本卷")[0]
    for number, text in enumerate(pages, start=2):
        assert f"第{number}页共{rendered.pages}页" in "".join(text.split())
        assert "2026-017" in text


def test_the_answer_tells_pages_and_digest() -> None:
    rendered = drawn(archive())
    assert rendered.pages == page_count(rendered.data)
    assert rendered.sha256 == hashlib.sha256(rendered.data).hexdigest()
    assert drawn(archive()).sha256 == rendered.sha256
    assert "LXGWWenKai-Full" in font_names(rendered.data)


def test_a_damaged_scan_refuses_by_name() -> None:
    broken = Scan("银行回单", scan().data[:400], "0" * 64)
    section = Section("发放救助金", date(2026, 12, 2), (Form(()),), scans=(broken,))
    with pytest.raises(RefusedError) as refused:
        drawn(with_sections(section))
    assert "银行回单" in refused.value.what


def test_an_archive_without_scans_says_so() -> None:
    text = squeezed(drawn(replace(with_sections(replace(meeting(), scans=())), files=())).data)
    assert "这一卷没有照片和扫描件" in text
