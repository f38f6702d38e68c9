"""A request that the county does not carry out, and the status it is answered with."""

from __future__ import annotations

from village_core.exchange.messages import Problem, ProblemKind


class RequestRefusedError(Exception):
    """Becomes an answer with this HTTP status and a `Problem` as body; `retry_after` in seconds goes with a 503."""

    def __init__(self, status: int, kind: ProblemKind, detail: str = "", *, retry_after: int | None = None) -> None:
        self.status = status
        self.retry_after = retry_after
        self.problem = Problem(kind, detail)
        super().__init__(f"{status} {kind} {detail}")
