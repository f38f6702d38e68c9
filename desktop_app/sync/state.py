"""What this laptop knows of its county: address, device key, how far both have come. Kept in `device_state`."""

from __future__ import annotations

from dataclasses import dataclass

from nacl.signing import SigningKey, VerifyKey
from sqlalchemy import Connection

from desktop_app.storage.engine import execute_past
from desktop_app.storage.problems import explained
from desktop_app.storage.workspace import Workspace
from village_core.exchange.batches import FIRST_LINK
from village_core.exchange.codec import DamagedMessageError
from village_core.exchange.messages import CountyIdentity, decode
from village_core.exchange.milestones import NO_TRAIL, Trail, pack_milestones, read_trail

DEVICE = "device"
DEVICE_KEY = "device.key"
DEVICE_ROLE = "device.role"
INCARNATION = "device.incarnation"
COUNTY_URL = "county.url"
COUNTY_CA = "county.ca"
COUNTY_VILLAGE = "county.village_name"
COUNTY_KEY = "county.key"
"""The county's Ed25519 key in hex: what it signed (leases, receipts, snapshots, files) is checked with it."""
COUNTY_RECIPIENT = "county.recipient"
"""The county's age recipient: what goes by USB stick is locked for it."""
ACKED_SEQ = "sync.acked_seq"
HEAD = "sync.head"
CURSOR = "sync.cursor"
MILESTONES = "sync.milestones"
"""The `Trail` of the cursor, as text."""
AWAITED = "sync.awaited"
DIGEST_SEQ = "sync.digest_seq"
LAST_EQUAL_AT = "sync.last_equal_at"
EQUAL_NOW = "sync.equal_now"
"""1 when the last finished exchange showed equality, 0 when it showed a difference."""
PROVED_SEQ = "sync.proved_seq"
"""The newest entry of the change log when equality was shown last."""
ALONE_UNTIL = "county.alone_until"
"""How far this laptop had worked alone when it was enrolled for the first time."""
EPOCH = "county.epoch"
"""The county's age: it grows each time the county was restored from a backup."""
LOST_AFTER = "county.lost_after"
"""The county was restored: of what others did after this number it may know nothing any more."""
LOST_UNTIL = "county.lost_until"
"""The newest entry of the change log when that was found out."""
ENROLLED_ANEW = "county.enrolled_anew"
"""1 where `LOST_UNTIL` stands because this laptop was enrolled anew: the county itself may have lost nothing."""
LOST_UP_TO = "county.lost_up_to"
"""Numbers after `LOST_AFTER` up to this one were of a history that is no more: nobody here saw what has them now."""
DURABLE_SEQ = "sync.durable_seq"
"""Up to here our operations are also in a verified backup of the county."""
RECOUNT = "sync.recount"
"""1 when the kept digests were found to be stale and have to be made anew from the rows."""
PIECES = "sync.pieces"
"""What this line bears: size of a piece, how many passed in a row, at which size it was cut."""
UPLOADING = "sync.uploading"
"""Hash of the batch of which the county may have a part."""
PAUSED = "sync.paused"
ORIGINALS = "sync.originals"
"""`ORIGINALS_ANY_LINE`: photos go whole over any line; otherwise originals wait for a good line or a stick."""
ORIGINALS_ANY_LINE = "any_line"
CONTENT_SPEED = "sync.content_speed"
"""Bytes a second as measured last on contents, and when (seconds since 1970)."""
CONTENT_MEASURED_AT = "sync.content_measured_at"
CONTENT_EPOCH = "sync.content_epoch"
"""The county's age when its receipts for contents were believed last."""
CONTENT_LEFT = "sync.content_left"
"""1 when the last exchange ended with contents that could have gone on."""
CONTENT_PROBLEM = "sync.content_problem"
"""Why the county took no further photos at the last exchange, in Chinese; '' when it did."""
RESTORED = "restored"


