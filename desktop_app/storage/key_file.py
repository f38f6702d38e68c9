"""The workspace's key: random, never a passphrase itself, wrapped once for each person and for the recovery key.

Changing a passphrase wraps the same key again; nothing needs to be encrypted anew. The file shows no name, no
village, no role: its slots bear random ids, and who they belong to is sealed under the key (`holders`). The same
bytes lie beside as a copy, so that one damaged file locks nobody out.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from base64 import b64decode, b64encode
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from nacl.exceptions import CryptoError
from nacl.secret import SecretBox

from desktop_app.storage.files import write_whole
from desktop_app.storage.key_wrapping import (
    ARGON2,
    KEY_BYTES,
    MOST_MEMORY,
    SALT_BYTES,
    WRAPPED_BYTES,
    WrappedKey,
    unwrap_key,
    wrap_key,
)
from village_core.domain.errors import ProblemOutsideError, RefusedError

__all__ = ["ARGON2", "KEY_BYTES", "change_passphrase", "create_key", "unlock", "unlock_key"]

MINIMUM_PASSPHRASE = 8
COPY_SUFFIX = ".copy"
LARGEST_FILE = 1 << 20
MOST_SLOTS = 64
"""A laptop has a handful of people; each slot costs a stretching of the passphrase."""
PERSON, RECOVERY = "person", "recovery"
_VERSION = 2


class WrongPassphraseError(ProblemOutsideError):
    """The passphrase opens none of the wrapped keys."""


class KeyFileError(ProblemOutsideError):
    """The key file is missing or damaged, and its copy too."""


@dataclass(frozen=True)
class Slot:
    """The key wrapped under one secret; `kind` is person or recovery."""

    id: str
    kind: str
    wrapped: WrappedKey


@dataclass(frozen=True)
class Holder:
    """Who a slot belongs to (UUID in hex). `must_change`: the passphrase was made by somebody else, for one use."""

    person: str
    must_change: bool = False
    pin_salt: str = ""
    pin_hash: str = ""


@dataclass(frozen=True)
class KeyFile:
    """The slots, and the sealed list of their holders (empty in files of the first version)."""

    slots: tuple[Slot, ...]
    sealed: bytes = b""

    def holders(self, key: bytes) -> dict[str, Holder]:
        """Slot id → holder. A slot that the sealed list does not know was slipped in and is not in it."""
        if not self.sealed:
            return {}
        try:
            plain = json.loads(SecretBox(_note_key(key)).decrypt(self.sealed))
        except (CryptoError, ValueError) as error:
            raise _damaged() from error
        return {slot: Holder(**holder) for slot, holder in plain.items()}

    def slot(self, slot_id: str) -> Slot | None:
        return next((slot for slot in self.slots if slot.id == slot_id), None)

    @property
    def recovery(self) -> Slot | None:
        return next((slot for slot in self.slots if slot.kind == RECOVERY), None)

    def with_slot(self, slot: Slot, holder: Holder, *, key: bytes) -> KeyFile:
        """This slot added, or in place of the one with its id."""
        kept = tuple(one for one in self.slots if one.id != slot.id)
        return self.with_holders({**self.holders(key), slot.id: holder}, key=key, slots=(*kept, slot))

    def without(self, slot_ids: Iterable[str], *, key: bytes) -> KeyFile:
        """Without these slots: their secrets open nothing any more."""
        gone = set(slot_ids)
        holders = {slot: holder for slot, holder in self.holders(key).items() if slot not in gone}
        return self.with_holders(holders, key=key, slots=tuple(one for one in self.slots if one.id not in gone))

    def with_holders(
        self, holders: Mapping[str, Holder], *, key: bytes, slots: tuple[Slot, ...] | None = None
    ) -> KeyFile:
        """The same slots with another list of holders."""
        plain = json.dumps({slot: asdict(holder) for slot, holder in holders.items()}).encode()
        padded = plain + b" " * (-len(plain) % 1024)  # the length would tell how many have a PIN
        return KeyFile(self.slots if slots is None else slots, bytes(SecretBox(_note_key(key)).encrypt(padded)))


@dataclass(frozen=True)
class Unlocked:
    """The key, and whose secret opened it. `holder` is None for a file of the first version."""

    key: bytes
    slot: Slot
    holder: Holder | None
    file: KeyFile


def check_passphrase(passphrase: str) -> None:
    """Length counts, classes of characters do not. Raises `RefusedError`."""
    if len(passphrase) < MINIMUM_PASSPHRASE:
        raise RefusedError(
            f"口令太短，至少要 {MINIMUM_PASSPHRASE} 个字。", next_step="可以用一句好记的话，中文、空格都行。"
        )


def new_slot(key: bytes, secret: str, *, kind: str = PERSON) -> Slot:
    """A slot with a random id."""
    return Slot(secrets.token_hex(8), kind, wrap_key(key, secret))


def create_key(path: Path, passphrase: str, *, person: str = "") -> bytes:
    """A new random key, wrapped under `passphrase` and written to `path`. Returns the 32 bytes."""
    check_passphrase(passphrase)
    key = secrets.token_bytes(KEY_BYTES)
    write_key_file(path, KeyFile(()).with_slot(new_slot(key, passphrase), Holder(person), key=key))
    return key


def unlock_key(path: Path, passphrase: str) -> bytes:
    """The key, if `passphrase` is a person's; otherwise `WrongPassphraseError`."""
    return unlock(path, passphrase).key


