#!/usr/bin/env bash
# Fuzzes every reader and the grammars for $MINUTES each (10 unless set), beginning with the fixtures.
# Corpora are kept below crates/cv/fuzz/corpus, findings below crates/cv/fuzz/artifacts.
set -euo pipefail
cd "$(dirname "$0")/../crates/cv/fuzz"
minutes=${MINUTES:-10}
cargo +nightly fuzz --version >/dev/null 2>&1 || cargo install cargo-fuzz --locked
for target in ${TARGETS:-pdf doc docx odt rtf html text picture grammar}; do
    seeds=corpus/$target
    mkdir -p "$seeds"
    case $target in
        grammar) cp ../tests/fixtures/*.txt "$seeds/" ;;
        text) cp ../tests/fixtures/*.txt "$seeds/" ;;
        picture) ;;
        # What is made to take long is for the sandbox.
        *) find ../tests/fixtures -name "*.$target" ! -name 'bomb-*' ! -name '*scan*' ! -name '*ocrlayer*' -exec cp {} "$seeds/" \; ;;
    esac
    echo "== $target, $minutes minutes"
    cargo +nightly fuzz run --release "$target" -- -max_total_time=$((minutes * 60)) -rss_limit_mb=2048 -timeout=20 -print_final_stats=1
done
