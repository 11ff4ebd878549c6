#!/usr/bin/env bash
# Instructions per input byte of the stream writer, one line a shape, with the goal beside it.
# Usage: bench/callgrind.sh [SHAPE...]      SIZE=8MB sets the bytes of each shape.
# KEEP=FOLDER keeps the profiles there, for callgrind_annotate.
# A run on one record is subtracted, so that the start of the process does not count.
set -euo pipefail

size=${SIZE:-8MB}
shapes=("$@")
if [ ${#shapes[@]} -eq 0 ]; then
    shapes=(logs users rag nested drift hostile)
fi

if ! command -v valgrind >/dev/null; then
    echo "callgrind.sh: valgrind is missing: install the package valgrind" >&2
    exit 64
fi

goal() {
    case $1 in
        logs | rag) echo 8 ;;
        users) echo 16 ;;
        nested) echo 20 ;;
        drift) echo 11 ;;
        hostile) echo 26 ;;
        *)
            echo "callgrind.sh: no shape $1 in the table" >&2
            return 64
            ;;
    esac
}
for shape in "${shapes[@]}"; do
    goal "$shape" >/dev/null
done

cd "$(dirname "$0")/.."
cargo build --quiet --profile profiling -p tonl-bench
bench=${CARGO_TARGET_DIR:-target}/profiling/tonl-bench
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

# Prints the instructions of one pass over the file $1; the profile stays in $2.
instructions() {
    valgrind --tool=callgrind --callgrind-out-file="$2" "$bench" callgrind-target "$1" \
        >"$folder/log" 2>&1 || {
        cat "$folder/log" >&2
        return 2
    }
    awk '/^(summary|totals):/ { count = $2 } END { print count }' "$2"
}

printf '%-8s  %12s  %5s\n' shape instr/byte goal
for shape in "${shapes[@]}"; do
    "$bench" generate "$shape" "$size" -o "$folder/whole" 2>"$folder/log"
    head -n 1 "$folder/whole" >"$folder/one"
    whole=$(instructions "$folder/whole" "$folder/whole.out")
    one=$(instructions "$folder/one" "$folder/one.out")
    bytes=$(($(wc -c <"$folder/whole") - $(wc -c <"$folder/one")))
    awk -v shape="$shape" -v count=$((whole - one)) -v bytes="$bytes" -v goal="$(goal "$shape")" \
        'BEGIN {
            value = count / bytes
            mark = value > goal ? "  MISSED" : ""
            printf "%-8s  %12.2f  %5s%s\n", shape, value, "<= " goal, mark
        }'
    if [ -n "${KEEP:-}" ]; then
        mkdir -p "$KEEP"
        mv "$folder/whole.out" "$KEEP/callgrind.$shape.out"
    fi
done
