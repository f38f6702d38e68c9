#!/usr/bin/env bash
# Prepares a Debian 12 or Ubuntu for work: system libraries of Qt, PostgreSQL for the tests, .venv with locked parts.
set -euo pipefail
cd "$(dirname "$0")/.."
unset PYTHONDONTWRITEBYTECODE

missing=()
while read -r package; do
    case "$(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null || true)" in
        installed) ;;
        *) missing+=("$package") ;;
    esac
done < build_spec/system_packages.txt
if [ "${#missing[@]}" -gt 0 ]; then
    echo "安装系统部件: ${missing[*]}"
    apt="${SUDO:-} env DEBIAN_FRONTEND=noninteractive apt-get -qq -o DPkg::Lock::Timeout=300"
    $apt update
    $apt install -y --no-install-recommends "${missing[@]}" > /dev/null
fi

[ -x .venv/bin/python ] || python3 -m venv .venv
[ -x .venv/bin/uv ] || .venv/bin/python -m pip install -q "uv==$(grep -m1 '^uv ' build_spec/tools.txt | cut -d' ' -f2)"
.venv/bin/uv pip sync -q --require-hashes --compile-bytecode --python .venv/bin/python requirements.lock
.venv/bin/uv pip install -q --no-deps --no-build-isolation --python .venv/bin/python --editable .
.venv/bin/python -m compileall -q village_core desktop_app county_server db_migrations
