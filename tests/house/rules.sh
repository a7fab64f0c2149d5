#!/bin/bash
# usage: rules.sh ROOT     The rules of the house, as far as text shows them. Prints each line that breaks one.
cd -- "$1" || exit 1
broken=0

forbid() { # RULE, then what breaks it on standard input
  local lines
  lines=$(cat)
  [[ $lines ]] || return
  printf 'Rule: %s\n%s\n\n' "$1" "$lines"
  broken=1
}

in_sources() { # FOLDER... : their C files
  find "$@" \( -name '*.c' -o -name '*.h' -o -name '*.cc' \) -not -path '*/build/*' 2>/dev/null | sort
}

search() { # PATTERN, FILE... : grep that has nothing to say about no files
  (($# > 1)) && grep -HnP -- "$@"
}

except() { # WORDS|SEPARATED|SO, then words: the others, as a pattern of alternatives that may match nothing
  local kept
  kept=$(printf '%s\n' "${@:2}" | grep -vxE -e "$1" | paste -sd '|')
  echo "(${kept:-(?!)})"
}

shopt -s nullglob lastpipe # lastpipe: what forbid sets is seen below
mapfile -t workloads < <(grep -l '^GCB_WORKLOAD(' workloads/*.c | xargs -r basename -a -s .c)
mapfile -t collectors < <(basename -a collectors/*/ | grep -vxE 'common|template')
((${#workloads[@]} && ${#collectors[@]})) || { echo "$1 has no workloads or no collectors"; exit 1; }
mapfile -t in_workloads < <(in_sources workloads)
mapfile -t in_collectors < <(in_sources collectors/*/) # the contract is above them: it has words like "cycles"
mapfile -t in_harness < <(in_sources harness)
mapfile -t in_tests < <(in_sources tests)
mapfile -t all < <(in_sources workloads collectors harness results plots tests)
mapfile -t below_main < <(printf '%s\n' "${in_workloads[@]}" "${in_collectors[@]}" "${in_harness[@]}" | grep -vx harness/main.c)

for name in "${workloads[@]}"; do # a large one has parts, NAME_part.c and .h
  search "#\s*include\s*(\"(?!${name}_)|<gcbench/(?!mutator\.h>))" workloads/"$name".c workloads/"$name"_*.[ch]
done | forbid 'a workload includes <gcbench/mutator.h>, its own parts, and headers of libraries'

for file in $(in_sources collectors/*/); do
  search '#\s*include\s*<gcbench/(?!(collector|ops)\.h>)' "$file"
  sed -nE 's/^\s*#\s*include\s*"([^"]*)".*/\1/p' "$file" | while read -r header; do
    [[ $header == common/* || ($header != */* && -e ${file%/*}/$header) ]] || echo "$file includes \"$header\""
  done
done | forbid 'a collector includes <gcbench/collector.h>, <gcbench/ops.h> (runtimes with handles), "common/..." and files of its own folder'

# Whole string literals outside comments only: help texts have examples. "none" and "weak" mean other things too, "rc" is a usual name of a variable, malloc a function.
code='^(?!\s*\*)((?!/[/*]).)*' # what stands before the first comment of a line
search "$code\"$(except 'none|weak' "${workloads[@]}" "${collectors[@]}")\"" "${in_harness[@]}" |
  forbid 'the harness knows no workload and no collector by name'
search "\b$(except 'none|rc|malloc' "${collectors[@]}")\b" "${in_workloads[@]}" | forbid 'no workload names a collector'
search "$code\"$(except weak "${workloads[@]}")\"" "${in_collectors[@]}" | forbid 'no collector names a workload'

search '\b(exit|_Exit|quick_exit|abort)\s*\(' "${below_main[@]}" | forbid 'nothing below main ends the process (a forked child says _exit)'
search '\b(v?printf|puts|putchar|perror)\s*\(|\bf?(printf|puts|write)\s*\(.*\bstd(out|err)\b' "${in_workloads[@]}" "${in_collectors[@]}" |
  forbid 'workloads and collectors print nothing'
wc -l "${all[@]}" | awk '$1 > 600 && $2 != "total"' | grep -v ' tests/data/' | forbid 'a file over 600 lines wants to be two'

mapfile -t builds < <(find tests -name CMakeLists.txt -o -name '*.cmake')
{
  search '^\s*#\s*if\s+0\b|^\s*skip\s*\(\s*\)|^\s*/[/*].*\bcmocka_unit_test' "${in_tests[@]}"
  search '\bDISABLED\b|\bWILL_FAIL\b|\bSKIP_RE|^\s*#.*\badd_test\s*\(' "${builds[@]}"
} | forbid 'no test is switched off'

search '^\s*add_test\s*\(' "${builds[@]}" | grep -v '^tests/limit/' |
  forbid 'a test has a limit of CPU time: gcb_test() of tests/limit adds it'

exit $broken
