"""Connections before anything is asked: silent ones end, old TLS is not spoken, slow bodies are given up."""

from __future__ import annotations

import asyncio
import socket
import ssl
import warnings
from typing import Any
from urllib.parse import urlsplit

import pytest
from starlette.requests import ClientDisconnect, Request

from county_server.serving import bodies, workers
from county_server.serving.patient_http import PatientProtocol
from tests.counties import County, serving
from tests.sync_e2e.test_tls import CERTIFICATES


def connected(url: str) -> socket.socket:
    parts = urlsplit(url)
    return socket.create_connection((parts.hostname or "", parts.port or 0), timeout=10)


@pytest.mark.parametrize(
    "beginning", [b"", b"POST /v1/sync HTTP/1.1\r\nhost: a\r\nx-slow:"], ids=["silent", "half a head"]
)
def test_who_never_ends_the_head_of_a_request_is_cut_off(
    small_county: County, monkeypatch: pytest.MonkeyPatch, beginning: bytes
) -> None:
    monkeypatch.setattr(PatientProtocol, "HEAD_SECONDS", 0.2)
    with serving(small_county) as url, connected(url) as line:
        line.sendall(beginning)
        assert line.recv(1) == b""


def test_only_new_tls_with_forward_secrecy_is_spoken(small_county: County) -> None:
    certificate = CERTIFICATES / "server.pem"
    with serving(small_county, certificate=certificate) as url:
        assert spoken(url, lambda context: None) == "TLSv1.3"
        assert spoken(url, lambda context: set_newest(context, ssl.TLSVersion.TLSv1_2)) == "TLSv1.2"
        with pytest.raises(ssl.SSLError):
            spoken(url, lambda context: old_ciphers(context))


def test_older_tls_is_refused_also_where_python_and_the_system_would_speak_it(
    small_county: County, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("uvicorn.config.create_ssl_context", of_an_easygoing_system)
    certificate = CERTIFICATES / "server.pem"
    with serving(small_county, certificate=certificate) as url:
        for version in ("TLSv1", "TLSv1_1"):
            with pytest.raises(ssl.SSLError):
                spoken(url, lambda context, version=version: set_only(context, version))
    monkeypatch.setattr(workers, "speak_new_tls_only", lambda _settings, make: make())
    with serving(small_county, certificate=certificate) as url:
        assert spoken(url, lambda context: set_only(context, "TLSv1_1")) == "TLSv1.1", "so the least alone refused it"


def of_an_easygoing_system(certfile: str, keyfile: str, **_: Any) -> ssl.SSLContext:
    """What uvicorn would begin with on a system that allows everything."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certfile, keyfile)
    context.set_ciphers("ALL:@SECLEVEL=0")
    allow(context, "TLSv1", "MAXIMUM_SUPPORTED")
    return context


def spoken(url: str, prepare: Any) -> str | None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    prepare(context)
    with connected(url) as line, context.wrap_socket(line) as secure:
        return secure.version()


def set_newest(context: ssl.SSLContext, version: ssl.TLSVersion) -> None:
    context.maximum_version = version


def set_only(context: ssl.SSLContext, version: str) -> None:
    """One old version, with the ciphers of its day and its weak signatures."""
    context.set_ciphers("ALL:@SECLEVEL=0")
    allow(context, version, version)


def allow(context: ssl.SSLContext, least: str, newest: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        context.minimum_version = ssl.TLSVersion[least]
        context.maximum_version = ssl.TLSVersion[newest]


def old_ciphers(context: ssl.SSLContext) -> None:
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers("AES128-SHA:ECDHE-RSA-AES128-SHA:ECDHE-ECDSA-AES128-SHA:AES256-GCM-SHA384")


def test_a_body_that_drips_is_given_up_although_it_is_never_silent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bodies, "_SILENCE_SECONDS", 0.1)
    monkeypatch.setattr(bodies, "_SLOWEST", 1_000)

    async def drip() -> dict[str, Any]:
        await asyncio.sleep(0.02)
        return {"type": "http.request", "body": b"x", "more_body": True}

    async def read() -> int:
        size = 0
        with pytest.raises(ClientDisconnect):
            async for some in bodies.pieces_of(Request({"type": "http"}, drip)):
                size += len(some)
        return size

    assert asyncio.run(read()) < 20


def test_what_arrives_while_a_ticket_is_looked_at_is_not_lost_when_the_line_is_cut() -> None:
    async def read() -> bytes:
        messages = [
            {"type": "http.request", "body": b"begin", "more_body": True},
            {"type": "http.request", "body": b"ning", "more_body": True},
            {"type": "http.disconnect"},
        ]
        looked_at = asyncio.get_running_loop().create_future()

        async def receive() -> dict[str, Any]:
            if len(messages) == 1 and not looked_at.done():
                looked_at.set_result(None)
            return messages.pop(0)

        request = await bodies.listen_meanwhile(Request({"type": "http"}, receive), looked_at)
        kept = b""
        with pytest.raises(ClientDisconnect):
            async for some in bodies.pieces_of(request):
                kept += some
        return kept

    assert asyncio.run(read()) == b"beginning"
