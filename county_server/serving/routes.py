"""Makes the routes of the application from their rules. Nothing is served that has no rule."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Mapping

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from county_server.problems import RequestRefusedError
from county_server.serving import measures
from county_server.serving.entrance import Admitted, Entrance
from county_server.serving.logs import LOG
from county_server.serving.rules import RULES, Rule, Who
from village_core.exchange.messages import Problem, ProblemKind, encode

_log = logging.getLogger(LOG)

Handler = Callable[[Admitted], Awaitable[Response]]
Endpoint = Callable[[Request], Awaitable[Response]]
StrangerHandler = Callable[[bytes], Response]


class RuleMissingError(Exception):
    """A handler without a rule, or a rule without a handler: a defect, seen at the start."""


def build_routes(
    entrance: Entrance, handlers: Mapping[str, Handler], *, strangers: Mapping[str, StrangerHandler]
) -> Starlette:
    """The application. Handlers are named by the keys of their rules; `strangers` are those for a one-time code."""
    open_rules = {rule.key for rule in RULES if rule.who is Who.CODE}
    closed_rules = {rule.key for rule in RULES} - open_rules
    if handlers.keys() != closed_rules or strangers.keys() != open_rules:
        raise RuleMissingError(sorted((handlers.keys() ^ closed_rules) | (strangers.keys() ^ open_rules)))
    routes: dict[str, dict[str, Endpoint]] = {}
    for rule in RULES:
        if rule.who is Who.CODE:
            endpoint = _for_strangers(entrance, rule, strangers[rule.key])
        else:
            endpoint = _for_devices(entrance, rule, handlers[rule.key])
        routes.setdefault(rule.path, {})[rule.method] = endpoint
    app = Starlette(
        routes=[_route(path, _guarded(entrance, by_method), list(by_method)) for path, by_method in routes.items()],
        exception_handlers={404: _no_such_route, 405: _no_such_route},
    )
    app.router.redirect_slashes = False
    return app


def _for_devices(entrance: Entrance, rule: Rule, handler: Handler) -> Endpoint:
    async def endpoint(request: Request) -> Response:
        return await handler(await entrance.admit(rule, request))

    return endpoint


def _for_strangers(entrance: Entrance, rule: Rule, handler: StrangerHandler) -> Endpoint:
    async def endpoint(request: Request) -> Response:
        return await entrance.admit_stranger(rule, request, handler)

    return endpoint


def _guarded(entrance: Entrance, by_method: Mapping[str, Endpoint]) -> Endpoint:
    """One path. Refusals become answers; a defect of ours is logged and becomes a short one, never a page of HTML."""

    async def guarded(request: Request) -> Response:
        try:
            return await by_method[request.method](request)
        except RequestRefusedError as refusal:
            headers = None
            if refusal.retry_after is not None:
                measures.BUSY.inc()
                headers = {"retry-after": str(refusal.retry_after)}
            return Response(encode(refusal.problem), status_code=refusal.status, headers=headers)
        except ClientDisconnect:
            return Response(encode(Problem(ProblemKind.DAMAGED)), status_code=400)
        except Exception:  # noqa: BLE001 - the boundary: whatever it was, the laptop gets a short answer
            _log.exception("a request failed")
            return Response(encode(Problem(ProblemKind.DEFECT)), status_code=500)
        finally:
            entrance.give_back(request)

    return guarded


def _route(path: str, endpoint: Endpoint, methods: list[str]) -> Route:
    """Exactly these methods: HEAD, which comes with GET unasked, has no rule."""
    route = Route(path, endpoint, methods=methods)
    route.methods = set(methods)
    return route


async def _no_such_route(_request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    return Response(encode(Problem(ProblemKind.NO_CONTENT)), status_code=error.status_code, headers=error.headers)
