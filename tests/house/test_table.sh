#!/bin/bash
# usage: test_table.sh ROOT     Each test and each function that the table of tests/README.md names is there.
cd -- "$1" || exit 1
failed=0 rows=0
missing() { echo "tests/README.md names what is not there: $*"; failed=1; }
while read -r row; do
  rows=$((rows + 1)) file=
  while read -r word; do
    case $word in
      unit.* | e2e.* | foreign.*)
        kind=${word%%.*} file=tests/${word%%.*}/${word#*.}.c
        [[ -f $file ]] || missing "$word ($file)"
        ;;
      fuzz.*) [[ -f tests/fuzz/fuzz_${word#fuzz.}.c ]] || missing "$word" ;;
      house.*) grep -rqs "gcb_test($word " tests || missing "$word" ;;
      *_*) [[ $file ]] && ! grep -qE "cmocka_unit_test[a-z_]*\($word[,)]" "$file" && missing "$word in $file" ;;
    esac
  done < <(grep -oE '`[^`]+`' <<<"${row##*| }" | tr -d '`')
done < <(sed -n '/^## What 0.1.0 got wrong/,/^## Stress/{/^| [^*-]/p}' tests/README.md | sed 's/ |$//')
((rows >= 35)) || { echo "only $rows rows were found in the table of tests/README.md"; failed=1; }
exit $failed
