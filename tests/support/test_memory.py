"""A program that dies leaves no picture of its memory."""

from __future__ import annotations

import subprocess
import sys

import pytest


@pytest.mark.skipif(sys.platform == "win32", reason="no core files there")
def test_the_program_leaves_no_core_file() -> None:
    program = """
import resource, sys
from desktop_app import __main__ as program
program.run = lambda _: print(resource.getrlimit(resource.RLIMIT_CORE)) or 0
sys.argv = ["tiangeng", "verify"]
program.main()
"""
    told = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "(0, 0)"
