"""The workspace's key: random, never the passphrase itself, wrapped under the passphrase by Argon2id.

Changing a passphrase wraps the same key again; nothing needs to be encrypted anew. The file shows no name, no
village and nothing else of the content.
"""

from __future__ import annotations

import json
import secrets
from base64 import b64decode, b64encode
from pathlib import Path
from typing import Any

from argon2.low_level import Type, hash_secret_raw
from nacl.exceptions import CryptoError
from nacl.secret import SecretBox

from desktop_app.storage.files import write_whole
from village_core.domain.errors import ProblemOutsideError, RefusedError

KEY_BYTES = 32
MINIMUM_PASSPHRASE = 8

ARGON2 = {"time_cost": 3, "memory_cost": 64 * 1024, "parallelism": 1}
"""64 MiB: what a laptop of 4 GB spares without a hitch; the parameters are kept with each wrapped key."""


class WrongPassphraseError(ProblemOutsideError):
    """The passphrase opens none of the wrapped keys."""


def check_passphrase(passphrase: str) -> None:
    """Length counts, classes of characters do not. Raises `RefusedError`."""
    if len(passphrase) < MINIMUM_PASSPHRASE:
        raise RefusedError(
            f"口令太短，至少要 {MINIMUM_PASSPHRASE} 个字。", next_step="可以用一句好记的话，中文、空格都行。"
        )


def create_key(path: Path, passphrase: str) -> bytes:
    """A new random key, wrapped under `passphrase` and written to `path`. Returns the 32 bytes."""
    check_passphrase(passphrase)
    key = secrets.token_bytes(KEY_BYTES)
    write_whole(path, json.dumps({"version": 1, "keys": [_wrap(key, passphrase)]}).encode())
    return key


def unlock_key(path: Path, passphrase: str) -> bytes:
    """The key, if `passphrase` is right; otherwise `WrongPassphraseError`."""
    try:
        entries = json.loads(path.read_bytes())["keys"]
        for entry in entries:
            key = _unwrap(entry, passphrase)
            if key is not None:
                return key
    except (ValueError, KeyError, TypeError) as error:
        raise ProblemOutsideError(
            "钥匙文件有损坏。", safe="资料文件没有动过。", next_step="请用最近一次备份恢复。"
        ) from error
    raise WrongPassphraseError("口令不对。", safe="资料没有动过。", next_step="请检查大小写和输入法，再试一次。")


def change_passphrase(path: Path, old: str, *, new: str) -> None:
    """Wrap the same key under a new passphrase."""
    check_passphrase(new)
    key = unlock_key(path, old)
    write_whole(path, json.dumps({"version": 1, "keys": [_wrap(key, new)]}).encode())


def _wrap(key: bytes, passphrase: str) -> dict[str, Any]:
    salt = secrets.token_bytes(16)
    wrapped = SecretBox(_stretch(passphrase, salt, ARGON2)).encrypt(key)
    return {"argon2id": ARGON2, "salt": b64encode(salt).decode(), "wrapped": b64encode(wrapped).decode()}


def _unwrap(entry: dict[str, Any], passphrase: str) -> bytes | None:
    box = SecretBox(_stretch(passphrase, b64decode(entry["salt"]), entry["argon2id"]))
    try:
        return box.decrypt(b64decode(entry["wrapped"]))
    except CryptoError:
        return None


def _stretch(passphrase: str, salt: bytes, cost: dict[str, int]) -> bytes:
    return hash_secret_raw(
        passphrase.encode(),
        salt,
        time_cost=cost["time_cost"],
        memory_cost=cost["memory_cost"],
        parallelism=cost["parallelism"],
        hash_len=KEY_BYTES,
        type=Type.ID,
    )
