"""The line between a simulated laptop and the county, and everything that can happen to a request on it."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from desktop_app.sync import words
from tests.laptops import DirectLine
from tests.piece_requests import PIECE_PATHS
from tests.sim.power import PowerCutError
from village_core.exchange.messages import SYNC_PATH
from village_core.exchange.pieces import PART_PATH

if TYPE_CHECKING:
    from tests.sim.world import SimCounty

FAULTS = (
    "request lost",
    "request cut",
    "answer lost",
    "answer cut",
    "request twice",
    "old request again",
    "county crashes",
    "county crashes afterwards",
)


@dataclass
class Fault:
    """What happens to a request. `place` is where: a share of its bytes, or a statement at the county."""

    kind: str
    place: float = 0.0
    statement: int = 0


class SimLine(DirectLine):
    """Faults are used up one request each. `meanwhile` runs once while the next answer is on its way."""

    def __init__(self, county: SimCounty, *, down_limit: int) -> None:
        super().__init__(county, down_limit=down_limit, far=county.far)
        self._sim_county = county
        self.faults: deque[Fault | None] = deque()
        self.meanwhile: Callable[[], None] | None = None

    def calm(self) -> None:
        self.faults.clear()
        self.cut_after = None
        self.meanwhile = None

    def _at_county(self, method: str, path: str, body: bytes, *rest: Any, **more: Any) -> Any:
        fault = self.faults.popleft() if self.faults else None
        answer = self._with_fault(
            fault, path, lambda sent: DirectLine._at_county(self, method, path, sent, *rest, **more), body
        )
        if path == SYNC_PATH:
            self._sim_county.remember(body)
        meanwhile, self.meanwhile = self.meanwhile, None
        if meanwhile is not None:
            meanwhile()
        return answer

    def _with_fault(self, fault: Fault | None, path: str, send: Callable[[bytes], Any], body: bytes) -> Any:
        county = self._sim_county
        county.touched = True
        if fault is None:
            return send(body)
        if fault.kind == "request lost":
            raise words.line_cut()
        if fault.kind == "request cut":
            if path == SYNC_PATH:
                status, *_ = send(body[: int(len(body) * fault.place)])
                assert status in (400, 401), f"the county took half a request ({status})"
            elif path.startswith(PART_PATH):
                send(body[: int(len(body) * fault.place)])
            raise words.line_cut()
        if fault.kind == "old request again" and county.requests:
            old = county.requests[int(len(county.requests) * fault.place)]
            DirectLine._at_county(self, "POST", SYNC_PATH, old, "")
        if fault.kind == "county crashes":
            county.fuse.left = fault.statement
        try:
            answer = send(body)
        except PowerCutError:
            county.restart()
            raise words.line_cut() from None
        finally:
            county.fuse.left = None
        if fault.kind == "county crashes afterwards":
            county.restart()
            raise words.line_cut()
        if fault.kind == "answer lost":
            raise words.line_cut()
        if fault.kind == "answer cut":
            status, content, *others = answer
            if path.startswith(PIECE_PATHS):
                self.cut_after = int(len(content) * fault.place)
                return answer
            return (status, content[: int(len(content) * fault.place)], *others)
        if fault.kind == "request twice":
            return send(body)
        return answer
