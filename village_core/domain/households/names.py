"""Names of people: written as on the identity card, minority names with their dot, rare characters kept."""

from __future__ import annotations

import re
import unicodedata

LONGEST_NAME = 60

_DOTS = str.maketrans(dict.fromkeys("•・‧∙⋅．●᛫", "·"))
_HAN_GAP = re.compile(r"(?<=[^\x00-\x7f])\s+(?=[^\x00-\x7f])")
_RADICALS = re.compile("[\u2e80-\u2fdf]")


def tidy_name(text: str) -> str:
    """One spelling for one name: the dot of 沙马·阿衣 unified, no padding between characters (张　三 → 张三).

    Radicals that PDF copies bring in place of characters become the characters. Nothing else is touched: rare
    and variant characters are part of a name.
    """
    if text.isalpha() and not _RADICALS.search(text):
        return text
    name = _HAN_GAP.sub("", text.strip()).translate(_DOTS)
    return _RADICALS.sub(lambda found: unicodedata.normalize("NFKC", found[0]), name)


def name_key(text: str) -> str:
    """By which two writings of a name are one: tidied, and without any space."""
    return "".join(tidy_name(text).split())


def name_problem(name: str) -> str:
    """Why this cannot be a name; empty when it can."""
    if name.isalpha() and len(name) <= LONGEST_NAME:
        return ""
    if not name:
        return "没有姓名"
    if len(name) > LONGEST_NAME:
        return f"姓名太长（{len(name)} 个字），最多 {LONGEST_NAME} 个字"
    if not any(char.isalpha() or unicodedata.category(char) in ("Co", "Cn") for char in name):
        return f"“{name}”不是姓名"
    return ""


def name_warning(name: str) -> str:
    """What looks wrong in a possible name: lost rare characters, digits, characters only one computer knows."""
    if name.isalpha():
        return ""
    if re.search("[?？□■�]", name):
        return "姓名里有“?”或方框，可能是生僻字丢了，请照身份证补上"
    if any(map(_is_private, name)):
        return "姓名里有只在个别电脑上能显示的造字，请照身份证换成标准字"
    if any(char.isdigit() for char in name):
        return "姓名里有数字，请核对"
    return ""


def _is_private(char: str) -> bool:
    return unicodedata.category(char) == "Co"
