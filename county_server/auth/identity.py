"""The county's own keys: one to sign leases, receipts and files, one to open what comes by USB stick."""

from __future__ import annotations

from dataclasses import dataclass

from nacl.signing import SigningKey
from pyrage import RecipientError, x25519
from sqlalchemy import Connection, insert, select, update

from county_server.tables import county_key
from village_core.domain.clock import Clock, stamp
from village_core.domain.errors import RefusedError
from village_core.exchange.messages import CountyIdentity

_KEYS = select(county_key.c.signing, county_key.c.age_secret, county_key.c.recovery)


@dataclass(frozen=True)
class CountyKeys:
    """`signing` is Ed25519, `age_secret` an age identity (AGE-SECRET-KEY-…)."""

    signing: SigningKey
    age_secret: x25519.Identity
    recovery: str = ""

    @property
    def public(self) -> CountyIdentity:
        recipients = [str(self.age_secret.to_public()), *([self.recovery] if self.recovery else [])]
        return CountyIdentity(bytes(self.signing.verify_key), " ".join(recipients))


def ensure_keys(connection: Connection, *, clock: Clock) -> None:
    """Make the county's keys if there are none yet; called in the transaction that migrates."""
    if connection.scalar(select(county_key.c.id)) is None:
        connection.execute(
            insert(county_key).values(
                id=1,
                signing=bytes(SigningKey.generate()),
                age_secret=str(x25519.Identity.generate()),
                made_at=stamp(clock),
            )
        )


def load_keys(connection: Connection) -> CountyKeys:
    """The keys of a migrated county."""
    row = connection.execute(_KEYS).one()
    return CountyKeys(SigningKey(row.signing), x25519.Identity.from_str(row.age_secret), row.recovery or "")


def set_recovery(connection: Connection, recipient: str) -> None:
    """A second key that opens what comes by stick; '' takes it away. Laptops learn it with the next way back."""
    if recipient:
        try:
            x25519.Recipient.from_str(recipient)
        except RecipientError as error:
            raise RefusedError(
                "这不是 age 的公钥。", safe="没有改动。", next_step="请写 age1 开头的那一行，例如 age-keygen 印出来的。"
            ) from error
    connection.execute(update(county_key).values(recovery=recipient or None))
