#!/usr/bin/env bash
# What a live socket costs and how fast events travel, on both databases with durable settings:
# `make bench-live [ROUNDS=n] [SCENES="idle fanout publish replay storm"]`. Medians of the rounds as a
# table, and as lines of JSON in target/bench/live.jsonl.

set -euo pipefail

cd "$(dirname "$0")/.."
# shellcheck source=/dev/null
. .ci/tools.sh test

cargo build --locked --release -p live --example livebench
bench=${CARGO_TARGET_DIR:-target}/release/examples/livebench
mkdir -p target/bench
out=$PWD/target/bench/live.jsonl
# shellcheck disable=SC2206
scenes=(${SCENES:-})
export BENCH_ROUNDS=${ROUNDS:-3}
# Ten thousand sockets have an end in each process.
ulimit -n 65536 2>/dev/null || ulimit -n "$(ulimit -Hn)"

if [ "${1:-}" = postgres ]; then
    psql -q "$VERBATIM_TEST_POSTGRES" -c 'create database bench'
    "$bench" drive postgresql "${VERBATIM_TEST_POSTGRES/\/postgres/\/bench}" "$out" "${scenes[@]}"
    exit
fi
uptime
: >"$out"
folder=$(mktemp -d "$PWD/target/bench/live.XXXXXX")
trap 'rm -rf "$folder"' EXIT
"$bench" drive sqlite "sqlite://$folder/bench.db" "$out" "${scenes[@]}"
# A socket's memory does not depend on the database.
[ -n "${SCENES:-}" ] || export SCENES='fanout publish replay storm'
DURABLE=1 .ci/with-postgres.sh scripts/bench-live.sh postgres
