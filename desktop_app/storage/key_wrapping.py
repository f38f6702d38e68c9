"""Wraps the workspace's key under a passphrase: Argon2id makes a key of it, and that key locks the random one."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field

from argon2.low_level import Type, hash_secret_raw
from nacl.exceptions import CryptoError
from nacl.secret import SecretBox

KEY_BYTES = 32
SALT_BYTES = 16
WRAPPED_BYTES = KEY_BYTES + SecretBox.NONCE_SIZE + SecretBox.MACBYTES
MOST_MEMORY = 1 << 18
"""KiB that a key file may ask for: 256 MiB, four times of what is asked for now."""

ARGON2 = {"time_cost": 3, "memory_cost": 64 * 1024, "parallelism": 1}
"""64 MiB: what a laptop of 4 GB spares without a hitch; the parameters are kept with each wrapped key."""

PIN_COST = {"time_cost": 2, "memory_cost": 19 * 1024, "parallelism": 1}
"""A PIN's hash lies sealed under the key: who reads it has the key already. The cost only slows hasty trying."""


@dataclass(frozen=True)
class WrappedKey:
    """The key under one secret. Nothing in it tells whose secret it is."""

    salt: bytes
    wrapped: bytes
    cost: dict[str, int] = field(default_factory=lambda: dict(ARGON2))


def wrap_key(key: bytes, secret: str) -> WrappedKey:
    """Lock `key` under a secret, with a salt of its own."""
    salt = secrets.token_bytes(SALT_BYTES)
    return WrappedKey(salt, bytes(SecretBox(stretch(secret, salt, ARGON2)).encrypt(key)))


def unwrap_key(one: WrappedKey, secret: str) -> bytes | None:
    """The key, None when the secret is another. Lets go of Python's lock: two of them run side by side."""
    box = SecretBox(stretch(secret, one.salt, one.cost))
    try:
        return box.decrypt(one.wrapped)
    except CryptoError:
        return None


def stretch(secret: str, salt: bytes, cost: dict[str, int]) -> bytes:
    """32 bytes by Argon2id."""
    return hash_secret_raw(
        secret.encode(errors="surrogatepass"),
        salt,
        time_cost=cost["time_cost"],
        memory_cost=cost["memory_cost"],
        parallelism=cost["parallelism"],
        hash_len=KEY_BYTES,
        type=Type.ID,
    )
