"""Writes dist/sbom.cdx.json, the list of parts as CycloneDX 1.6, from the lock: `python -m build_spec.sbom`."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import tomllib
import uuid
from datetime import UTC, datetime
from typing import Any

from build_spec.locks import LOCK, ROOT, Locked, licence_of, needed_at_runtime, needs_of, read_lock

TARGET = ROOT / "dist" / "sbom.cdx.json"
_NAMESPACE = uuid.UUID("5b2b6a5e-6a39-5d6b-9d0e-1f6f7c9d8a10")

Json = dict[str, Any]


def bill_of_materials() -> Json:
    """The same document for the same commit: number and time come from the lock and the commit."""
    runtime = needed_at_runtime()
    entries = read_lock(LOCK)
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    own = f"pkg:generic/{project['name']}@{project['version']}"
    names = {entry.name: _address(entry) for entry in entries}
    return {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": f"urn:uuid:{uuid.uuid5(_NAMESPACE, hashlib.sha256(LOCK.read_bytes()).hexdigest())}",
        "version": 1,
        "metadata": {
            "timestamp": _moment().strftime("%Y-%m-%dT%H:%M:%SZ"),
            "component": {
                "type": "application",
                "bom-ref": own,
                "name": project["name"],
                "version": project["version"],
                "description": project["description"],
            },
        },
        "components": [
            *(_package(entry, shipped=entry.name in runtime) for entry in entries),
            *_fonts(),
        ],
        "dependencies": [
            {"ref": own, "dependsOn": sorted(names[name] for name in runtime if name in names)},
            *({"ref": names[entry.name], "dependsOn": _needs(entry.name, names)} for entry in entries),
        ],
    }


def _needs(name: str, names: dict[str, str]) -> list[str]:
    return sorted({names[need] for need, _ in needs_of(name) if need in names})


def _address(entry: Locked) -> str:
    return f"pkg:pypi/{entry.name}@{entry.version}"


def _package(entry: Locked, *, shipped: bool) -> Json:
    """`hashes` has one of each published file; an installer takes the file that fits its system."""
    return {
        "type": "library",
        "bom-ref": _address(entry),
        "name": entry.name,
        "version": entry.version,
        "scope": "required" if shipped else "excluded",
        "purl": _address(entry),
        "licenses": [{"license": {"name": licence_of(entry.name)}}],
        "hashes": [{"alg": "SHA-256", "content": digest} for digest in entry.hashes],
    }


def _fonts() -> list[Json]:
    return [
        {
            "type": "file",
            "bom-ref": f"font:{path.name}",
            "name": f"resources/fonts/{path.name}",
            "scope": "required",
            "licenses": [{"license": {"id": "OFL-1.1"}}],
            "hashes": [{"alg": "SHA-256", "content": hashlib.sha256(path.read_bytes()).hexdigest()}],
        }
        for path in sorted((ROOT / "resources" / "fonts").glob("*.ttf"))
    ]


def _moment() -> datetime:
    """The time of the commit; SOURCE_DATE_EPOCH goes before."""
    seconds = os.environ.get("SOURCE_DATE_EPOCH")
    if seconds is None:
        told = subprocess.run(["git", "log", "-1", "--format=%ct"], cwd=ROOT, capture_output=True, text=True)
        seconds = told.stdout.strip() or "0"
    return datetime.fromtimestamp(int(seconds), UTC)


def main() -> None:
    TARGET.parent.mkdir(exist_ok=True)
    TARGET.write_text(json.dumps(bill_of_materials(), ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    print(TARGET.relative_to(ROOT))


if __name__ == "__main__":
    main()
