"""The county's request log is kept for six months at least, and the guide installs what keeps it."""

from __future__ import annotations

import re
from configparser import ConfigParser

from build_spec.locks import ROOT

COUNTY = ROOT / "build_spec" / "county"


def settings(name: str, section: str) -> dict[str, str]:
    parser = ConfigParser(interpolation=None, strict=False)
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read(COUNTY / name, encoding="utf-8")
    return dict(parser[section])


def months(text: str) -> int:
    found = re.fullmatch(r"(\d+)month", text)
    assert found is not None, text
    return int(found[1])


def test_the_request_log_stays_on_the_disk_for_more_than_six_months_and_loses_no_line() -> None:
    space = settings("tiangeng-county.service", "Service")["LogNamespace"]
    kept = settings(f"journald@{space}.conf", "Journal")
    assert kept["Storage"] == "persistent"
    # A file goes when its first line is that old: the last one in it may be younger by as much as a file holds.
    assert months(kept["MaxRetentionSec"]) - months(kept["MaxFileSec"]) > 6
    assert kept["RateLimitIntervalSec"] == "0"
    assert int(kept["SystemMaxUse"].removesuffix("G")) >= 8


def test_the_guide_installs_every_unit_and_reads_the_log_where_it_is() -> None:
    guide = (ROOT / "docs" / "deployment.md").read_text(encoding="utf-8")
    space = settings("tiangeng-county.service", "Service")["LogNamespace"]
    for file in (*COUNTY.glob("*.service"), *COUNTY.glob("journald@*.conf")):
        assert f"build_spec/county/{file.name} " in guide, file.name
    read = re.findall(r"journalctl [^`\n]*", guide)
    assert read
    assert all(f"--namespace={space}" in one or f"--namespace=+{space}" in one for one in read)
