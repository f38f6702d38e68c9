#!/usr/bin/env bash
# `make run`: the window on a demo village where there is a display, the demo story where there is none.
set -euo pipefail
cd "$(dirname "$0")/.."
if [ -n "${DISPLAY:-}${WAYLAND_DISPLAY:-}" ]; then
    exec .venv/bin/python -m desktop_app.demo
fi
exec .venv/bin/tiangeng demo --out demo-out
