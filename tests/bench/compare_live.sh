#!/bin/bash
# compare_live.sh BUILD [aa|slowed|nursery] [TRIES]: what `gcbench compare` says of real runs of which the truth is known. Takes a quiet
# machine: about 8 minutes for aa (20 tries), 4 for slowed (10), 10 seconds for nursery. ARGUMENTS adds to every call, such as '--pin 1';
# METRIC is what must show the slowdown: wall_ns, or cpu_ns where others use the machine.
set -eu
build=$1 what=${2:-all} tries=${3:-}
gcbench=$build/bin/gcbench slowed=$build/tests/plugins/slowed.so failed=0
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
compare() { "$gcbench" compare --quiet --no-save -i 3 ${ARGUMENTS:-} "$@" --json "$work/compare.json" >"$work/out.txt" || true; sed '/^$/Q; s/^/  /' "$work/out.txt"; }
words() { grep -cE "^ {5}\"verdict\": \"($1)\"" "$work/compare.json" || true; } # of metrics: five blanks deep

if [[ $what == all || $what == aa ]]; then # the same collector twice: how many metrics are called changed?
  wrong=0 all=0
  for ((i = 1; i <= ${tries:-20}; i++)); do
    compare -w trees,cycles -p depth=14 -p nodes=3000000 -p live=45000 --a gen3 --b gen3 --pairs 20 --seed $i
    wrong=$((wrong + $(words 'regressed|improved'))) all=$((all + $(words 'regressed|improved|equivalent|inconclusive')))
  done
  echo "A/A: $wrong of $all verdicts are other than equivalent or inconclusive (at most 2 in 20 tries)"
  ((wrong <= 2)) || failed=1
fi
if [[ $what == all || $what == slowed ]]; then # 5 % more processor time: is it seen?
  seen=0
  for ((i = 1; i <= ${tries:-10}; i++)); do
    compare -w trees -p depth=14 -i 5 --a "$slowed" --b "$slowed slow=5" --pairs 20 --seed $i --metric ${METRIC:-wall_ns}
    seen=$((seen + $(words regressed)))
  done
  echo "slower by 5 %: regressed in $seen of ${tries:-10} tries (at least 9 in 10)"
  ((seen * 10 >= ${tries:-10} * 9)) || failed=1
fi
if [[ $what == all || $what == nursery ]]; then # a doubled nursery: exact metrics say so without statistics
  compare -w trees -p depth=14 --a 'gen3 nursery=1M' --b 'gen3 nursery=2M' --quick
  echo "nursery doubled: $(words differs) exact metrics differ (at least 1)"
  (($(words differs) >= 1)) || failed=1
fi
exit $failed
