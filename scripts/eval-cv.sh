#!/usr/bin/env bash
# Predicts every file below $CORPUS/corpus into $PRED, then scores the predictions with the corpus' own
# scorer: all, by language, by layout.
set -euo pipefail
cd "$(dirname "$0")/.."
corpus=${CORPUS:?a folder with corpus/, truth/ and score/score.py}
pred=${PRED:?a folder for the predictions}
# shellcheck source=/dev/null
. .ci/tools.sh
cargo build --release --locked -p cv --example predict
"${CARGO_TARGET_DIR:-target}/release/examples/predict" "$corpus/corpus" "$pred"
score=${SCORER:-$corpus/score/score.py}
for by in lang layout; do
    python3 "$score" "$pred" --truth "$corpus/truth" --set "${SET:-public}" --by "$by" | {
        # The table of all documents is the same each time.
        if [ "$by" = lang ]; then cat; else awk '/^== /{ show = !/^== ALL/ } show'; fi
    }
done
