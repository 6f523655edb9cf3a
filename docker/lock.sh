#!/usr/bin/env bash
# Writes the lock files of the image again, from pyproject.toml and its extra postgres: the newest releases that it
# allows, with the hashes of all their files, so that the image builds on every architecture. Needs Python 3.11, as the
# image has:
#
#     python3.11 -m venv /tmp/lock && /tmp/lock/bin/pip install pip-tools && PATH=/tmp/lock/bin:$PATH docker/lock.sh
set -euo pipefail
cd "$(dirname "$0")/.."

# The public index alone: a file of this machine's own would have a hash that nobody else can get.
unset PIP_FIND_LINKS PIP_EXTRA_INDEX_URL
export PIP_CONFIG_FILE=/dev/null CUSTOM_COMPILE_COMMAND=docker/lock.sh

lock() {
    pip-compile --quiet --upgrade --generate-hashes --strip-extras --allow-unsafe \
        --no-emit-index-url --no-emit-find-links --no-emit-trusted-host "$@" pyproject.toml
}
lock --output-file docker/requirements.lock --extra postgres
lock --output-file docker/build.lock --build-deps-for wheel --only-build-deps