def unlock(path: Path, secret: str, *, kind: str = PERSON, first: str = "") -> Unlocked:
    """Try the slots of this kind, `first` (the last used) before the others. Raises `WrongPassphraseError`."""
    file = read_key_file(path)
    slots = sorted((slot for slot in file.slots if slot.kind == kind), key=lambda slot: slot.id != first)
    found = _try_slots(slots, secret)
    if found is None:
        raise WrongPassphraseError("口令不对。", safe="资料没有动过。", next_step="请检查大小写和输入法，再试一次。")
    key, slot = found
    holders = file.holders(key)
    if file.sealed and slot.id not in holders:
        raise _damaged()
    return Unlocked(key, slot, holders.get(slot.id), file)


def change_passphrase(path: Path, old: str, *, new: str) -> None:
    """Wrap the same key under a new passphrase, in the slot that the old one opened."""
    check_passphrase(new)
    opened = unlock(path, old)
    check_unused(opened.file, new, but=opened.slot.id)
    put_secret(path, opened.file, opened.slot.id, key=opened.key, secret=new)


def put_secret(path: Path, file: KeyFile, slot_id: str, *, key: bytes, secret: str) -> None:
    """Write the slot with a secret of the person's own."""
    holder = replace(file.holders(key).get(slot_id, Holder("")), must_change=False)
    write_key_file(path, file.with_slot(Slot(slot_id, PERSON, wrap_key(key, secret)), holder, key=key))


def check_unused(file: KeyFile, secret: str, *, but: str = "") -> None:
    """Refuse a passphrase that opens another slot: the passphrase tells who is at the keyboard.

    It does not say that somebody else has it: that would hand over a colleague's passphrase.
    """
    others = [slot for slot in file.slots if slot.kind == PERSON and slot.id != but]
    if _try_slots(others, secret) is not None:
        raise RefusedError("这句话在这台电脑上不能用作口令。", safe="原来的口令没有变。", next_step="请另想一句。")


def read_key_file(path: Path) -> KeyFile:
    """The file, or its copy where the file is missing or damaged."""
    return _read_sound(path)[1]


def sound_key_file(path: Path) -> Path:
    """The one of the two that can be read: what a backup takes."""
    return _read_sound(path)[0]


def _read_sound(path: Path) -> tuple[Path, KeyFile]:
    failure: KeyFileError | None = None
    for place in (path, copy_of(path)):
        try:
            with place.open("rb") as file:
                return place, _parse(file.read(LARGEST_FILE + 1))
        except FileNotFoundError:
            continue
        except (OSError, ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError) as error:
            failure = failure or _damaged()
            failure.__cause__ = error
    raise failure or KeyFileError(
        "钥匙文件不见了。",
        safe="资料文件还在，但没有钥匙打不开。",
        next_step="请把 key.json 从最近一次备份里恢复回来（恢复备份即可），不要新建。",
    )


def has_key_file(path: Path) -> bool:
    """Whether there is a key file or its copy, whole or not."""
    return path.exists() or copy_of(path).exists()


