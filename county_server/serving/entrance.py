"""The one way in: every request shows who sends it, and is of that device's village, before a handler sees it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ParamSpec, TypeVar

from sqlalchemy import Engine
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from county_server.auth.devices import KnownDevice
from county_server.auth.patience import Patience
from county_server.auth.signed import RememberedDevices, Signed, SignedByAnotherError, read_signed
from county_server.auth.tickets import admit_content_ticket, admit_ticket
from county_server.problems import RequestRefusedError
from county_server.serving.admission import Gate
from county_server.serving.bodies import BodyRoom, check_told_size, listen_meanwhile, read_body
from county_server.serving.front import WHO
from county_server.serving.rules import Rule, SignedKind, Who
from village_core.exchange.messages import ProblemKind

Parameters = ParamSpec("Parameters")
Found = TypeVar("Found")

_WRONG_CODES = (ProblemKind.CODE_UNKNOWN, ProblemKind.CODE_USED, ProblemKind.CODE_EXPIRED, ProblemKind.BAD_SIGNATURE)


@dataclass(frozen=True)
class Admitted:
    """A request whose sender has shown who he is. `signed` is there where the body is signed."""

    request: Request
    device: KnownDevice
    body: bytes
    gate: Gate
    signed: Signed[Any] | None = None

    def path(self, name: str) -> str:
        """A part of the path, as it came."""
        return str(self.request.path_params[name])

    async def do(
        self, work: Callable[Parameters, Found], *arguments: Parameters.args, **named: Parameters.kwargs
    ) -> Found:
        """Work on the database, at this village's place at the gate; never called while a line is waited for."""
        async with self.gate.place(self.device.village):
            return await run_in_threadpool(work, *arguments, **named)


class Entrance:
    """Of one worker process."""

    def __init__(self, engine: Engine, gate: Gate, *, patience: Patience, room: BodyRoom) -> None:
        self._engine = engine
        self._gate = gate
        self._patience = patience
        self._room = room
        self._devices = RememberedDevices(engine)

    async def admit(self, rule: Rule, request: Request) -> Admitted:
        """The request with its sender, or a refusal. What needs no body to be judged is judged without it."""
        if rule.body_limit:
            check_told_size(request, rule.body_limit)
        signed: Signed[Any] | None = None
        body = b""
        if rule.kind is not None:
            body = await read_body(request, rule.body_limit, room=self._room)
            signed = await run_in_threadpool(self._read_signed, body, rule.kind)
            device = signed.sender
        elif rule.streamed:
            admission = asyncio.ensure_future(run_in_threadpool(self._by_ticket, rule, request))
            request = await listen_meanwhile(request, admission)
            device = await admission
        else:
            device = await run_in_threadpool(self._by_ticket, rule, request)
        request.scope[WHO] = {"village": device.village, "device": device.number}
        self._patience.take(device.number)
        if rule.village_in_path and request.path_params["village"] != device.village:
            raise RequestRefusedError(404, ProblemKind.NO_CONTENT)
        if rule.kind is None and not rule.streamed:
            body = await read_body(request, rule.body_limit, room=self._room)
        return Admitted(request, device, body, self._gate, signed)

    async def admit_stranger(self, rule: Rule, request: Request, work: Callable[[bytes], Response]) -> Response:
        """Who has only a code. `work` looks at it; each wrong one makes the next wait longer."""
        address = request.client.host if request.client else ""
        self._patience.check_stranger(address)
        check_told_size(request, rule.body_limit)
        body = await read_body(request, rule.body_limit, room=self._room)
        try:
            return await run_in_threadpool(work, body)
        except RequestRefusedError as refusal:
            if refusal.problem.kind in _WRONG_CODES:
                self._patience.note_wrong_code(address)
            raise

    def give_back(self, request: Request) -> None:
        """The answer is made: the room of the body is free again."""
        self._room.give_back(getattr(request.state, "held_bytes", 0))

    def _read_signed(self, body: bytes, kind: SignedKind) -> Signed[Any]:
        try:
            return read_signed(body, kind, find=self._devices)
        except SignedByAnotherError as error:
            # Perhaps the database was restored since, and the number is another device's now.
            self._devices.forget(error.device)
            return read_signed(body, kind, find=self._devices)

    def _by_ticket(self, rule: Rule, request: Request) -> KnownDevice:
        ticket = request.headers.get("authorization", "")
        if rule.who is Who.CONTENT_TICKET:
            return admit_content_ticket(self._engine, ticket, method=request.method, parts=request.path_params)
        return admit_ticket(self._engine, ticket, method=request.method, path=request.scope["path"])
