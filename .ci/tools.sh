#!/usr/bin/env bash
# Puts the build's tools on PATH and installs what is missing; source it: `. .ci/tools.sh [test] [later]`.
# Everything comes from crates.io, npm and Debian. What takes long is built once per user, into a
# cache that other clones reuse. With `later` the tools that have to be compiled (cargo-leptos, wasm-bindgen and,
# with `test`, those of the checks) are compiled in the background: call `wait_for_tools` before their first use.

set -euo pipefail

cargo_leptos=0.3.10
wasm_bindgen=$(sed -n 's/^wasm-bindgen = "=\(.*\)"$/\1/p' Cargo.toml)
binaryen=132
nextest=0.9.143
cargo_deny=0.20.2
cargo_machete=0.9.2

cache=${XDG_CACHE_HOME:-$HOME/.cache}/verbatim
mkdir -p "$cache"
for tool in "cargo-leptos-$cargo_leptos" "wasm-bindgen-$wasm_bindgen" "nextest-$nextest" "cargo-deny-$cargo_deny" "cargo-machete-$cargo_machete"; do
    PATH=$cache/$tool/bin:$PATH
done
export PATH="$HOME/.cargo/bin:$cache/binaryen-$binaryen/node_modules/.bin:$PATH"

# Compiled dependencies are shared by all clones of a user; what is built of a clone itself has its path in its name.
# An old cache is thrown away whole when it is large, for nothing else removes what nobody needs any more.
export CARGO_BUILD_BUILD_DIR=${CARGO_BUILD_BUILD_DIR:-$cache/cargo}
max_cache_gib=40

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
    # The tests start clusters of their own.
    if [[ " ${missing[*]} " == *" postgresql-15 "* ]] && [ ! -e /etc/postgresql-common/createcluster.conf ]; then
        as_root mkdir -p /etc/postgresql-common
        echo 'create_main_cluster = false' | as_root tee /etc/postgresql-common/createcluster.conf >/dev/null
    fi
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends "${missing[@]}" >&2
}

# Builds a program of crates.io once per user: `cargo_tool CRATE VERSION FOLDER`. Unoptimized it builds in a third of
# the time. OpenSSL, where one needs it, is Debian's.
cargo_tool() {
    [ ! -x "$cache/$3/bin/$1" ] || return 0
    say "Building $1 $2, once"
    OPENSSL_NO_VENDOR=1 CARGO_PROFILE_RELEASE_OPT_LEVEL=0 CARGO_PROFILE_RELEASE_LTO=off \
        CARGO_PROFILE_RELEASE_CODEGEN_UNITS=256 CARGO_BUILD_BUILD_DIR=$cache/build CARGO_TARGET_DIR=$cache/build \
        cargo install "$1" --version "$2" --locked --quiet --root "$cache/$3" >&2
}

# A released program, where it can be downloaded: `released URL FOLDER TAR-ARGUMENT ...`.
released() {
    local url=$1 folder=$2
    shift 2
    mkdir -p "$folder/bin"
    curl -fsSL --connect-timeout 5 --max-time 120 "$url" 2>/dev/null | tar -xz -C "$folder/bin" "$@" 2>/dev/null
}

install_tools() {
    local archive
    # Two clones may start at once; the second waits for the first and finds its work done.
    exec 9>"$cache/lock"
    flock 9
    if [ "${1:-}" = test ] && ! cargo nextest --version >/dev/null 2>&1; then
        released "https://github.com/nextest-rs/nextest/releases/download/cargo-nextest-$nextest/cargo-nextest-$nextest-$(uname -m)-unknown-linux-gnu.tar.gz" \
            "$cache/nextest-$nextest" cargo-nextest || cargo_tool cargo-nextest "$nextest" "nextest-$nextest"
    fi
    if [ ! -x "$cache/wasm-bindgen-$wasm_bindgen/bin/wasm-bindgen" ]; then
        say "Building wasm-bindgen $wasm_bindgen, once"
        CARGO_BUILD_BUILD_DIR=$cache/build CARGO_TARGET_DIR=$cache/build \
            cargo install --path tools/wasm-bindgen --locked --quiet --root "$cache/wasm-bindgen-$wasm_bindgen" >&2
    fi
    # Debian 12's binaryen is too old: it builds, and then the page dies.
    if [ ! -x "$cache/binaryen-$binaryen/node_modules/.bin/wasm-opt" ]; then
        say "Fetching wasm-opt $binaryen"
        npm install --silent --no-fund --no-audit --prefix "$cache/binaryen-$binaryen" binaryen@$binaryen >&2
    fi
    if [ ! -x "$cache/cargo-leptos-$cargo_leptos/bin/cargo-leptos" ]; then
        archive=cargo-leptos-$(uname -m)-unknown-linux-gnu
        released "https://github.com/leptos-rs/cargo-leptos/releases/download/v$cargo_leptos/$archive.tar.gz" \
            "$cache/cargo-leptos-$cargo_leptos" --strip-components=1 "$archive/cargo-leptos" ||
            cargo_tool cargo-leptos "$cargo_leptos" "cargo-leptos-$cargo_leptos"
    fi
    if [ "${1:-}" = test ]; then
        cargo_tool cargo-machete "$cargo_machete" "cargo-machete-$cargo_machete"
        archive=cargo-deny-$cargo_deny-$(uname -m)-unknown-linux-musl
        [ -x "$cache/cargo-deny-$cargo_deny/bin/cargo-deny" ] ||
            released "https://github.com/EmbarkStudios/cargo-deny/releases/download/$cargo_deny/$archive.tar.gz" \
                "$cache/cargo-deny-$cargo_deny" --strip-components=1 "$archive/cargo-deny" ||
            cargo_tool cargo-deny "$cargo_deny" "cargo-deny-$cargo_deny"
    fi
    rm -rf "$cache/build"
}

# Returns once everything is installed; fails if something could not be.
wait_for_tools() { wait "$installing"; }

debian cc build-essential make make perl perl pkg-config pkg-config /usr/include/openssl/ssl.h libssl-dev
command -v cargo >/dev/null || { echo "Rust is missing: install rustup from https://rustup.rs" >&2; exit 1; }
command -v npm >/dev/null || { echo "Node 20 with npm is missing: https://nodejs.org" >&2; exit 1; }

if [ "$(du -s --block-size=1G "$CARGO_BUILD_BUILD_DIR" 2>/dev/null | cut -f1)" -gt "$max_cache_gib" ] 2>/dev/null; then
    say "Throwing away $CARGO_BUILD_BUILD_DIR, which has grown over $max_cache_gib GiB"
    rm -rf "$CARGO_BUILD_BUILD_DIR"
fi
# The toolchain's components and the WASM target are in rust-toolchain.toml.
rustc --version >&2

if [ "${1:-}" = test ]; then
    debian /usr/lib/postgresql/15/bin/initdb postgresql-15 /usr/bin/chromium chromium /usr/bin/tesseract tesseract-ocr \
        shellcheck shellcheck
    if [ ! -x end2end/node_modules/.bin/playwright ] || [ end2end/package-lock.json -nt end2end/node_modules ]; then
        say "Fetching Playwright"
        (cd end2end && PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD=1 npm ci --silent --no-fund --no-audit >&2 && touch node_modules)
    fi
fi

install_tools "${1:-}" &
installing=$!
[[ " $* " == *" later "* ]] || wait_for_tools
