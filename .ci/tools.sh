#!/usr/bin/env bash
# Puts the build's tools on PATH and installs what is missing; source it: `. .ci/tools.sh [test]`.
# Everything comes from crates.io, npm and Debian. What takes long is built once per user, into a
# cache that other clones reuse.

set -euo pipefail

cargo_leptos=0.3.10
wasm_bindgen=$(sed -n 's/^wasm-bindgen = "=\(.*\)"$/\1/p' Cargo.toml)
binaryen=132
nextest=0.9.143

cache=${XDG_CACHE_HOME:-$HOME/.cache}/verbatim
mkdir -p "$cache"
export PATH="$HOME/.cargo/bin:$cache/cargo-leptos-$cargo_leptos/bin:$cache/wasm-bindgen-$wasm_bindgen/bin:$cache/binaryen-$binaryen/node_modules/.bin:$cache/nextest-$nextest/bin:$PATH"

say() { printf '\n== %s\n' "$*" >&2; }

as_root() { if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi; }

# Debian packages, by a program or file that each must bring: `debian FILE PACKAGE ...`.
debian() {
    local missing=()
    while [ $# -gt 0 ]; do
        command -v "$1" >/dev/null || [ -e "$1" ] || missing+=("$2")
        shift 2
    done
    [ ${#missing[@]} = 0 ] && return
    say "Installing ${missing[*]} from Debian"
    as_root apt-get update -q >&2
    # A cluster of its own would only be in the way.
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends "${missing[@]}" >&2
}

# Two clones may start at once; the second waits for the first and finds its work done.
exec 9>"$cache/lock"
flock 9

debian cc build-essential make make perl perl
command -v cargo >/dev/null || { echo "Rust is missing: install the stable toolchain from https://rustup.rs" >&2; exit 1; }
command -v npm >/dev/null || { echo "Node 20 with npm is missing: https://nodejs.org" >&2; exit 1; }

if [ ! -d "$(rustc --print sysroot)/lib/rustlib/wasm32-unknown-unknown" ]; then
    say "Adding the WASM target"
    rustup target add wasm32-unknown-unknown >&2
fi

if [ ! -x "$cache/cargo-leptos-$cargo_leptos/bin/cargo-leptos" ]; then
    root=$cache/cargo-leptos-$cargo_leptos
    archive=cargo-leptos-$(uname -m)-unknown-linux-gnu
    release=https://github.com/leptos-rs/cargo-leptos/releases/download/v$cargo_leptos/$archive.tar.gz
    mkdir -p "$root/bin"
    if curl -fsSL --connect-timeout 5 --max-time 120 "$release" 2>/dev/null |
        tar -xz -C "$root/bin" --strip-components=1 "$archive/cargo-leptos" 2>/dev/null; then
        say "cargo-leptos $cargo_leptos is here"
    else
        say "Building cargo-leptos $cargo_leptos, once: about eight minutes"
        # Unoptimised it builds in a third of the time, and costs four seconds a build.
        CARGO_PROFILE_RELEASE_OPT_LEVEL=0 CARGO_PROFILE_RELEASE_LTO=off CARGO_PROFILE_RELEASE_CODEGEN_UNITS=256 \
            CARGO_TARGET_DIR=$cache/build cargo install cargo-leptos --version $cargo_leptos --locked --root "$root" >&2
        rm -rf "$cache/build"
    fi
fi

if [ ! -x "$cache/wasm-bindgen-$wasm_bindgen/bin/wasm-bindgen" ]; then
    say "Building wasm-bindgen $wasm_bindgen, once: about a minute"
    CARGO_TARGET_DIR=$cache/build cargo install --path tools/wasm-bindgen --locked \
        --root "$cache/wasm-bindgen-$wasm_bindgen" >&2
    rm -rf "$cache/build"
fi

# Debian 12's binaryen is too old: it builds, and then the page dies.
if [ ! -x "$cache/binaryen-$binaryen/node_modules/.bin/wasm-opt" ]; then
    say "Fetching wasm-opt $binaryen"
    npm install --silent --no-fund --no-audit --prefix "$cache/binaryen-$binaryen" binaryen@$binaryen >&2
fi

if [ "${1:-}" = test ]; then
    if [ ! -d /usr/lib/postgresql/15/bin ]; then
        # No cluster of Debian's own: the tests make theirs.
        as_root mkdir -p /etc/postgresql-common
        [ -e /etc/postgresql-common/createcluster.conf ] ||
            echo 'create_main_cluster = false' | as_root tee /etc/postgresql-common/createcluster.conf >/dev/null
    fi
    debian /usr/lib/postgresql/15/bin/initdb postgresql-15 /usr/bin/chromium chromium /usr/bin/tesseract tesseract-ocr
    if ! cargo nextest --version >/dev/null 2>&1; then
        root=$cache/nextest-$nextest
        release=https://github.com/nextest-rs/nextest/releases/download/cargo-nextest-$nextest
        mkdir -p "$root/bin"
        if curl -fsSL --connect-timeout 5 --max-time 120 \
            "$release/cargo-nextest-$nextest-$(uname -m)-unknown-linux-gnu.tar.gz" 2>/dev/null |
            tar -xz -C "$root/bin" cargo-nextest 2>/dev/null; then
            say "cargo-nextest $nextest is here"
        else
            say "Building cargo-nextest $nextest, once: about five minutes"
            CARGO_PROFILE_RELEASE_OPT_LEVEL=0 CARGO_PROFILE_RELEASE_LTO=off CARGO_PROFILE_RELEASE_CODEGEN_UNITS=256 \
                CARGO_TARGET_DIR=$cache/build cargo install cargo-nextest --version $nextest --locked --root "$root" >&2
            rm -rf "$cache/build"
        fi
    fi
    if [ ! -x end2end/node_modules/.bin/playwright ] || [ end2end/package-lock.json -nt end2end/node_modules ]; then
        say "Fetching Playwright"
        (cd end2end && PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD=1 npm ci --silent --no-fund --no-audit >&2 && touch node_modules)
    fi
fi

flock -u 9
exec 9>&-
