"""The recovery key: read as it was printed, a mistyped group named, used once and put on record."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop_app.bootstrap import open_workspace, recover_workspace
from desktop_app.staff.keys import has_recovery_key, make_recovery_key
from desktop_app.staff.recovery_paper import OneTimePaper, make_recovery_paper, write_recovery_paper
from desktop_app.storage.access_log import list_access
from desktop_app.storage.entry import NotAdmittedError
from desktop_app.storage.key_file import WrongPassphraseError
from desktop_app.storage.recovery_key import GROUPS, new_recovery_key, read_recovery_key
from desktop_app.storage.watermark import watermark_of
from tests.keys.conftest import SECOND, Village
from tests.pdf_kit.reading import printed_lines, squeezed
from tests.workspaces import PASSPHRASE
from village_core.domain.errors import RefusedError

_LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
NEW = "新想的一句好记的话"


@given(st.data())
def test_one_wrong_letter_names_its_group(data: st.DataObject) -> None:
    key = new_recovery_key()
    group, place = data.draw(st.integers(0, GROUPS - 1)), data.draw(st.integers(0, 4))
    at = group * 6 + place
    other = data.draw(st.sampled_from([one for one in _LETTERS if one != key[at]]))
    with pytest.raises(RefusedError, match=f"第 {group + 1} 组填错了"):
        read_recovery_key(key[:at] + other + key[at + 1 :])


@given(st.data())
def test_two_letters_exchanged_name_their_group(data: st.DataObject) -> None:
    key = new_recovery_key()
    group, place = data.draw(st.integers(0, GROUPS - 1)), data.draw(st.integers(0, 2))
    at = group * 6 + place
    exchanged = key[:at] + key[at + 1] + key[at] + key[at + 2 :]
    if exchanged == key:
        assert read_recovery_key(exchanged) == key
    else:
        with pytest.raises(RefusedError, match=f"第 {group + 1} 组"):
            read_recovery_key(exchanged)


def test_groups_in_the_wrong_order_are_named() -> None:
    groups = new_recovery_key().split("-")
    groups[2], groups[5] = groups[5], groups[2]
    with pytest.raises(RefusedError, match="第 3、6 组填错了"):
        read_recovery_key("-".join(groups))


@pytest.mark.parametrize(
    "typed",
    [str.lower, lambda key: key.replace("-", " "), lambda key: key.replace("-", ""), lambda key: f"  {key}\n",
     lambda key: key.replace("0", "O").replace("1", "l"),
     lambda key: "".join(chr(ord(c) + 0xFEE0) if c.isalnum() else c for c in key)],
    ids=["lower", "blanks", "no gaps", "around", "O and l", "full width"],
)  # fmt: skip
def test_it_is_read_however_it_is_typed(typed) -> None:  # type: ignore[no-untyped-def]
    for _ in range(20):
        key = new_recovery_key()
        assert read_recovery_key(typed(key)) == key


def test_it_holds_160_random_bits() -> None:
    keys = {new_recovery_key() for _ in range(200)}
    data = {"".join(group[:4] for group in key.split("-")) for key in keys}
    assert len(data) == 200
    assert {len(one) * 5 for one in data} == {160}


@pytest.mark.parametrize(("typed", "words"), [("", "一共填了 0 个"), ("ABC", "一共填了 3 个"), ("U" * 40, "没有“U”")])
def test_what_is_no_key_is_said(typed: str, words: str) -> None:
    with pytest.raises(RefusedError, match=words):
        read_recovery_key(typed)


def test_it_opens_and_sets_a_new_passphrase_and_that_is_on_record(village: Village) -> None:
    key = make_recovery_key(village.workspace)
    folder = village.workspace.folder
    recovered = recover_workspace(folder, key.lower(), passphrase=NEW, user="普建国")
    assert recovered.actor.name == "普建国"
    with recovered.reader() as reader:
        assert [entry.kind for entry in list_access(reader.session)][:2] == ["recovery_used", "recovery_made"]
    recovered.close()
    opened = open_workspace(folder, NEW)
    assert opened.actor.name == "普建国"
    opened.close()
    with pytest.raises(WrongPassphraseError):
        open_workspace(folder, SECOND)
    open_workspace(folder, PASSPHRASE).close()


def test_without_a_name_it_is_for_who_made_the_workspace(village: Village) -> None:
    key = make_recovery_key(village.workspace)
    recovered = recover_workspace(village.workspace.folder, key, passphrase=NEW)
    assert recovered.actor.name == "李琼仙"
    recovered.close()


def test_a_new_one_makes_the_old_one_void(village: Village) -> None:
    assert not has_recovery_key(village.workspace)
    old, new = make_recovery_key(village.workspace), make_recovery_key(village.workspace)
    with pytest.raises(WrongPassphraseError, match="最新封存"):
        recover_workspace(village.workspace.folder, old, passphrase=NEW)
    recover_workspace(village.workspace.folder, new, passphrase=NEW).close()


def test_without_one_it_says_so(village: Village) -> None:
    with pytest.raises(NotAdmittedError, match="没有做过恢复钥匙"):
        recover_workspace(village.workspace.folder, new_recovery_key(), passphrase=NEW)


def test_a_passphrase_cannot_be_used_as_a_recovery_key_nor_the_other_way(village: Village) -> None:
    key = make_recovery_key(village.workspace)
    with pytest.raises(WrongPassphraseError):
        open_workspace(village.workspace.folder, key)


def test_it_is_on_paper_only(village: Village, tmp_path: Path) -> None:
    paper = tmp_path / "paper.pdf"
    pages, _ = write_recovery_paper(village.workspace, paper)
    text = squeezed(paper.read_bytes())
    assert pages == 1
    assert "恢复钥匙" in text
    assert "乡镇保管人" in text
    with village.workspace.reader() as reader:
        mark = watermark_of(village.workspace, reader).words
    assert mark.replace("\u3000", "").replace(" ", "") in text, "who made it, and when"
    paper.unlink()
    shown = make_recovery_paper(village.workspace)
    groups = [word.encode() for word in printed_words(shown.rendered.data) if len(word) == 5 and word.isalnum()]
    assert len(groups) >= GROUPS
    village.workspace.engine.dispose()
    for path in village.workspace.folder.rglob("*"):
        if path.is_file():
            content = path.read_bytes()
            assert not any(group in content for group in groups), path


def test_the_preview_shows_it_once(village: Village) -> None:
    paper = OneTimePaper(make_recovery_paper(village.workspace))
    paper.take()
    with pytest.raises(RefusedError, match="只显示一次"):
        paper.take()


def printed_words(data: bytes) -> list[str]:
    return [line.text.strip() for line in printed_lines(data)]
