"""The list of parts, the bill of materials and the question about known faults. Nothing here asks the network."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from build_spec.audit import FOUND, NOT_CHECKED, judge
from build_spec.locks import BUILD_LOCK, LOCK, ROOT, needed_at_runtime, read_lock
from build_spec.sbom import bill_of_materials
from build_spec.third_party import renewed


def test_the_page_of_parts_is_as_the_generator_writes_it() -> None:
    text = (ROOT / "THIRD_PARTY.md").read_text(encoding="utf-8")
    assert renewed(text) == text, "run: make lock, or python -m build_spec.third_party"


def test_every_locked_runtime_package_stands_with_its_version_and_a_licence() -> None:
    text = (ROOT / "THIRD_PARTY.md").read_text(encoding="utf-8")
    listed = dict(re.findall(r"^\| ([a-z0-9-]+) \| ([0-9][^ ]*) \| [^?|]+ \|$", text, re.MULTILINE))
    assert {entry.name: entry.version for entry in read_lock(BUILD_LOCK)}.items() <= listed.items()
    assert {entry.name: entry.version for entry in read_lock(LOCK)}.items() <= listed.items()


def test_a_package_that_is_not_on_the_page_is_noticed() -> None:
    text = (ROOT / "THIRD_PARTY.md").read_text(encoding="utf-8")
    without = text.replace("| pyrage | ", "| something-else | ")
    assert renewed(without) != without


def test_what_runs_is_known_apart_from_what_builds_and_tests() -> None:
    runtime = needed_at_runtime()
    assert {"sqlcipher3", "pyrage", "psycopg-binary", "tzdata", "cffi", "shiboken6"} <= runtime
    assert not runtime & {"pyinstaller", "pytest", "setuptools", "macholib", "hypothesis"}


def test_the_bill_of_materials_names_every_part_with_hash_and_licence() -> None:
    bill = json.loads(json.dumps(bill_of_materials()))
    assert (bill["bomFormat"], bill["specVersion"], bill["version"]) == ("CycloneDX", "1.6", 1)
    assert re.fullmatch(r"urn:uuid:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", bill["serialNumber"])
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", bill["metadata"]["timestamp"])
    for part in bill["components"]:
        assert part["type"] in {"library", "file"}
        assert part["scope"] in {"required", "excluded"}
        assert part["hashes"]
        assert all(re.fullmatch("[0-9a-f]{64}", one["content"]) for one in part["hashes"])
        assert part["licenses"][0]["license"].get("name", "OFL-1.1") not in {"", "?"}
    references = [part["bom-ref"] for part in bill["components"]]
    assert len(references) == len(set(references))
    libraries = {part["name"] for part in bill["components"] if part["type"] == "library"}
    assert libraries == {entry.name for entry in read_lock(LOCK)}
    known = {*references, bill["metadata"]["component"]["bom-ref"]}
    assert all({one["ref"], *one["dependsOn"]} <= known for one in bill["dependencies"])


def test_the_bill_of_materials_is_the_same_each_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1790000000")
    assert bill_of_materials() == bill_of_materials()
    assert bill_of_materials()["metadata"]["timestamp"] == "2026-09-21T14:13:20Z"


ASKED = {"alpha": "1.0", "beta": "2.0"}
CLEAN = {"name": "alpha", "version": "1.0", "vulns": []}
BAD = {"name": "beta", "version": "2.0", "vulns": [{"id": "PYSEC-1", "fix_versions": ["2.1"]}]}


@pytest.mark.parametrize(
    ("answer", "status", "words"),
    [
        ({"dependencies": [CLEAN, {**BAD, "vulns": []}]}, 0, "2 of 2 packages checked, 0 advisories"),
        ({"dependencies": [CLEAN, BAD]}, FOUND, "FOUND        beta 2.0: PYSEC-1 (2.1)"),
        ({"dependencies": [CLEAN, {"name": "beta", "skip_reason": "not found"}]}, NOT_CHECKED, "NOT CHECKED  beta 2.0"),
        ({"dependencies": [CLEAN]}, NOT_CHECKED, "no answer about it"),
        ({"dependencies": [CLEAN, {**BAD, "version": "2.2", "vulns": []}]}, NOT_CHECKED, "NOT CHECKED  beta 2.0"),
        ({"dependencies": [{"name": "alpha", "version": "1.0"}, BAD]}, NOT_CHECKED, "FOUND        beta"),
        ({}, NOT_CHECKED, "0 of 2 packages checked"),
        (None, NOT_CHECKED, "no clean result"),
    ],
)
def test_silence_about_a_package_is_no_good_news(answer: Any, status: int, words: str) -> None:
    got, lines = judge(ASKED, answer)
    assert got == status
    assert words in "\n".join(lines)


def test_a_mirror_without_advisories_is_told_from_packages_that_nobody_knows() -> None:
    unknown = [{"name": name, "skip_reason": "Dependency not found on PyPI"} for name in ASKED]
    status, lines = judge(ASKED, {"dependencies": unknown})
    assert status == NOT_CHECKED
    assert "mirror" in "\n".join(lines)
    assert "mirror" not in "\n".join(judge(ASKED, {"dependencies": [CLEAN]})[1])


def test_nothing_asked_is_no_clean_result() -> None:
    assert judge({}, {"dependencies": []})[0] == NOT_CHECKED
