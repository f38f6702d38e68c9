"""Keeps Python 3.11 alive under PySide6 6.12.0.

There each call that returns nothing gives None back once too often, and each signal True. From Python 3.12 on both
live for ever and nothing happens; before, the interpreter ends with "deallocating None" after some ten thousand calls.
So they are made to live for ever here, too. PySide6 6.11.3 has not got the fault; measured with `sys.getrefcount`.
"""

from __future__ import annotations

import ctypes
import sys

_FOR_EVER = sys.maxsize // 4


def keep_constants_alive() -> None:
    """Give None, True and False more references than anybody can give back. Done again, it changes nothing."""
    if sys.version_info >= (3, 12) or sys.implementation.name != "cpython":
        return
    for constant in (None, True, False):
        references = ctypes.c_ssize_t.from_address(id(constant))
        if references.value < _FOR_EVER:
            references.value += _FOR_EVER