# Asked many times in each exchange: as plain text they cost a third of what built statements cost.
_EVERYTHING = "SELECT key, value FROM device_state"
_SET = (
    "INSERT INTO device_state (key, value) VALUES (?, ?)"
    " ON CONFLICT (key) DO UPDATE SET value = excluded.value WHERE value IS NOT excluded.value"
)


@dataclass(frozen=True)
class CountyLink:
    """`acked_seq` is the last own operation that the county confirmed, `head` the hash of its batch, `cursor` the
    county's number up to which everything of others is here. `ca` is a certificate in PEM, or '' for the system's.
    `county_key` is None until the county has told it (a workspace of the first version)."""

    url: str
    ca: str
    device: int
    incarnation: int
    key: SigningKey
    acked_seq: int
    head: bytes
    cursor: int
    county_key: VerifyKey | None
    county_recipient: str
    epoch: int = 1
    trail: Trail = NO_TRAIL

    @property
    def mark(self) -> bytes:
        """What stood at the cursor when the county told it."""
        newest = self.trail.newest
        return newest.mark if newest is not None and newest.number == self.cursor else b""

    @property
    def milestones(self) -> bytes:
        """What the county is told after it was restored, until it has said from where both go on."""
        return b"" if self.mark else pack_milestones(self.trail.milestones)

    def is_same_place(self, other: CountyLink) -> bool:
        """Whether an answer that was asked for at one counts at the other."""
        places = [(one.epoch, one.incarnation, one.acked_seq, one.cursor) for one in (self, other)]
        return places[0] == places[1]


def read_link(connection: Connection) -> CountyLink | None:
    """The link to the county, or None when this workspace has none."""
    state = read_state(connection)
    if DEVICE not in state or COUNTY_URL not in state:
        return None
    return CountyLink(
        url=state[COUNTY_URL],
        ca=state.get(COUNTY_CA, ""),
        device=int(state[DEVICE]),
        incarnation=int(state.get(INCARNATION, "1")),
        key=SigningKey(bytes.fromhex(state[DEVICE_KEY])),
        acked_seq=int(state.get(ACKED_SEQ, "0")),
        head=bytes.fromhex(state.get(HEAD, FIRST_LINK.hex())),
        cursor=int(state.get(CURSOR, "0")),
        county_key=VerifyKey(bytes.fromhex(state[COUNTY_KEY])) if COUNTY_KEY in state else None,
        county_recipient=state.get(COUNTY_RECIPIENT, ""),
        epoch=int(state.get(EPOCH, "1")),
        trail=read_trail(state.get(MILESTONES, "")),
    )


def find_link(workspace: Workspace) -> CountyLink | None:
    with explained(), workspace.engine.connect() as connection:
        return read_link(connection)


def read_state(connection: Connection) -> dict[str, str]:
    return dict(execute_past(connection, _EVERYTHING).fetchall())


def write_state(connection: Connection, values: dict[str, str]) -> None:
    """Set several keys in the caller's transaction."""
    if values:
        connection.exec_driver_sql(_SET, list(values.items()))


def identity_state(identity: bytes) -> dict[str, str]:
    """What to keep of an encoded `CountyIdentity`; nothing for b''. `DamagedMessageError` for what is none."""
    if not identity:
        return {}
    told = decode(identity, CountyIdentity)
    if len(told.verify_key) != 32 or not told.recipient.startswith("age1"):
        raise DamagedMessageError("no keys of a county")
    return {COUNTY_KEY: told.verify_key.hex(), COUNTY_RECIPIENT: told.recipient}


def confirmed_identity(link: CountyLink, identity: bytes) -> dict[str, str]:
    """What to keep of the identity that an exchange tells: of a county that is known already, never another key."""
    told = identity_state(identity)
    another = link.county_key is not None and told.get(COUNTY_KEY) != bytes(link.county_key).hex()
    return {} if another else told
