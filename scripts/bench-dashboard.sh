#!/usr/bin/env bash
# How smooth /admin/jobs stays in a browser while 10,000 jobs a second come and go on one PostgreSQL, beside an
# idle one: frames drawn and the main thread's long tasks. `make bench-dashboard`.

set -euo pipefail

cd "$(dirname "$0")/.."
# shellcheck source=/dev/null
. .ci/tools.sh test

.ci/build.sh
cargo build --locked --release -p queue --example qbench
DURABLE=1 .ci/with-postgres.sh bash -c 'cd end2end && npx playwright test -c playwright.bench.config.ts --reporter=line'
