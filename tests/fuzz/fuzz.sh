#!/bin/bash
# usage: fuzz.sh SECONDS [NAME...]    Makes up inputs for each target (or those named) for so long, by libFuzzer under AddressSanitizer and
# UndefinedBehaviorSanitizer. What breaks a target is kept in build/fuzz/found/NAME: shrink it, put it into corpus/NAME, and mend the reader.
set -eu
here=$(readlink -f -- "${BASH_SOURCE[0]%/*}")
root=$here/../..
seconds=${1:?how many seconds for each target}
shift
cd -- "$root"
cmake --preset fuzz >/dev/null
ninja -C build/fuzz $(basename -as .c "$here"/fuzz_*.c) >/dev/null
(($#)) || set -- $(basename -as .c "$here"/fuzz_*.c | sed s/fuzz_//)
status=0
for name; do
  mkdir -p "build/fuzz/found/$name"
  echo "fuzz.$name: $seconds seconds"
  "build/fuzz/bin/fuzz_$name" -max_total_time="$seconds" -rss_limit_mb=4096 -print_final_stats=1 \
    -artifact_prefix="build/fuzz/found/$name/" "build/fuzz/found/$name" "$here/corpus/$name" 2>&1 |
    grep -E 'stat::number_of_executed_units|stat::new_units|ERROR|SUMMARY|Test unit written' || true
  [ -z "$(ls "build/fuzz/found/$name" | grep -E '^(crash|leak|timeout|oom)-')" ] || status=1
done
exit $status
