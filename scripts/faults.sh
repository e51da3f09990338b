#!/usr/bin/env bash
# Many runs of real processes that are killed, stopped, cut off and told wrong times, on databases that crash
# and disks that are full: `make test-faults [SEED=n] [ROUNDS=n]`. A failure names its seed;
# `make test-faults SEED=n ROUNDS=1` repeats it.

set -euo pipefail

cd "$(dirname "$0")/.."
# shellcheck source=/dev/null
. .ci/tools.sh test

export FAULT_SEED=${SEED:-$RANDOM} FAULT_ROUNDS=${ROUNDS:-20}
echo "seeds $FAULT_SEED to $((FAULT_SEED + FAULT_ROUNDS - 1))"
# shellcheck disable=SC2016
.ci/with-postgres.sh bash -c 'FAULT_RESTART_POSTGRES=$VERBATIM_TEST_POSTGRES_RESTART \
    cargo nextest run --profile faults --locked -p queue --test faults --success-output immediate --no-fail-fast --run-ignored all'
# The live layer; the processes that its tests start are tests too, for the runner, and end at once by themselves.
# shellcheck disable=SC2016
.ci/with-postgres.sh bash -c 'FAULT_RESTART_POSTGRES=$VERBATIM_TEST_POSTGRES_RESTART \
    cargo nextest run --profile faults --locked -p live --test faults --success-output immediate --no-fail-fast'
# Two real browsers over three nodes of the product; each round takes a minute or two.
.ci/build.sh
export FAULT_BROWSER_ROUNDS=$((FAULT_ROUNDS < 5 ? FAULT_ROUNDS : 5))
.ci/with-postgres.sh bash -c 'cd end2end && npx playwright test -c playwright.faults.config.ts --reporter=list'
