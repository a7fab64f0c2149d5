#!/bin/bash
# usage: test_install.sh BUILD SOURCE FLAGS     What README says of an installation: it runs from any place, a plug-in built from its headers
# alone runs on the inline path that the plug-in declares, and the guide's commands lead from nothing to a plug-in that conforms.
set -e -u
scratch=$(mktemp -d)
trap 'rm -rf -- "$scratch"' EXIT
prefix="$scratch/some where"
cmake --install "$1" --prefix "$prefix" >"$scratch/log" || { cat "$scratch/log"; exit 1; }
cp "$2/collectors/none/none.c" "$scratch/mine.c"
cd "$scratch"
unset GCBENCH_RESULTS
export XDG_DATA_HOME="$scratch/data" # an installation keeps its runs there
export PKG_CONFIG_PATH="$prefix/lib/pkgconfig"

[[ $(pkg-config --modversion gcbench) == "$("$prefix/bin/gcbench" --version | head -n 1 | cut -d' ' -f2)" ]] || { echo "versions differ"; exit 1; }
eval "${CC:-cc} -shared -fPIC -O2 ${3-} $(pkg-config --cflags gcbench) mine.c -o mine.so"
few=(--heap 64M -p records=1000 -p live=1024 --invocations 1 --iterations 1 --quiet)
"$prefix/bin/gcbench" run --workload churn --collector ./mine.so "${few[@]}" --json run.json
grep -q '"path": *"bump-none-none-plain"' run.json || { echo "the plug-in did not run on its inline path"; cat run.json; exit 1; }

"$prefix/bin/gcbench" calibrate --list | grep -q . || { echo "the facts to calibrate by were not installed"; exit 1; }
[[ -s $XDG_DATA_HOME/gcbench/gcbench.sqlite && ! -e results ]] || { echo "the run was not kept in the data folder"; exit 1; }

mkdir package
cat >package/CMakeLists.txt <<'CMAKE'
cmake_minimum_required(VERSION 3.25)
project(mine LANGUAGES C)
find_package(gcbench REQUIRED)
add_library(mine MODULE ../mine.c)
target_link_libraries(mine PRIVATE gcbench::plugin)
CMAKE
cmake -G Ninja -S package -B package/build -DCMAKE_PREFIX_PATH="$prefix" -DCMAKE_C_FLAGS="${3-}"
cmake --build package/build
"$prefix/bin/gcbench" run --workload churn --collector package/build/libmine.so "${few[@]}" >/dev/null

# A new project finds the installation by itself, through CMake as through make.
unset PKG_CONFIG_PATH
PATH="$prefix/bin:$PATH"
gcbench new collector over_cmake >/dev/null
cmake -G Ninja -S over_cmake -B over_cmake/build -DCMAKE_C_FLAGS="${3-}" >/dev/null
cmake --build over_cmake/build >/dev/null
gcbench check over_cmake/build/over_cmake.so --only objects,conduct --quiet

# The guide: its blocks of commands, one after the other, with shorter runs than its readers make.
guide="$prefix/share/doc/gcbench/collectors/README.md"
mkdir guide
(
  cd guide
  export CFLAGS="-O1 ${3-}" # the Makefile's own are a default
  gcbench() {
    case $1 in
      check) command gcbench "$@" --stress 1s ;;
      run) command gcbench "$@" "${few[@]}" --no-save ;;
      *) command gcbench "$@" ;;
    esac
  }
  awk '/^```/ { inside = $0 == "```sh"; next } inside { print $0 " || exit 1" }' "$guide" >commands
  source ./commands
) >guide.log 2>&1 || { cat guide.log; echo "a command of the guide fails"; exit 1; }
grep -q 'mine.so conforms' guide.log || { cat guide.log; echo "what the guide makes does not conform"; exit 1; }

# The guide to workloads: a plug-in from the installed headers, compiled for every path.
mkdir workload
(
  cd workload
  export CFLAGS="-O1 ${3-}"
  gcbench() {
    case $1 in
      run) command gcbench "$@" "${few[@]}" --no-save --json run.json ;;
      *) command gcbench "$@" ;;
    esac
  }
  awk '/^```/ { inside = $0 == "```sh"; next } inside { print $0 " || exit 1" }' "$prefix/share/doc/gcbench/workloads/README.md" >commands
  source ./commands
) >workload.log 2>&1 || { cat workload.log; echo "a command of the guide to workloads fails"; exit 1; }
grep -q '"path": *"bump-[a-z_]*-none-plain"' workload/run.json || { cat workload.log; echo "the workload did not run on an inline path"; exit 1; }

# ... and its C: each line stands in the source that its block names.
awk '/^```/ { source = $0 ~ /^```c / ? $2 : ""; next } source { sub(/^ +/, ""); print source "\t" $0 }' "$guide" |
  while IFS=$'\t' read -r source line; do
    sed 's/^ *//' "$2/collectors/$source" | grep -qxF -e "$line" || { echo "collectors/README.md: no such line in $source: $line"; exit 1; }
  done
