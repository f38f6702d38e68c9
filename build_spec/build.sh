#!/usr/bin/env bash
# Builds dist/tiangeng (one folder) and dist/tiangeng-VERSION-linux.tar.gz from a clean environment with runtime parts only.
set -euo pipefail
cd "$(dirname "$0")/.."
unset PYTHONDONTWRITEBYTECODE
[ -x .venv/bin/uv ] || SUDO=${SUDO:-} build_spec/prepare.sh

# PyInstaller looks into libraries with binutils, and packs the interpreter's own library.
python_library="libpython$(.venv/bin/python -c 'import sys; print("%d.%d" % sys.version_info[:2])')"
if ! dpkg-query -W binutils "$python_library" > /dev/null 2>&1; then
    ${SUDO:-} env DEBIAN_FRONTEND=noninteractive apt-get -qq -o DPkg::Lock::Timeout=300 install -y \
        --no-install-recommends binutils "$python_library" > /dev/null
fi

uv=(.venv/bin/uv -q --system-certs)
# Files of its own: with links into the cache, stripping below would change the files of every other environment here,
# under programs that run.
export UV_LINK_MODE=copy
rm -rf build/venv build/pyinstaller dist/tiangeng
"${uv[@]}" venv --python .venv/bin/python build/venv
"${uv[@]}" pip sync --require-hashes --compile-bytecode --python build/venv/bin/python build_spec/build.lock
# Two packages carry their debugger's tables along: 30 MB.
strip --strip-debug build/venv/lib/python*/site-packages/{sqlcipher3,zstandard}/*.so
version=$(build/venv/bin/python build_spec/version_stamp.py)
echo "$version"
export PYTHONHASHSEED=1
SOURCE_DATE_EPOCH=$(git log -1 --format=%ct)
export SOURCE_DATE_EPOCH
build/venv/bin/python -m PyInstaller --noconfirm --log-level ERROR --distpath dist --workpath build/pyinstaller \
    build_spec/tiangeng.spec
build_spec/smoke.sh dist/tiangeng
number=$(sed -E 's/.*"version": "([^"]+)".*/\1/' build/version.json)
tar --sort=name --owner=0 --group=0 --numeric-owner --mtime="@$SOURCE_DATE_EPOCH" -C dist -czf \
    "dist/tiangeng-$number-linux.tar.gz" tiangeng
du -sh dist/tiangeng "dist/tiangeng-$number-linux.tar.gz"
