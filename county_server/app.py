"""The HTTP face of the county: few paths, binary bodies, hardly any headers."""

from __future__ import annotations

from sqlalchemy import Engine
from starlette.responses import Response
from starlette.types import ASGIApp

from county_server.auth.enrolment import enrol
from county_server.auth.patience import Patience
from county_server.serving import measures
from county_server.serving.admission import Gate, Limits
from county_server.serving.bodies import BodyRoom
from county_server.serving.entrance import Admitted, Entrance
from county_server.serving.front import Front
from county_server.serving.routes import build_routes
from county_server.sync.content_room import ContentLimits
from county_server.sync.content_routes import content_handlers
from county_server.sync.piece_routes import piece_handlers
from county_server.sync.service import DEFAULT_DOWN_LIMIT, exchange
from county_server.sync.snapshots import FAR_BEHIND
from county_server.sync.verifying import verify_village
from village_core.domain.clock import Clock, SystemClock
from village_core.exchange.bisection import VERIFY_PATH
from village_core.exchange.messages import ENROL_PATH, SYNC_PATH, encode


def create_app(
    engine: Engine,
    *,
    clock: Clock | None = None,
    down_limit: int = DEFAULT_DOWN_LIMIT,
    limits: Limits | None = None,
    content_limits: ContentLimits | None = None,
    far: int = FAR_BEHIND,
    patience: Patience | None = None,
    room: BodyRoom | None = None,
) -> ASGIApp:
    """The application on a migrated database. It keeps no state that another process would miss."""
    now = clock or SystemClock()
    entrance = Entrance(engine, Gate(limits), patience=patience or Patience(), room=room or BodyRoom())

    async def sync(admitted: Admitted) -> Response:
        def turn() -> bytes:
            with measures.WORK_SECONDS.time():
                return encode(
                    exchange(engine, admitted.body, clock=now, down_limit=down_limit, far=far, signed=admitted.signed)
                )

        return Response(await admitted.do(turn))

    async def verify(admitted: Admitted) -> Response:
        return Response(
            encode(await admitted.do(verify_village, engine, admitted.body, clock=now, signed=admitted.signed))
        )

    def enrol_device(body: bytes) -> Response:
        return Response(encode(enrol(engine, body, clock=now)))

    handlers = {
        f"POST {SYNC_PATH}": sync,
        f"POST {VERIFY_PATH}": verify,
        **content_handlers(engine, clock=now, limits=content_limits),
        **piece_handlers(engine, clock=now),
    }
    return Front(build_routes(entrance, handlers, strangers={f"POST {ENROL_PATH}": enrol_device}))
