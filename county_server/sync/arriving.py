"""The batch of a request, as far as it may be believed."""

from __future__ import annotations

from sqlalchemy import Engine

from county_server.auth.devices import KnownDevice
from county_server.problems import RequestRefusedError
from county_server.sync.refused import keep_refused
from village_core.domain.clock import Clock
from village_core.exchange.batches import Batch, is_signed_by, thaw_batch
from village_core.exchange.codec import DamagedMessageError
from village_core.exchange.messages import ProblemKind, SyncRequest


def read_batch(engine: Engine, sender: KnownDevice, request: SyncRequest, *, clock: Clock) -> Batch | None:
    """None where the request brings none. Raises `RequestRefusedError` for a damaged one (400), and for one that its
    sender did not sign or that names another village, device or incarnation (401); its bytes are kept all the same."""
    if not request.batch:
        return None
    try:
        arriving = thaw_batch(request.batch)
    except DamagedMessageError as error:
        keep_refused(engine, sender, request, clock=clock)
        raise RequestRefusedError(400, ProblemKind.DAMAGED) from error
    signed = is_signed_by(sender.key, request.batch, request.signature)
    ours = (arriving.village, arriving.device, arriving.incarnation)
    if not signed or ours != (sender.village, sender.number, request.incarnation):
        keep_refused(engine, sender, request, clock=clock)
        raise RequestRefusedError(401, ProblemKind.BAD_SIGNATURE)
    return arriving
