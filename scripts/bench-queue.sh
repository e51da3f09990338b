#!/usr/bin/env bash
# How the queue fares beside ever more completed jobs, while CHURN jobs come, run and are pruned, and with
# nothing to do: `make bench-queue [CHURN=n]`. One line of JSON a run, in target/bench/queue.jsonl too;
# durable settings on both databases.

set -euo pipefail

cd "$(dirname "$0")/.."
# shellcheck source=/dev/null
. .ci/tools.sh test

cargo build --locked --release -p queue --example qbench
bench=${CARGO_TARGET_DIR:-target}/release/examples/qbench
mkdir -p target/bench
out=$PWD/target/bench/queue.jsonl
: >"$out"

# One run: `run DATABASE FRESH NAME=value ...`. Jobs are claimed, not born as their first attempts.
run() {
    local database=$1 fresh=$2
    shift 2
    $fresh
    env QB_CLAIM=1 QB_SECS=5 "$@" "$bench" | sed "s/^{/{\"database\":\"$database\",/" | tee -a "$out"
}

runs() {
    local rows mode
    run "$@" QB_MODE=idle QB_SECS=20
    for rows in 0 1000 10000 100000 1000000 5000000; do
        for mode in throughput latency; do
            run "$@" QB_CONFIG=tuned QB_ROWS=$rows QB_MODE=$mode
        done
    done
    run "$@" QB_CONFIG=tuned QB_MODE=churn QB_N="${CHURN:-5000000}"
}

if [ "${1:-}" = postgres ]; then
    # shellcheck disable=SC2317 # `run` calls it.
    new_database() {
        psql -q "$VERBATIM_TEST_POSTGRES" -c 'drop database if exists bench with (force)' -c 'create database bench'
    }
    export QB_URL=${VERBATIM_TEST_POSTGRES/\/postgres/\/bench}
    runs postgresql new_database 2>/dev/null
    exit
fi
folder=$(mktemp -d "$PWD/target/bench/queue.XXXXXX")
trap 'rm -rf "$folder"' EXIT
new_file() { rm -f "$folder"/bench.db*; }
export QB_URL=sqlite://$folder/bench.db
runs sqlite new_file
sqlite=$(cat "$out")
DURABLE=1 .ci/with-postgres.sh scripts/bench-queue.sh postgres
printf '%s\n' "$sqlite" | cat - "$out" >"$out.all" && mv "$out.all" "$out"
