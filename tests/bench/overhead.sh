#!/bin/bash
# overhead.sh BUILD [ROUNDS]: what the mutator contract adds to a runtime: `trees` on bdwgc and on cpython against the same program written by
# hand for each, in turns on one processor, best of all rounds in nanoseconds a node. Fails beyond 1.3 times.
set -eu
build=$1 rounds=${2:-4} bound=$((94 << 20)) worst=0
best() { sort -g | head -1; }
ours() { "$build/bin/gcbench" run -w trees -c "$1" -i 1 -n 3 --heap "$bound" --quiet --no-save --json "$work/run.json" >/dev/null 2>&1
  grep -o '"wall_ns": [0-9]\+' "$work/run.json" | cut -d ' ' -f 2 | best | awk '{ printf "%.2f\n", $1 / 14809575 }'; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
for runtime in bdwgc cpython; do
  program=$build/bin/bench_trees_$runtime
  [[ -x $program ]] || { echo "$runtime: not built"; continue; }
  : >"$work/hand"; : >"$work/ours"
  for ((i = 0; i < rounds; i++)); do
    taskset -c 1 "$program" 3 "$bound" >>"$work/hand"
    ours $runtime >>"$work/ours"
  done
  hand=$(best <"$work/hand") mine=$(best <"$work/ours")
  awk -v n=$runtime -v h="$hand" -v m="$mine" 'BEGIN { printf "%s: by hand %.2f ns a node, through gcbench %.2f: %.2f times\n", n, h, m, m / h; exit m > 1.3 * h }' || worst=1
done
exit $worst
