"""Several worker processes on one port. A worker that dies is replaced; none of them keeps anything of its own."""

from __future__ import annotations

import os
import shutil
import socket
import ssl
import tempfile
from collections.abc import Callable
from pathlib import Path
from threading import Thread
from wsgiref.simple_server import WSGIServer

import uvicorn
from sqlalchemy import Engine
from starlette.types import ASGIApp

from county_server.serving.patient_http import PatientProtocol

TLS_CIPHERS = "ECDHE+AESGCM:ECDHE+CHACHA20"
"""Forward secrecy and authenticated ciphers only."""

_DATABASE = "TIANGENG_WORKER_DB"
_COUNTS = "PROMETHEUS_MULTIPROC_DIR"


def make_worker_app() -> ASGIApp:
    """The application of one worker; called in its own process."""
    from county_server.app import create_app
    from county_server.engine import open_database
    from county_server.serving.logs import write_json_lines
    from county_server.sync.content_room import configured_limits

    write_json_lines()
    return create_app(open_database(os.environ[_DATABASE]), content_limits=configured_limits())


def http_settings(
    app: ASGIApp | str, *, cert: str | None = None, key: str | None = None, workers: int = 1
) -> uvicorn.Config:
    """How the county speaks HTTP. `app` is the application, or where it is made; `cert` and `key` are files."""
    return uvicorn.Config(
        app,
        factory=isinstance(app, str),
        workers=workers,
        log_level="warning",
        log_config=None,
        access_log=False,
        server_header=False,
        date_header=False,
        lifespan="off",
        timeout_keep_alive=75,
        backlog=1024,
        ssl_certfile=cert,
        ssl_keyfile=key,
        ssl_ciphers=TLS_CIPHERS,
        ssl_context_factory=speak_new_tls_only if cert else None,
        http=PatientProtocol,
    )


def speak_new_tls_only(_settings: uvicorn.Config, make: Callable[[], ssl.SSLContext]) -> ssl.SSLContext:
    """TLS 1.2 and 1.3, whatever the least is of the Python or the system that runs this."""
    context = make()
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


def serve(
    engine: Engine,
    *,
    address: str,
    listener: socket.socket,
    workers: int,
    cert: str | None,
    key: str | None,
    metrics: tuple[str, int] | None,
) -> None:
    """Serve until stopped. `address` is the database's; the measures are for the operator's own network only. The
    workers find in the environment how much room photos may take."""
    counts = tempfile.mkdtemp(prefix="tiangeng-counts-")
    # Before prometheus_client is imported, here and in the workers: they count into files that are added up.
    os.environ[_COUNTS] = counts
    os.environ[_DATABASE] = address
    told: WSGIServer | None = None
    try:
        if metrics is not None:
            told = _tell_measures(engine, *metrics)
        config = http_settings("county_server.serving.workers:make_worker_app", cert=cert, key=key, workers=workers)
        if workers > 1:
            from uvicorn.supervisors import Multiprocess

            Multiprocess(config, sockets=[listener]).run()
        else:
            uvicorn.Server(config).run(sockets=[listener])
    finally:
        if told is not None:
            told.shutdown()
        shutil.rmtree(Path(counts), ignore_errors=True)


def _tell_measures(engine: Engine, host: str, port: int) -> WSGIServer:
    from prometheus_client import multiprocess, start_http_server

    from county_server.serving.measures import village_registry
    from village_core.domain.clock import SystemClock

    registry = village_registry(engine, SystemClock())
    multiprocess.MultiProcessCollector(registry)  # type: ignore[no-untyped-call]  # untyped upstream
    server, thread = start_http_server(port, addr=host, registry=registry)
    assert isinstance(thread, Thread)
    return server
