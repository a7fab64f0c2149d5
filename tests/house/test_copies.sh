#!/bin/bash
# usage: test_copies.sh ROOT     An error in a source that is compiled once a path is shown once, not once a path.
scratch=$(mktemp -d) || exit 1
trap 'rm -rf -- "$scratch"' EXIT
cat >"$scratch/CMakeLists.txt" <<CMAKE
cmake_minimum_required(VERSION 3.25)
project(copies LANGUAGES C)
include("$1/harness/cmake/copies.cmake")
set(first "")
foreach(path a b c d)
  add_library(\${path} MODULE typo.c)
  gcb_compile_after(\${path} first)
endforeach()
CMAKE
echo 'int typo(void) { return not_declared; }' >"$scratch/typo.c"
cmake -G Ninja -S "$scratch" -B "$scratch/build" >"$scratch/log" 2>&1 || { cat "$scratch/log"; exit 1; }
ninja -C "$scratch/build" -j4 -k0 >"$scratch/log" 2>&1 && { echo "a source with an error was built"; exit 1; }
shown=$(grep -c 'error:' "$scratch/log")
[[ $shown == 1 ]] || { cat "$scratch/log"; echo "the error is shown $shown times"; exit 1; }
sed -i 's/not_declared/0/' "$scratch/typo.c"
ninja -C "$scratch/build" >"$scratch/log" 2>&1 || { cat "$scratch/log"; exit 1; }
for list in workloads tests/contract; do
  grep -q 'gcb_compile_after(' "$1/$list/CMakeLists.txt" || { echo "$list/CMakeLists.txt compiles all copies at once"; exit 1; }
done
