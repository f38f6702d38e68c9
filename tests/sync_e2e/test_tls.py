"""TLS with the county's own certificate authority: pinned, and nothing is sent to anyone else."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from desktop_app.sync.enrolment import join_county
from desktop_app.sync.loop import exchange
from tests.counties import County
from tests.laptops import LaptopMaker
from village_core.domain.errors import ProblemOutsideError, RefusedError

CERTIFICATES = Path(__file__).with_name("certificates")
"""Made for these tests only; the authority's key was thrown away."""
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def tls_url(small_county: County) -> Iterator[str]:
    command = [
        sys.executable, "-m", "county_server", "serve", "--listen", "127.0.0.1:0", "--db", small_county.address,
        "--cert", str(CERTIFICATES / "server.pem"), "--key", str(CERTIFICATES / "server.key"),
    ]  # fmt: skip
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield process.stdout.readline().split("：")[-1].strip()
        finally:
            process.terminate()


def test_with_the_countys_authority_the_exchange_goes_through_tls(
    small_county: County, make_laptop: LaptopMaker, tls_url: str
) -> None:
    laptop = make_laptop(small_county, enrolled=False)
    assert tls_url.startswith("https://")

    join_county(laptop.workspace, url=tls_url, code=small_county.code(), ca_file=CERTIFICATES / "ca.pem")

    assert exchange(laptop.workspace).equal


@pytest.mark.parametrize("authority", ["other_ca.pem", None])
def test_a_server_with_another_certificate_gets_nothing(
    small_county: County, make_laptop: LaptopMaker, tls_url: str, authority: str | None
) -> None:
    laptop = make_laptop(small_county, enrolled=False)
    ca_file = CERTIFICATES / authority if authority else None

    with pytest.raises(ProblemOutsideError, match="证书对不上"):
        join_county(laptop.workspace, url=tls_url, code=small_county.code(), ca_file=ca_file)

    assert laptop.workspace.state("device") is None


def test_a_file_that_is_no_certificate_is_refused(
    small_county: County, make_laptop: LaptopMaker, tmp_path: Path
) -> None:
    laptop = make_laptop(small_county, enrolled=False)
    for content in (b"hello", bytes(range(256)), b"-----BEGIN CERTIFICATE-----\nnonsense\n-----END CERTIFICATE-----"):
        (tmp_path / "ca.pem").write_bytes(content)
        with pytest.raises(RefusedError, match="证书"):
            join_county(laptop.workspace, url="https://127.0.0.1:1", code="x", ca_file=tmp_path / "ca.pem")
