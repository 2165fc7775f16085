#!/usr/bin/env bash
# Runs every fuzz target for a while from the committed seeds: fuzz/run.sh [SECONDS A TARGET] [TARGET…]
# Or only on the seeds, in a plain build: fuzz/run.sh --replay
#
# The flags are those that `cargo fuzz build --sanitizer none` gives, so that nothing has to be installed; they need no
# nightly compiler. Without a sanitizer, since the code is safe Rust and a broken promise panics. What is found is left in
# fuzz/artifacts and stops the run; what is merely new is thrown away (to keep it: fuzz/run.sh --grow).
set -euo pipefail
cd "$(dirname "$0")"

if [ "${1:-}" = --replay ]; then
    log=$(mktemp)
    cargo build --locked --bins
    for target in $(basename -s .rs fuzz_targets/*.rs); do
        # What is named is run once, and nothing is made up.
        if ! find "corpus/$target" -type f -print0 |
            xargs -0 "${CARGO_TARGET_DIR:-target}/debug/$target" -timeout=20 -rss_limit_mb=1024 >"$log" 2>&1; then
            tail -n 60 "$log"
            echo "error: $target broke on one of its seeds" >&2
            exit 1
        fi
        printf '%s: %s seeds, nothing found\n' "$target" "$(find "corpus/$target" -type f | wc -l)"
    done
    rm -f "$log"
    exit 0
fi

# The same way each time, so that a change that breaks nothing does not fail by chance; to look further, --grow.
grow=
seed=1
if [ "${1:-}" = --grow ]; then
    grow=1
    seed=0
    shift
fi
seconds=${1:-30}
shift || true

coverage=(
    -Cpasses=sancov-module
    -Cllvm-args=-sanitizer-coverage-level=4
    -Cllvm-args=-sanitizer-coverage-inline-8bit-counters
    -Cllvm-args=-sanitizer-coverage-pc-table
    -Cllvm-args=-sanitizer-coverage-trace-compares
    -Cllvm-args=-sanitizer-coverage-stack-depth
    -Cllvm-args=-simplifycfg-branch-fold-threshold=0
    -Cdebug-assertions
    --cfg fuzzing
)
# The sources are linted elsewhere.
export RUSTFLAGS="${RUSTFLAGS:-} ${coverage[*]} --cap-lints=warn -Adead_code -Aunused_imports"
triple=$(rustc -vV | sed -n 's/^host: //p')
# With a target named, build scripts and macros are built without these flags.
cargo build --locked --release --target "$triple" --bins

targets=("$@")
if [ "${#targets[@]}" -eq 0 ]; then
    mapfile -t targets < <(basename -s .rs fuzz_targets/*.rs)
fi

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# What a target keeps in temporary files goes with the rest.
mkdir "$work/tmp"
export TMPDIR="$work/tmp"

run() {
    local target=$1 new="$work/$1"
    mkdir -p "$new" "artifacts/$target" "corpus/$target"
    if "target/$triple/release/$target" "$new" "corpus/$target" -seed="$seed" -max_total_time="$seconds" -timeout=10 \
        -rss_limit_mb=1024 -artifact_prefix="artifacts/$target/" -print_final_stats=1 >"$work/$target.log" 2>&1; then
        printf '%s: %s executions in %s s, nothing found\n' "$target" \
            "$(sed -n 's/^stat::number_of_executed_units: *//p' "$work/$target.log")" "$seconds"
    else
        tail -n 60 "$work/$target.log"
        echo "error: $target broke; what did it is in fuzz/artifacts/$target" >&2
        return 1
    fi
}

# Two at a time: CI has two cores.
failed=0
for ((i = 0; i < ${#targets[@]}; i += 2)); do
    run "${targets[i]}" &
    first=$!
    if [ -n "${targets[i + 1]:-}" ]; then
        run "${targets[i + 1]}" || failed=1
    fi
    wait "$first" || failed=1
done

if [ -n "$grow" ]; then
    for target in "${targets[@]}"; do
        mkdir -p "$work/least/$target"
        "target/$triple/release/$target" -merge=1 "$work/least/$target" "corpus/$target" "$work/$target" 2>/dev/null
        rm -rf "corpus/$target"
        mv "$work/least/$target" "corpus/$target"
    done
fi
exit "$failed"
