#!/usr/bin/env bash
# Every check there is; goes on after a failure, and ends with one line `N passed, N failed`.

set -euo pipefail
cd "$(dirname "$0")/.."
. .ci/tools.sh test later
# From here on a failure is counted.
set +e

passed=0
failed=0
logs=$(mktemp -d)
trap 'rm -rf "$logs"' EXIT
export CARGO_TERM_COLOR=never CARGO_INCREMENTAL=0

# The same packages and features each time, so that what one check compiled serves the next.
server_side=(--workspace --exclude frontend)

count() { passed=$((passed + $1)); failed=$((failed + $2)); }

# One check that passes or fails as a whole: `check NAME COMMAND ...`.
check() {
    local name=$1 start=$SECONDS
    shift
    say "$name"
    if "$@"; then count 1 0; else count 0 1; echo "FAILED: $name" >&2; fi
    echo "   $((SECONDS - start)) s" >&2
}

# Adds up what a runner counted; a runner that ran nothing has failed.
add_up() {
    local name=$1 good=$2 bad=$3 status=$4
    count "${good:-0}" "${bad:-0}"
    if [ "${good:-0}" = 0 ] || { [ "$status" != 0 ] && [ "${bad:-0}" = 0 ]; }; then
        echo "FAILED: $name (exit $status, ${good:-0} passed)" >&2
        count 0 1
    fi
}

rust_tests() {
    local start=$SECONDS status good bad
    say "Unit, property and both-database tests"
    .ci/with-postgres.sh cargo nextest run --locked "${server_side[@]}" \
        --no-fail-fast --status-level fail --final-status-level fail 2>&1 | tee "$logs/nextest"
    status=${PIPESTATUS[0]}
    good=$(sed -n 's/.* \([0-9]*\) passed.*/\1/p' "$logs/nextest" | tail -n 1)
    bad=$(sed -n 's/.* \([0-9]*\) failed.*/\1/p' "$logs/nextest" | tail -n 1)
    add_up nextest "$good" "$bad" "$status"
    echo "   $((SECONDS - start)) s" >&2
}

doc_tests() {
    local start=$SECONDS status good bad
    say "Documentation tests"
    cargo test --locked --doc "${server_side[@]}" 2>&1 | tee "$logs/doc"
    status=${PIPESTATUS[0]}
    good=$(sed -n 's/^test result:.* \([0-9]*\) passed.*/\1/p' "$logs/doc" | awk '{ n += $1 } END { print n }')
    bad=$(sed -n 's/^test result:.* \([0-9]*\) failed.*/\1/p' "$logs/doc" | awk '{ n += $1 } END { print n }')
    add_up "documentation tests" "$good" "$bad" "$status"
    echo "   $((SECONDS - start)) s" >&2
}

browser_tests() {
    local start=$SECONDS status good bad
    say "End-to-end tests in a browser"
    (cd end2end && PLAYWRIGHT_JSON_OUTPUT_NAME="$logs/browser.json" npx playwright test --reporter=list,json)
    status=$?
    good=$(node -p "require('$logs/browser.json').stats.expected" 2>/dev/null)
    bad=$(node -p "const s = require('$logs/browser.json').stats; s.unexpected + s.flaky" 2>/dev/null)
    add_up "end-to-end tests" "$good" "$bad" "$status"
    echo "   $((SECONDS - start)) s" >&2
}

# Advisories need the RustSec database, which is fetched from GitHub.
advisories() {
    if ! curl -fsS --connect-timeout 5 -o /dev/null https://github.com/RustSec/advisory-db 2>/dev/null; then
        echo "Advisories were NOT checked: the RustSec database cannot be reached" >&2
        return 0
    fi
    cargo deny check advisories
}

check "Formatting" cargo fmt --all --check
# shellcheck disable=SC2046
check "Shell scripts" shellcheck -x .ci/run $(git ls-files '*.sh')
check "Types of the end-to-end tests" sh -c 'cd end2end && npx tsc --noEmit'
check "Lints of the server's side" \
    cargo clippy --locked "${server_side[@]}" --all-targets -- -D warnings
check "Lints of the browser's side" \
    cargo clippy --locked -p frontend --target wasm32-unknown-unknown -- -D warnings
check "Documentation" env RUSTDOCFLAGS="-D warnings" cargo doc --locked --no-deps "${server_side[@]}"
rust_tests
doc_tests
check "Build and tools" wait_for_tools
check "Unused dependencies" cargo machete
check "Licenses, bans and sources of dependencies" cargo deny --log-level error check licenses bans sources
check "Advisories" advisories
check "Release build" .ci/build.sh
browser_tests

echo
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
