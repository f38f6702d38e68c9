#!/usr/bin/env bash
# Looks whether a built folder works on its own: workspace, check, county, window without a screen. Argument: the folder.
set -euo pipefail
built=$(cd "$1" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
run() {
    env -i PATH=/usr/bin:/bin HOME="$work" LANG=C.UTF-8 TIANGENG_PASSPHRASE=田埂连着家家户户 QT_QPA_PLATFORM=offscreen "$@"
}

run "$built/tiangeng" --data "$work/village" init --village 532327101201 --name 太平村 --person 李琼仙 --json
run "$built/tiangeng" --data "$work/village" verify --json
run "$built/tiangeng-county" village add 532327101201 太平村 --db "sqlite:///$work/county.db"
run "$built/tiangeng-county" status --json --db "sqlite:///$work/county.db"
# The window stays until it is closed: still there after some seconds is what is wanted.
status=0
run timeout --signal=TERM 8 "$built/tiangeng" --data "$work/village" 2> window.log || status=$?
grep -v propagateSizeHints window.log || true
if [ "$status" != 124 ] || grep -qE 'Traceback|出了毛病' window.log; then
    echo "窗口没有打开（状态 $status）。" >&2
    exit 1
fi
echo "建好的程序能用。"
