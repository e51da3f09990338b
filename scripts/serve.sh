#!/usr/bin/env bash
# Builds what changed and serves with the demonstration: LISTEN and DATA say where.

set -euo pipefail
cd "$(dirname "$0")/.."
.ci/build.sh
exec target/release/verbatim serve --demo --listen "${LISTEN:-127.0.0.1:3000}" --data "${DATA:-data}"
