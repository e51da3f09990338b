#!/usr/bin/env bash
# The release build, unless nothing that goes into it has changed since the last one: the tools
# that run after the compiler (wasm-bindgen, wasm-opt, brotli) take half a minute even then.

set -euo pipefail
cd "$(dirname "$0")/.."
. .ci/tools.sh

# Set to the time at which the last build that succeeded began.
built=target/release.built
inputs=(.cargo .ci Cargo.lock Cargo.toml app crates frontend migrations public server style)

# A development build takes the compressed files away.
if [ -x target/release/verbatim ] && [ -f target/site/pkg/verbatim.wasm.br ] && [ -f "$built" ] \
    && [ -z "$(find "${inputs[@]}" -newer "$built" -print -quit)" ]; then
    exit 0
fi
say "Release build; the first one takes about ten minutes"
mkdir -p target
touch "$built.begun"
cargo leptos build --release --precompress
mv "$built.begun" "$built"
