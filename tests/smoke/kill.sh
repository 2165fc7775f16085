#!/usr/bin/env bash
# Kills the real window with SIGKILL at random moments while decisions are being made, and checks each time that
# whatever the screen had called saved is in the log, once. Needs Xvfb, openbox and xdotool.
#   tests/smoke/kill.sh [ROUNDS] [BINARY]
set -euo pipefail
rounds=${1:-50}
root=$(cd "$(dirname "$0")/../.." && pwd)
binary=${2:-$root/target/debug/dissensus}
work=$(mktemp -d)
display=:$((90 + RANDOM % 400))
export HOME=$work/home XDG_DATA_HOME=$work/home/data DISPLAY=$display LIBGL_ALWAYS_SOFTWARE=1
export RUST_LOG=dissensus=info
mkdir -p "$HOME"
cp "$root"/sample_data/comments/comments{.csv,_probabilities.npy} "$work/"
Xvfb "$display" -screen 0 1280x800x24 >/dev/null 2>&1 &
xvfb=$!
sleep 1
openbox >/dev/null 2>&1 &
wm=$!
trap 'kill -9 $xvfb $wm 2>/dev/null; rm -rf "$work"' EXIT
sleep 0.5
log=$work/comments.csv.kill.corrections.jsonl
failures=0
called_saved=0
for round in $(seq "$rounds"); do
  "$binary" "$work/comments.csv" --probs "$work/comments_probabilities.npy" --reviewer kill 2>"$work/err" &
  pid=$!
  for _ in $(seq 100); do
    xdotool search --onlyvisible --name '^dissensus$' >/dev/null 2>&1 && break
    sleep 0.1
  done
  sleep 1.2
  xdotool key ctrl+4 Return # the queue goes on where it was, or a new one begins
  sleep 0.3
  xdotool key ctrl+1
  sleep 0.2
  xdotool key Return
  sleep 0.3
  (
    while kill -0 $pid 2>/dev/null; do
      for key in s space 3 2 u; do xdotool key $key; sleep 0.18; done
    done
  ) &
  typist=$!
  sleep "$(awk -v r=$RANDOM 'BEGIN { printf "%.3f", 0.3 + 2.2 * r / 32768 }')"
  kill -9 $pid
  wait $pid 2>/dev/null || true
  kill $typist 2>/dev/null || true
  wait $typist 2>/dev/null || true
  seq=$(grep -o 'shown as saved: event [0-9]*' "$work/err" | awk 'END { print $NF }')
  if [ -n "$seq" ]; then
    called_saved=$((called_saved + 1))
    for s in $(seq 0 "$seq"); do
      n=$(grep -c "\"seq\":$s,\"" "$log" || true)
      if [ "$n" != 1 ]; then
        echo "round $round: event $s was called saved and stands in the log $n times"
        failures=$((failures + 1))
      fi
    done
  fi
done
# Opening repairs a torn end; then everything verifies.
"$binary" "$work/comments.csv" --probs "$work/comments_probabilities.npy" --reviewer kill 2>/dev/null &
pid=$!
sleep 3
kill $pid 2>/dev/null || true
wait $pid 2>/dev/null || true
"$binary" log verify "$log"
echo "$rounds kills, $called_saved of them after something was called saved, $failures events lost or doubled"
[ "$failures" = 0 ] && [ "$called_saved" -gt 0 ]
