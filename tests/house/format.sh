#!/bin/bash
# usage: format.sh ROOT     Every C and C++ file in the house is as clang-format leaves it.
cd -- "$1" || exit 1
if ! command -v clang-format >/dev/null; then
  echo "clang-format is not installed; it is one of the test needs that ./gcbench selftest installs"
  exit 1
fi
mapfile -d '' files < <(find workloads collectors harness results plots tests -name '*.[ch]' -print0 -o -name '*.cc' -print0 2>/dev/null)
((${#files[@]})) || { echo "no source file under $1"; exit 1; }
clang-format --dry-run -Werror --ferror-limit=3 "${files[@]}" || { echo "to put it right: clang-format -i FILE"; exit 1; }
echo "${#files[@]} files are clean"
