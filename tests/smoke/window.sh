#!/usr/bin/env bash
# Opens the real window on a virtual screen with software OpenGL and the sample, and looks at it: it appears, it
# is not blank, it comes to rest, it survives some keys, and Ctrl+Q ends it with exit code 0.
#
# Needs Xvfb, openbox, xdotool, ImageMagick and Mesa (see .ci/run). DISSENSUS names another binary, and SMOKE_OUT
# a directory where the pictures and the program's log are left.
set -euo pipefail
cd "$(dirname "$0")/../.."

binary=${DISSENSUS:-${CARGO_TARGET_DIR:-target}/debug/dissensus}
place=$(mktemp -d)
children=()
colours=0
used=0

say() { printf 'smoke: %s\n' "$*"; }

fail() {
    say "FAILED: $*"
    if [ -s "$place/log" ]; then
        say "the program's last words:"
        tail -n 40 "$place/log"
    fi
    exit 1
}

clean_up() {
    local i
    # The program first, its screen last.
    for ((i = ${#children[@]} - 1; i >= 0; i--)); do
        kill "${children[i]}" 2>/dev/null || true
        wait "${children[i]}" 2>/dev/null || true
    done
    if [ -n "${SMOKE_OUT:-}" ]; then
        mkdir -p "$SMOKE_OUT"
        cp "$place"/*.png "$place/log" "$SMOKE_OUT"/ 2>/dev/null || true
    fi
    rm -rf "$place"
}
trap clean_up EXIT

# Runs a command every fifth of a second until it succeeds, for at most so many seconds.
within() {
    local seconds=$1 deadline
    shift
    deadline=$((SECONDS + seconds))
    until "$@"; do
        [ "$SECONDS" -lt "$deadline" ] || return 1
        sleep 0.2
    done
}

is_alive() { kill -0 "$program" 2>/dev/null; }

# Processor time that the program has used, in clock ticks (hundredths of a second).
ticks() { sed 's/.*) //' "/proc/$program/stat" | awk '{ print $12 + $13 }'; }

window_is_there() {
    is_alive || fail "the program ended before its window appeared"
    window=$(xdotool search --onlyvisible --name '^dissensus' 2>/dev/null | head -n 1)
    [ -n "$window" ]
}

# Takes a picture of the screen; fails while it has only a few colours.
screen_is_painted() {
    is_alive || fail "the program ended before it painted"
    import -window root "$place/$1.png"
    colours=$(identify -format '%k' "$place/$1.png")
    [ "$colours" -ge 32 ]
}

# At rest: under 5 % of a core for three seconds.
is_at_rest() {
    local before
    is_alive || fail "the program ended"
    before=$(ticks)
    sleep 3
    used=$(($(ticks) - before))
    [ "$used" -le 15 ]
}

if [ ! -x "$binary" ]; then
    say "building $binary"
    cargo build --locked
fi

# A home of its own, and the sample in it: a review would write beside the source.
export HOME=$place/home XDG_DATA_HOME=$place/home/data XDG_CONFIG_HOME=$place/home/config
export XDG_CACHE_HOME=$place/home/cache XDG_STATE_HOME=$place/home/state XDG_RUNTIME_DIR=$place/run
mkdir -p "$XDG_DATA_HOME" "$XDG_CONFIG_HOME" "$XDG_CACHE_HOME" "$XDG_STATE_HOME"
mkdir -m 700 "$XDG_RUNTIME_DIR"
cp -r sample_data/comments "$place/comments"
unset WAYLAND_DISPLAY WAYLAND_SOCKET DBUS_SESSION_BUS_ADDRESS
export LIBGL_ALWAYS_SOFTWARE=1 RUST_BACKTRACE=1

say "starting a screen"
# Without -noreset the server starts anew whenever its last client leaves, and refuses who comes meanwhile.
Xvfb -displayfd 3 -screen 0 1440x900x24 +extension GLX -nolisten tcp -noreset 3>"$place/display" 2>"$place/xvfb.log" &
children+=($!)
within 20 test -s "$place/display" || fail "no screen: $(cat "$place/xvfb.log")"
DISPLAY=:$(cat "$place/display")
export DISPLAY
screen_answers() { xdotool getdisplaygeometry >/dev/null 2>&1; }
within 20 screen_answers || fail "the screen $DISPLAY does not answer: $(cat "$place/xvfb.log")"
openbox >"$place/openbox.log" 2>&1 &
children+=($!)
# The window manager says on the root window that it is there.
is_managed() { xdotool get_desktop >/dev/null 2>&1; }
within 20 is_managed || fail "no window manager: $(cat "$place/openbox.log")"

say "starting $binary on $DISPLAY"
"$binary" "$place/comments/comments.csv" --probs "$place/comments/comments_probabilities.npy" >"$place/log" 2>&1 &
program=$!
children+=("$program")

within 60 window_is_there || fail "no window called dissensus within 60 s"
say "the window is there"
within 30 screen_is_painted opened || fail "the window is blank: $colours colours"
say "it is painted, in $colours colours"
within 90 is_at_rest || fail "it does not come to rest: $used hundredths of a second of processor time in 3 s"
say "it is at rest: $used hundredths of a second of processor time in 3 s"
screen_is_painted rested || fail "the window went blank: $colours colours"

xdotool windowactivate --sync "$window"
for key in j j k Down Up Page_Down Home Escape Tab Escape; do
    xdotool key --clearmodifiers "$key"
    sleep 0.2
done
is_alive || fail "the program did not survive the keys"
screen_is_painted keyed || fail "the window went blank after keys: $colours colours"
within 60 is_at_rest || fail "it does not come to rest after keys: $used hundredths of a second in 3 s"
say "it survived the keys and is at rest"

xdotool windowactivate --sync "$window"
xdotool key --clearmodifiers ctrl+q
has_ended() { ! is_alive; }
within 20 has_ended || fail "Ctrl+Q did not end it within 20 s"
status=0
wait "$program" || status=$?
[ "$status" -eq 0 ] || fail "it ended with exit code $status"
if grep -q 'panicked at' "$place/log"; then
    fail "something panicked"
fi
say "Ctrl+Q ended it with exit code 0"
