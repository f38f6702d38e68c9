"""A device comes in with a one-time code and its public key, and leaves with its number."""

from __future__ import annotations

import secrets
from datetime import timedelta
from hashlib import blake2b
from typing import Any
from uuid import UUID

from msgspec.structs import replace
from nacl.signing import VerifyKey
from sqlalchemy import Connection, Engine, Row, and_, func, insert, or_, select, update

from county_server.auth.identity import load_keys
from county_server.auth.seats import SeatKeeper
from county_server.engine import writing
from county_server.problems import RequestRefusedError
from county_server.tables import device, enrolment_code, village
from village_core.domain.clock import Clock, stamp, stamp_of
from village_core.domain.ids import new_id
from village_core.exchange.codec import DamagedMessageError
from village_core.exchange.messages import (
    PROTOCOL,
    EnrolAnswer,
    EnrolRequest,
    ProblemKind,
    encode,
    is_request_of,
    prove_county,
    split_request,
)
from village_core.exchange.seats import SeatKind

CODE_HOURS = 24
_ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
"""Without 0 and O, 1, I and L: a code is read out over the telephone."""
_CODE_LETTERS = 12
_NOBODY = EnrolAnswer("", "", device=0, role="", person=b"", may_post=False, epoch=0, time=0)
"""The answer to a request without a code."""


def make_code(connection: Connection, code: str, *, role: str, clock: Clock) -> str:
    """A new one-time code for one device of the village, in three groups of four. Only its hash is kept."""
    letters = "".join(secrets.choice(_ALPHABET) for _ in range(_CODE_LETTERS))
    connection.execute(
        insert(enrolment_code).values(
            code_hash=_hash(letters),
            village=code,
            role=role,
            made_at=stamp(clock),
            expires_at=_later(clock),
        )
    )
    return "-".join(letters[start : start + 4] for start in range(0, _CODE_LETTERS, 4))


def enrol(engine: Engine, body: bytes, *, clock: Clock) -> EnrolAnswer:
    """Register the device. The same device with the same code gets the same answer again. Without a code only the
    county shows who it is."""
    try:
        request, content, signature = split_request(body, EnrolRequest)
        key = VerifyKey(request.public_key)
    except (DamagedMessageError, ValueError, TypeError) as error:
        raise RequestRefusedError(400, ProblemKind.DAMAGED) from error
    if request.protocol != PROTOCOL:
        raise RequestRefusedError(400, ProblemKind.OLD_SCHEMA)
    if not is_request_of(key, content, signature):
        raise RequestRefusedError(401, ProblemKind.BAD_SIGNATURE)
    if len(request.person) not in (0, 16) or not 0 <= request.last_seq < 1 << 62 or "\x00" in request.person_name:
        raise RequestRefusedError(400, ProblemKind.DAMAGED)
    if not request.code:
        with engine.connect() as connection:
            return _prove(connection, _NOBODY, content)
    with writing(engine) as connection:
        return _prove(connection, _enrol(connection, request, clock=clock), content)


def _prove(connection: Connection, answer: EnrolAnswer, content: bytes) -> EnrolAnswer:
    """The answer with the county's public keys, and its signature over what was asked."""
    keys = load_keys(connection)
    return replace(answer, identity=encode(keys.public), proof=prove_county(keys.signing, content))


def _enrol(connection: Connection, request: EnrolRequest, *, clock: Clock) -> EnrolAnswer:
    code = connection.execute(
        select(enrolment_code).where(enrolment_code.c.code_hash == _hash(request.code)).with_for_update()
    ).first()
    if code is None:
        raise RequestRefusedError(403, ProblemKind.CODE_UNKNOWN)
    place = connection.execute(select(village).where(village.c.code == code.village).with_for_update()).one()
    if request.village and request.village != place.code:
        raise RequestRefusedError(409, ProblemKind.OTHER_VILLAGE, place.name)
    if code.device is not None:
        known = connection.execute(select(device).where(device.c.number == code.device)).one()
        if known.public_key != request.public_key or known.revoked:
            raise RequestRefusedError(403, ProblemKind.CODE_USED)
        return _answer(place, known, seats=SeatKeeper(connection, place.code, clock=clock), clock=clock)
    if code.expires_at < stamp(clock):
        raise RequestRefusedError(403, ProblemKind.CODE_EXPIRED)
    number = connection.execute(
        insert(device)
        .values(
            village=place.code,
            role=code.role,
            person=UUID(bytes=request.person) if request.person else new_id(),
            person_name=request.person_name[:60],
            public_key=request.public_key,
            alone_until=_alone_until(connection, place.code, request),
            revoked=False,
            enrolled_at=stamp(clock),
        )
        .returning(device.c.number)
    ).scalar_one()
    connection.execute(update(enrolment_code).where(enrolment_code.c.code_hash == code.code_hash).values(device=number))
    seats = SeatKeeper(connection, place.code, clock=clock)
    seats.lend_where_free()
    seats.write()
    known = connection.execute(select(device).where(device.c.number == number)).one()
    return _answer(place, known, seats=seats, clock=clock)


def _alone_until(connection: Connection, code: str, request: EnrolRequest) -> int:
    """How far the laptop worked alone, with all rights. One that was enrolled before, or another of a person who was
    shut out, gets no more than it had then: what it did since was done under the county."""
    earlier = select(func.min(device.c.alone_until)).where(
        device.c.village == code,
        or_(
            device.c.public_key == request.public_key,
            and_(device.c.revoked, device.c.person == UUID(bytes=request.person or bytes(16))),
        ),
    )
    before = connection.scalar(earlier)
    return request.last_seq if before is None else min(before, request.last_seq)


def _answer(place: Row[Any], known: Row[Any], *, seats: SeatKeeper, clock: Clock) -> EnrolAnswer:
    return EnrolAnswer(
        village=place.code,
        village_name=place.name,
        device=known.number,
        role=known.role,
        person=known.person.bytes,
        may_post=seats.holds(SeatKind.LEDGER, known.number),
        epoch=place.epoch,
        time=int(clock.now().timestamp() * 1000),
        may_grant=seats.holds(SeatKind.GRANT, known.number),
    )


def _hash(code: str) -> bytes:
    """Over the letters only: case, spaces and dashes do not matter. Codes are random and short-lived: no salt."""
    letters = "".join(letter for letter in code.upper() if letter.isalnum())
    return blake2b(letters.encode(), digest_size=32, person=b"tiangeng enrol").digest()


def _later(clock: Clock) -> str:
    return stamp_of(clock.now() + timedelta(hours=CODE_HOURS))
