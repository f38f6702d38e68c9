"""The county's own keys: one to sign leases, receipts and files, one to open what comes by USB stick."""

from __future__ import annotations

from dataclasses import dataclass

from nacl.signing import SigningKey
from pyrage import x25519
from sqlalchemy import Connection, insert, select

from county_server.tables import county_key
from village_core.domain.clock import Clock, stamp
from village_core.exchange.messages import CountyIdentity


@dataclass(frozen=True)
class CountyKeys:
    """`signing` is Ed25519, `age_secret` an age identity (AGE-SECRET-KEY-…)."""

    signing: SigningKey
    age_secret: x25519.Identity

    @property
    def public(self) -> CountyIdentity:
        return CountyIdentity(bytes(self.signing.verify_key), str(self.age_secret.to_public()))


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
    row = connection.execute(select(county_key.c.signing, county_key.c.age_secret)).one()
    return CountyKeys(SigningKey(row.signing), x25519.Identity.from_str(row.age_secret))
