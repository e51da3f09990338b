#!/usr/bin/env bash
# Times reading and summarizing of the CVs in $CORPUS (the project's fixtures unless set), in this
# process and through the sandbox, and pdftotext and PyMuPDF on the same PDFs where they are
# installed (Debian: poppler-utils; PyPI: pymupdf).
set -euo pipefail
cd "$(dirname "$0")/.."
corpus=${CORPUS:-crates/cv/tests/fixtures}
# shellcheck source=/dev/null
. .ci/tools.sh
cargo build --release --locked -p cv --example bench
"${CARGO_TARGET_DIR:-target}/release/examples/bench" "$corpus"
python3 - "$corpus" <<'PY'
import glob, os, statistics, sys, time
try:
    import pymupdf
except ImportError:
    sys.exit("PyMuPDF is not installed")
times = []
for path in sorted(glob.glob(os.path.join(sys.argv[1], "**", "*.pdf"), recursive=True)):
    if os.path.basename(path).startswith(("bad-", "bomb-")):
        continue
    start = time.perf_counter()
    with pymupdf.open(path) as document:
        pages = [page.get_text("words") for page in document]
    if pages:
        times.append((time.perf_counter() - start) * 1000 / len(pages))
times.sort()
print(f"PyMuPDF, words with boxes         ms/page p50 {statistics.median(times):8.2f}   p99 {times[int(len(times) * 0.99) - 1]:8.2f}")
PY
