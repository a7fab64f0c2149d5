#!/bin/bash
# overhead.sh BUILD [ROUNDS [RUNTIME..]]: what the mutator contract adds to a runtime: `trees` on bdwgc, cpython, malloc and malloc+mimalloc against
# the same program written by hand for each, in turns on one processor. Prints medians in nanoseconds of CPU time a node, and the geometric mean of
# the rounds' ratios with its 95 % interval (Student's t on logarithms). Fails when bdwgc or cpython take more than 1.3 times.
set -eu
export DEPTH=${DEPTH:-16} # of the deepest tree
build=$1 rounds=${2:-4} bound=$((94 << 20)) worst=0
shift $(($# < 2 ? $# : 2))
best() { sort -g | head -1; }
ours() { "$build/bin/gcbench" run -w trees -p depth=$DEPTH -c "$1" -i 3 -n 1 --heap "$bound" --quiet --no-save --json "$work/run.json" >/dev/null 2>&1
  paste <(grep -o '"cpu_ns": [0-9]\+' "$work/run.json") <(grep -o '"ops": [0-9]\+' "$work/run.json") | awk '{ printf "%.2f\n", $2 / $4 }' | best; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
for runtime in ${*:-bdwgc cpython malloc malloc+mimalloc}; do
  program=$build/bin/bench_trees_${runtime%+*} library= limit=1.3
  [[ $runtime == malloc* ]] && limit=0 # 0: reported, not judged
  [[ $runtime == malloc+mimalloc ]] && library=libmimalloc.so.2
  [[ -x $program ]] || { echo "$runtime: not built"; continue; }
  : >"$work/pairs"
  for ((i = 0; i < rounds; i++)); do
    echo "$(LD_PRELOAD=$library taskset -c 1 "$program" 3 "$bound") $(ours "$runtime")" >>"$work/pairs"
  done
  awk -v name="$runtime" -v limit=$limit '
    function median(v, n, i, j, x) { for (i = 2; i <= n; i++) { x = v[i]; for (j = i - 1; j > 0 && v[j] > x; j--) v[j + 1] = v[j]; v[j + 1] = x }
      return n % 2 ? v[(n + 1) / 2] : (v[n / 2] + v[n / 2 + 1]) / 2 }
    NF == 2 { n++; hand[n] = $1; mine[n] = $2; x = log($2 / $1); sum += x; squares += x * x }
    END {
      if (!n) { print name ": did not run"; exit 1 }
      split("12.71 4.303 3.182 2.776 2.571 2.447 2.365 2.306 2.262 2.228 2.201", t, " ")
      mean = sum / n; variance = n > 1 ? (squares - n * mean * mean) / (n - 1) : 0
      half = n > 1 ? (n <= 12 ? t[n - 1] : 2.2) * sqrt((variance > 0 ? variance : 0) / n) : 0
      printf "%s: by hand %.2f ns a node, through gcbench %.2f: %.2f times", name, median(hand, n), median(mine, n), exp(mean)
      if (n > 2) printf " [%.2f, %.2f]", exp(mean - half), exp(mean + half)
      printf ", %d rounds\n", n
      exit limit && exp(mean) > limit }' "$work/pairs" || worst=1
done
exit $worst
