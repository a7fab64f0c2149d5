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
# A runtime inside a plug-in may set a locale with a decimal comma. The tests left out load no runtime; german.c sets such a locale on purpose; load.c resets it.
mapfile -t with_numbers < <(printf '%s\n' "${all[@]}" | grep -vxE 'results/model/units\.c|tests/(unit|e2e|limit)/.*')
{
  search "$code\\b(strto(d|f|ld)|atof)\\s*\\(|${code}scanf\\s*\\(.*%[*0-9]*l?[aefgAEFG]" "${with_numbers[@]}"
  search "$code\\b(setlocale|uselocale)\\s*\\(" "${with_numbers[@]}" | grep -vE '^(harness/plan/load|tests/plugins/german)\.c:'
} | forbid 'real numbers are read by gcb_parse_real() of results/model/units.h, and nobody sets a locale'
# The rooms, lowest first: an include carries its folder and points to the same room or to a lower line; rooms of one line do not include each
# other, but for the arrows in `also`.
rooms=(
  results/stats
  results/model
  results/analysis
  'results/export results/store'
  results/text
  plots/figure
  plots/kinds
  plots/report
  'machine cli'
  runtime
  plan
  'measure session'
  'analyses nightly micro stress'
  commands
)
also='results/store>results/export|plots/kinds>results/text'
never='measure>cli|session>cli|plan>cli|runtime>cli|analyses>cli|nightly>cli|micro>cli|stress>cli|session>measure|analyses>measure|nightly>measure|stress>measure'
{
  printf 'room %s\n' "${rooms[@]}"
  grep -HnoP '^\s*#\s*include\s*"\K[^"]+' $(in_sources results plots harness | grep -vx harness/main.c)
} | awk -v also="$also" -v never="$never" '
  BEGIN { n = split(also, a, "|"); for (i = 1; i <= n; i++) allowed[a[i]] = 1; n = split(never, a, "|"); for (i = 1; i <= n; i++) forbidden[a[i]] = 1 }
  $1 == "room" { line++; for (i = 2; i <= NF; i++) level[$i] = line; next }
  {
    split($0, part, ":"); file = part[1]; target = part[3]
    from = file; sub(/^harness\//, "", from); sub(/\/[^\/]*$/, "", from)
    to = target; if (!sub(/\/[^\/]*$/, "", to)) { print file ":" part[2] ": \"" target "\" has no folder"; next }
    if (to !~ /^(results|plots)\// && to !~ /^(collectors|workloads)/ && !(to in level)) { print file ":" part[2] ": " to " is no room"; next }
    if (from == to || to ~ /^(collectors|workloads)/) next
    arrow = from ">" to
    if (!(from in level)) { print file ": " from " is no room"; next }
    if ((level[to] >= level[from] && !(arrow in allowed)) || arrow in forbidden || (to ~ /^plots/ && from !~ /^(plots\/|commands$)/)) print file ":" part[2] ": includes \"" target "\""
  }' | forbid 'includes carry their folder and point to lower rooms only (the table of rooms is in harness/README.md and results/README.md)'

find harness results plots -type d | while read -r folder; do
  n=$(find "$folder" -maxdepth 1 \( -name '*.c' -o -name '*.h' -o -name '*.cc' \) | wc -l)
  ((n <= 40)) || echo "$folder has $n"
done | forbid 'a folder has at most 40 source files'
in_sources harness results plots workloads collectors | sed 's|.*/||' | grep -vxE 'template\.c|state\.h|ops\.c' | sort | uniq -d | forbid 'no two source files of the program share a name'
wc -l "${all[@]}" | awk '$1 > 600 && $2 != "total"' | grep -v ' tests/data/' | forbid 'a file over 600 lines wants to be two'

mapfile -t builds < <(find tests -name CMakeLists.txt -o -name '*.cmake')
{
  search '^\s*#\s*if\s+0\b|^\s*skip\s*\(\s*\)|^\s*/[/*].*\bcmocka_unit_test' "${in_tests[@]}"
  search '\bDISABLED\b|\bWILL_FAIL\b|\bSKIP_RE|^\s*#.*\badd_test\s*\(' "${builds[@]}"
} | forbid 'no test is switched off'

search '^\s*add_test\s*\(' "${builds[@]}" | grep -v '^tests/limit/' |
  forbid 'a test has a limit of CPU time: gcb_test() of tests/limit adds it'

exit $broken
