#!/bin/bash
# usage: test_without.sh BUILD SOURCE     Configured as where no optional package is installed, every collector over somebody else's runtime is
# listed with what it needs, a run says so, and the others are there.
set -e -u
scratch=$(mktemp -d)
trap 'rm -rf -- "$scratch"' EXIT
cmake -S "$2" -B "$scratch/build" -G Ninja -DGCB_WITHOUT=all -DBUILD_TESTING=OFF >"$scratch/log" 2>&1 || { cat "$scratch/log"; exit 1; }
! grep -E '^--   [A-Za-z-]+ +found' "$scratch/log" || { echo "found, though it was to do without"; exit 1; }

# What else such a build makes is what this one has made.
without=$scratch/lib
mkdir -p "$without/collectors"
cp "$scratch"/build/lib/gcbench/collectors/*.missing "$without/collectors"
ln -s "$1/lib/gcbench/paths" "$without/paths"
for module in "$1"/lib/gcbench/collectors/*.so; do
  name=$(basename "$module" .so)
  [[ -e $without/collectors/$name.missing ]] || ln -s "$module" "$without/collectors/"
done
export GCBENCH_LIB=$without
"$1/bin/gcbench" list collectors >"$scratch/list"
for needs in bdwgc:libgc-dev cpython:python3-dev lua-inc:liblua5.4-dev lua-gen:liblua5.4-dev ocaml:ocaml-nox jvm:openjdk-17-jdk-headless; do
  grep -qE "^  ${needs%:*} +unsupported: needs ${needs#*:}\$" "$scratch/list" || { echo "not listed: $needs"; cat "$scratch/list"; exit 1; }
done
grep -qE '^  malloc +no collector' "$scratch/list"
cd "$scratch"
"$1/bin/gcbench" run -w trees -p depth=6 -c malloc,ocaml -n 1 -i 1 --quiet --no-save --json run.json >table
grep -q '"reason": "needs ocaml-nox"' run.json && grep -q unsupported table || { cat table; exit 1; }
