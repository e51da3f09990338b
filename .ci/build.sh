#!/usr/bin/env bash
# The release build, unless nothing that goes into it has changed since the last one: the tools
# that run after the compiler (wasm-bindgen, wasm-opt, brotli) take half a minute even then.

set -euo pipefail
cd "$(dirname "$0")/.."

# Set to the time at which the last build that succeeded began.
built=target/release.built
inputs=(.cargo .ci Cargo.lock Cargo.toml app crates frontend migrations public rust-toolchain.toml server style)

# A development build takes the compressed files away.
if [ -x target/release/verbatim ] && [ -f target/site/pkg/verbatim.wasm.br ] && [ -f "$built" ] \
    && [ -z "$(find "${inputs[@]}" -newer "$built" -print -quit)" ]; then
    exit 0
fi
# shellcheck source=/dev/null
. .ci/tools.sh later
say "Release build; the first one takes about ten minutes"
mkdir -p target
touch "$built.begun"
if ! command -v cargo-leptos >/dev/null; then
    # While it is built, what it will ask for is compiled with the same flags.
    cargo build --locked --release -p server --bin verbatim
    cargo build --locked --profile wasm-release -p frontend --lib --target wasm32-unknown-unknown --target-dir target/front
fi
wait_for_tools
cargo leptos build --release --precompress
mv "$built.begun" "$built"
