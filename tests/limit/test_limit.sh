#!/bin/bash
# usage: test_limit.sh LIMIT     What limit.c says of itself: a test that spins and one that waits for ever are ended and named, with all that
# they started; one that is only slow is not; and the exit status is the test's.
limit=$1 scratch=$(mktemp -d) failed=0
trap 'rm -rf -- "$scratch"' EXIT
ends() { # STATUS, PIECE OF WHAT IT SAYS, then a command
  "$limit" "${@:3}" >"$scratch/said" 2>&1
  local status=$?
  [[ $status == "$1" ]] && { [[ ! $2 ]] || grep -q -- "$2" "$scratch/said"; } || { echo "expected status $1 and '$2', got $status for: ${*:3}"; cat "$scratch/said"; failed=1; }
}
ends 0 '' 5 true
ends 3 '' 5 bash -c 'exit 3'
ends 134 '' 5 bash -c 'kill -ABRT $$'
ends 127 'cannot be started' 5 "$scratch/nothing"
ends 2 'usage' 5
ends 124 'more than its 1 s of CPU time' 1 bash -c 'while :; do :; done'
ends 124 'more than its 1 s of CPU time' 1 bash -c 'for i in 1 2 3; do (while :; do :; done) & done; wait'
ends 124 'more than its 1 s of CPU time' 1 bash -c 'while :; do for i in {1..20000}; do :; done; (for i in {1..20000}; do :; done); done' # children that ended
GCB_LIMIT_IDLE=2 ends 124 'no CPU time for 2 s.*a deadlock' 5 sleep 100
GCB_LIMIT_IDLE=3 ends 0 '' 60 bash -c 'for i in 1 2 3 4; do sleep 1.5; for k in {1..20000}; do :; done; done' # slow, and alive
ends 0 '' 5 bash -c "setsid sleep 1234.5678 & exit 0"
! pgrep -f 'sleep 1234.5678' >/dev/null || { echo "a process was left behind"; failed=1; }
exit $failed
