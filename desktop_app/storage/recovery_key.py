"""The recovery key (恢复钥匙): 160 random bits as eight groups of letters, printed once, sealed, stored nowhere.

Each group of five has a check letter of its own, so that a mistyped group is named; groups in the wrong order show,
too. The letters are Crockford's: no I, L, O, U.
"""

from __future__ import annotations

import secrets
import unicodedata

from village_core.domain.errors import RefusedError

STANDING = "recovery.standing"
"""Key of `device_state`: how it stands with the key. Empty: none was made. What is true is the slot in the key file."""
SHOWN, KEPT, USED = "shown", "kept", "used"
"""On the screen and not yet on paper; printed or saved; its envelope was opened."""

GROUPS, _DATA_LETTERS = 8, 4
_LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_VALUE = {letter: value for value, letter in enumerate(_LETTERS)} | {"O": 0, "I": 1, "L": 1}
_SEPARATORS = frozenset(" -–—_.·\t\r\n")
_WEIGHTS = (1, 2, 3, 4)


def new_recovery_key() -> str:
    """`7K2QD-…` in eight groups."""
    groups = [[secrets.randbelow(32) for _ in range(_DATA_LETTERS)] for _ in range(GROUPS)]
    return "-".join(
        "".join(_LETTERS[value] for value in (*group, _check(group, number))) for number, group in enumerate(groups)
    )


def read_recovery_key(text: str) -> str:
    """The key as it was printed, whatever way it was typed. Names the groups that cannot be right."""
    letters = [sign for sign in unicodedata.normalize("NFKC", text).upper() if sign not in _SEPARATORS]
    strange = sorted({sign for sign in letters if sign not in _VALUE})
    if strange:
        raise _refused(f"恢复钥匙里没有“{strange[0]}”这个字符。")
    size = _DATA_LETTERS + 1
    if len(letters) != GROUPS * size:
        raise _refused(f"恢复钥匙应有 {GROUPS} 组、每组 {size} 个，现在一共填了 {len(letters)} 个。")
    values = [_VALUE[letter] for letter in letters]
    groups = [values[start : start + size] for start in range(0, len(values), size)]
    wrong = [str(number + 1) for number, group in enumerate(groups) if _check(group[:-1], number) != group[-1]]
    if wrong:
        raise _refused(f"恢复钥匙的第 {'、'.join(wrong)} 组填错了。")
    return "-".join("".join(_LETTERS[value] for value in group) for group in groups)


def _check(group: list[int], number: int) -> int:
    """Weights that differ: any one wrong letter and any two exchanged ones change it, and so does another place."""
    check = number
    for weight, value in zip(_WEIGHTS, group, strict=True):
        check ^= _times(weight, value)
    return check


def _times(left: int, right: int) -> int:
    """Multiplication in the field of 32 elements (x⁵ + x² + 1)."""
    product = 0
    while right:
        if right & 1:
            product ^= left
        left <<= 1
        if left & 32:
            left ^= 0b100101
        right >>= 1
    return product


def _refused(what: str) -> RefusedError:
    return RefusedError(what, safe="资料没有动过。", next_step="请对着封存的那张纸再看一遍。")
