#!/usr/bin/env bash
# Prepares a Debian 12 or Ubuntu for work: system libraries of Qt, PostgreSQL for the tests, .venv with locked parts.
# Run again, it looks and changes nothing.
set -euo pipefail
cd "$(dirname "$0")/.."
unset PYTHONDONTWRITEBYTECODE

log=$(mktemp)
trap 'rm -f "$log"' EXIT
# Package managers talk a lot; what they said is shown only when they failed.
quietly() {
    "$@" > "$log" 2>&1 || { cat "$log" >&2; echo "没有做成: $*" >&2; exit 1; }
}

is_installed() {
    [ "$(dpkg-query -W -f='${db:Status-Status}' "$1" 2> /dev/null || true)" = installed ]
}

missing=()
while read -r package; do
    # Newer releases renamed some libraries (libcups2t64) and keep the old name as an alias.
    is_installed "$package" || is_installed "${package}t64" || missing+=("$package")
done < build_spec/system_packages.txt
if [ "${#missing[@]}" -gt 0 ]; then
    echo "安装系统部件: ${missing[*]}"
    apt=(${SUDO:-} env DEBIAN_FRONTEND=noninteractive apt-get -qq -o DPkg::Lock::Timeout=300)
    quietly "${apt[@]}" update
    quietly "${apt[@]}" install -y --no-install-recommends "${missing[@]}"
fi

if ! python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))'; then
    echo "需要 Python 3.11 或更新的版本，这里是 $(python3 --version)。" >&2
    exit 1
fi
# System certificates: an office network often has an inspecting proxy with a certificate of its own.
if [ ! -x .venv/bin/uv ]; then
    quietly python3 -m venv .venv
    quietly .venv/bin/python -m pip install --require-hashes --only-binary :all: -r build_spec/tools.txt
fi
uv=(.venv/bin/uv -q --system-certs)
echo "安装锁定的 Python 部件到 .venv"
"${uv[@]}" pip sync --require-hashes --compile-bytecode --python .venv/bin/python requirements.lock
"${uv[@]}" pip install --no-deps --no-build-isolation --python .venv/bin/python --editable .
.venv/bin/python -m compileall -q village_core desktop_app county_server db_migrations