def write_key_file(path: Path, file: KeyFile) -> None:
    """Write the file whole, then its copy: at each moment one of them is good, and no removed slot stays behind."""
    content = _bytes_of(file)
    write_whole(path, content)
    write_whole(copy_of(path), content)


def mend_copies(path: Path) -> bool:
    """After opening: make file and copy equal again. Tells whether one was missing, damaged or older."""
    file = read_key_file(path)
    if not file.sealed:
        return False
    content = _bytes_of(file)
    wrong = [place for place in (path, copy_of(path)) if not place.exists() or place.read_bytes() != content]
    for place in wrong:
        write_whole(place, content)
    return bool(wrong)


def copy_of(path: Path) -> Path:
    return path.with_name(path.name + COPY_SUFFIX)


def _try_slots(slots: list[Slot], secret: str) -> tuple[bytes, Slot] | None:
    """The first alone, since it mostly fits; the others two at a time, as Argon2 leaves Python's lock."""
    for slot in slots[:1]:
        if (key := unwrap_key(slot.wrapped, secret)) is not None:
            return key, slot
    if len(slots) < 2:
        return None
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(2) as pool:
        keys = list(pool.map(lambda slot: unwrap_key(slot.wrapped, secret), slots[1:]))
    return next(((key, slot) for key, slot in zip(keys, slots[1:], strict=True) if key is not None), None)


def _parse(content: bytes) -> KeyFile:
    if len(content) > LARGEST_FILE:
        raise ValueError
    plain = json.loads(content)
    if len(plain["keys"]) > MOST_SLOTS:
        raise ValueError
    slots = tuple(_slot(entry) for entry in plain["keys"])
    if not slots:
        raise ValueError
    if plain["version"] == 1:
        return KeyFile(slots)
    if plain["sum"] != _sum_of(plain):
        raise ValueError
    return KeyFile(slots, b64decode(plain["holders"], validate=True))


def _slot(entry: dict[str, Any]) -> Slot:
    salt = b64decode(entry["salt"], validate=True)
    wrapped = WrappedKey(salt, b64decode(entry["wrapped"], validate=True), _cost(entry["argon2id"]))
    slot_id = entry.get("id") or hashlib.blake2b(salt, digest_size=8).hexdigest()
    kind = entry.get("kind", PERSON)
    if len(salt) != SALT_BYTES or len(wrapped.wrapped) != WRAPPED_BYTES or kind not in (PERSON, RECOVERY):
        raise ValueError
    if not isinstance(slot_id, str) or len(slot_id) > 64:
        raise ValueError
    return Slot(slot_id, kind, wrapped)


def _cost(plain: dict[str, Any]) -> dict[str, int]:
    """Within bounds: a file that somebody changed must not take all memory."""
    cost = {name: int(plain[name]) for name in ARGON2}
    bounds = (("time_cost", 1, 20), ("memory_cost", 64, MOST_MEMORY), ("parallelism", 1, 8))
    if not all(least <= cost[name] <= most for name, least, most in bounds):
        raise ValueError
    return cost


def _bytes_of(file: KeyFile) -> bytes:
    plain: dict[str, Any] = {
        "version": _VERSION,
        "keys": [
            {
                "id": slot.id,
                "kind": slot.kind,
                "argon2id": slot.wrapped.cost,
                "salt": b64encode(slot.wrapped.salt).decode(),
                "wrapped": b64encode(slot.wrapped.wrapped).decode(),
            }
            for slot in sorted(file.slots, key=lambda slot: slot.id)
        ],
        "holders": b64encode(file.sealed).decode(),
    }
    return json.dumps({**plain, "sum": _sum_of(plain)}).encode()


def _sum_of(plain: dict[str, Any]) -> str:
    """Against damage, so that it is not taken for a wrong passphrase; not against a forger."""
    counted = {name: value for name, value in plain.items() if name != "sum"}
    return hashlib.blake2b(json.dumps(counted, sort_keys=True).encode(), digest_size=16).hexdigest()


def _note_key(key: bytes) -> bytes:
    return hashlib.blake2b(b"holders", key=key, digest_size=32).digest()


def _damaged() -> KeyFileError:
    return KeyFileError("钥匙文件有损坏。", safe="资料文件没有动过。", next_step="请用最近一次备份恢复。")
