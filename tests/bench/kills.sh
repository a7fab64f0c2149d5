#!/bin/bash
# usage: kills.sh GCBENCH KILLS [SEED]     Kills runs with signal 9 at random times, and resumes them. After each kill the store must open and be
# sound, and hold every invocation that the run had said to be done; what is resumed to its end must be whole. Ends with the count, or status 1.
set -u
gcbench=$(readlink -f -- "$1") kills=$2 RANDOM=${3:-1}
scratch=$(mktemp -d)
trap 'rm -rf -- "$scratch"' EXIT
cd "$scratch" || exit 1
export GCBENCH_RESULTS=$scratch/results

fail() { echo "kill $kill: $*"; cat err; exit 1; }
newest() { "$gcbench" results list --json | sed -n "s/^ *\"$1\": \"\{0,1\}\([^\",]*\).*/\1/p;" | head -n 1; } # FIELD of the newest run

runs=0 finished=0 open=
for ((kill = 1; kill <= kills; kill++)); do
  before=0
  if [[ $open ]]; then
    before=$(newest done)
    "$gcbench" run --resume last >/dev/null 2>err &
  else
    "$gcbench" run -w trees -p depth=8 -c gen3,marksweep -n 40 -i 1 >/dev/null 2>err &
  fi
  pid=$!
  sleep "0.$(printf %03d $((RANDOM % 600 + 20)))"
  kill -9 $pid 2>/dev/null
  wait $pid 2>/dev/null
  [[ -e $GCBENCH_RESULTS/gcbench.sqlite ]] || continue # killed before there was a store
  "$gcbench" results check >out 2>&1 || { cat out; fail "the store is not sound"; }
  said=$(sed -n 's/^gcbench: \[\([0-9]*\)\/[0-9]*\].*/\1/p' err | tail -n 1) # the one that had begun
  ((said > 1)) && said=$((said - 1))
  stored=$(newest done)
  state=$(newest status)
  [[ $stored ]] || continue # killed before the run began
  # One of those that were said to be done was the reference.
  ((stored >= before && (${said:-1} == 1 || stored >= before + said - 1))) || fail "$before and then ${said:-none} were done, $stored are stored"
  open=
  case $state in
    killed) open=1 ;;
    done) ((runs++, finished += stored)) ;;
    *) fail "the run is $state" ;;
  esac
done
if [[ $open ]]; then
  "$gcbench" run --resume last >/dev/null 2>err || fail "it could not be resumed"
  ((runs++, finished += $(newest done)))
fi
((runs)) || fail "no run was ever begun"
[[ $finished == $((runs * 80)) ]] || fail "$runs runs of 80 invocations have $finished"
echo "$kills kills: $runs runs were resumed to their ends, with all of their $finished invocations"
