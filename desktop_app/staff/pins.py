"""The PIN (数字密码): at least six digits that take the cover off or change places while the key is in memory.

It opens nothing after the program has ended: its hash lies sealed under the key. After five wrong tries of any kind
only the passphrase counts.
"""

from __future__ import annotations

import hmac
import secrets
from dataclasses import replace
from itertools import pairwise

from desktop_app.staff.keys import confirm_own, holder_of, holders_of, write_holders
from desktop_app.storage.key_wrapping import PIN_COST, stretch
from desktop_app.storage.workspace import Workspace
from village_core.domain.errors import RefusedError

LEAST_DIGITS = 6


def set_pin(workspace: Workspace, pin: str, *, passphrase: str) -> None:
    """The PIN of the person at the keyboard, who shows by her passphrase that it is she: with the PIN one comes back
    in her name."""
    if problem := pin_problem(pin):
        raise RefusedError(problem, safe="原来的没有变。", next_step="也不要用生日和电话的后几位。")
    named = confirm_own(workspace, passphrase)
    if find_by_pin(named, pin) not in (None, named.slot):
        raise RefusedError("这个数字密码在这台电脑上不能用。", safe="原来的没有变。", next_step="请另想一个。")
    salt = secrets.token_bytes(16)
    _write_pin(named, pin_salt=salt.hex(), pin_hash=_hash(pin, salt))
    workspace.log_access("pin", "workspace", "设了数字密码")


def take_pin_away(workspace: Workspace) -> None:
    """Of the person at the keyboard. No passphrase is asked: it lets nobody in."""
    _write_pin(workspace, pin_salt="", pin_hash="")
    workspace.log_access("pin", "workspace", "去掉了数字密码")


def looks_like_pin(text: str) -> bool:
    return len(text) >= LEAST_DIGITS and text.isascii() and text.isdigit()


def find_by_pin(workspace: Workspace, text: str) -> str | None:
    """The slot whose holder has this PIN; the last person's is tried first."""
    if not looks_like_pin(text):
        return None
    holders = sorted(holders_of(workspace).items(), key=lambda item: item[0] != workspace.slot)
    for slot, holder in holders:
        counts = holder.pin_hash and not holder.must_change
        if counts and hmac.compare_digest(_hash(text, bytes.fromhex(holder.pin_salt)), holder.pin_hash):
            return slot
    return None


def pin_problem(pin: str) -> str:
    """What is wrong with a PIN that she wants; empty when nothing is."""
    if not looks_like_pin(pin):
        return f"要 {LEAST_DIGITS} 位以上的数字。"
    steps = {int(after) - int(before) for before, after in pairwise(pin)}
    if len(set(pin)) <= 2 or steps in ({1}, {-1}):
        return "太容易猜到，请换一个。"
    return ""


def _write_pin(workspace: Workspace, *, pin_salt: str, pin_hash: str) -> None:
    holder = holder_of(workspace)
    if holder is None:
        raise RefusedError(
            "这次不是用口令打开的。", safe="资料没有动过。", next_step="请关掉田埂，用自己的口令打开后再来。"
        )
    changed = replace(holder, pin_salt=pin_salt, pin_hash=pin_hash)
    write_holders(workspace, {**holders_of(workspace), workspace.slot: changed})


def _hash(pin: str, salt: bytes) -> str:
    return stretch(pin, salt, PIN_COST).hex()
