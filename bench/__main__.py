"""`python -m bench [NAME …]`: run the benchmarks, each in a process of its own, and print one table."""

from __future__ import annotations

import argparse
import compileall
import importlib
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from bench.measures import FULL, SMALL, Measure
from bench.table import show_table

NAMES = (
    "start",
    "household_import",
    "capture",
    "rights",
    "unlock",
    "encryption",
    "ledger",
    "search",
    "papers",
    "sync_traffic",
    "narrow_line",
    "stick",
    "backup",
    "verify",
)
ROOT = Path(__file__).resolve().parent.parent


def main(arguments: list[str]) -> int:
    """Exit status 0 when every bar was passed, 1 otherwise."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(NAMES))
    parser.add_argument("--small", action="store_true", help="tiny sizes, only to see that everything runs")
    parser.add_argument("--markdown", action="store_true", help="print the table for docs/benchmarks.md")
    parser.add_argument("--json", action="store_true", help="print the measures as JSON, one a line")
    parser.add_argument("--alone", action="store_true", help="measure in this very process (used by the others)")
    options = parser.parse_args(arguments)
    wanted = options.names or list(NAMES)
    for name in wanted:
        if name not in NAMES:
            parser.error(f"there is no benchmark {name}; there are {', '.join(NAMES)}")
    if options.alone:
        measures = [measure for name in wanted for measure in _measure(name, small=options.small)]
    else:
        for package in ("village_core", "desktop_app", "county_server", "db_migrations", "bench"):
            compileall.compile_dir(str(ROOT / package), quiet=1)
        measures = [measure for name in wanted for measure in _in_own_process(name, small=options.small)]
    if options.json or options.alone:
        for measure in measures:
            print(json.dumps(measure.as_json(), ensure_ascii=False))
    else:
        show_table(measures, markdown=options.markdown)
    return 0 if all(measure.passes is not False for measure in measures) or options.small else 1


def _measure(name: str, *, small: bool) -> list[Measure]:
    module = importlib.import_module(f"bench.{name}")
    with tempfile.TemporaryDirectory(prefix="tiangeng-bench-") as work:
        measures: list[Measure] = module.measure(SMALL if small else FULL, Path(work))
    return measures


def _in_own_process(name: str, *, small: bool) -> list[Measure]:
    """Ready-compiled bytecode, quiet collector, memory of its own: nothing of one benchmark reaches the next."""
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
    command = [sys.executable, "-m", "bench", name, "--alone", *(["--small"] if small else [])]
    print(f"measuring {name} …", file=sys.stderr)
    answer = subprocess.run(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True)
    if answer.returncode not in (0, 1) or not answer.stdout:
        raise SystemExit(f"The benchmark {name} did not run through.")
    return [Measure(**json.loads(line)) for line in answer.stdout.splitlines()]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
