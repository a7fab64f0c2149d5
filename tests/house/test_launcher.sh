#!/bin/bash
# usage: test_launcher.sh ROOT     The launcher among stand-ins for apt, CMake, Ninja and CTest that write down how they were called.
scratch=$(mktemp -d) || exit 1
chmod 755 "$scratch"
trap 'chmod -R u+w "$scratch"; rm -rf -- "$scratch"' EXIT
tree="$scratch/a tree"
bin=$scratch/bin
mkdir -p "$tree" "$bin"
cp "$1/gcbench" "$1/CMakePresets.json" "$tree"
for tool in bash basename cat chmod env flock grep mkdir nproc paste readlink sed tail; do ln -s "$(command -v $tool)" "$bin/"; done

stand_in() { # NAME, and what it does after its words went to the file calls
  printf '#!/bin/bash\necho "%s $*" >>"%s/calls"\n%s\n' "$1" "$scratch" "$2" >"$bin/$1"
  chmod +x "$bin/$1"
}
stand_in sudo 'exec "$@"'
stand_in dpkg-query "for p in \"\${@:4}\"; do grep -qsx \"\$p\" '$scratch/installed' && printf 'installed=%s ' \"\$p\"; done"
stand_in apt-get "[[ -e '$scratch/offline' ]] && echo 'E: no network' && exit 100
[[ \$* == *update ]] && : >'$scratch/lists'
[[ \$* == *install* ]] || exit 0
[[ -e '$scratch/lists' && \$DEBIAN_FRONTEND == noninteractive ]] && printf '%s\n' \"\${@:5}\" >>'$scratch/installed'"
stand_in cmake 'while [[ $1 != --preset ]]; do shift; done
mkdir -p build/$2 && : >build/$2/build.ninja
printf "CMAKE_HOME_DIRECTORY:INTERNAL=%s\n%s\n" "$PWD" "${3#-D}" | sed s/TESTING=/TESTING:BOOL=/ >build/$2/CMakeCache.txt'
stand_in ninja "[[ -e '$scratch/broken' ]] && echo 'x.c:1: error: no' && exit 1
mkdir -p \"\$2/bin\"; echo '[1/9] Building x.o'
printf '#!/bin/bash\necho ran in \$PWD: \"\$@\"\nexit 4\n' >\"\$2/bin/gcbench\"; chmod +x \"\$2/bin/gcbench\""
stand_in ctest 'echo "100% tests passed"; exit 8'

failed=0
run() { # STATUS expected, then a command line: standard output, standard error and calls go to files
  local expected=$1 status
  shift
  : >"$scratch/calls"
  PATH=$bin "$@" >"$scratch/out" 2>"$scratch/err"
  status=$?
  what="'$*' after $previous"
  previous="'$*'"
  ((status == expected)) || problem "ended with $status, not $expected"
}
previous=nothing
problem() {
  printf 'Problem: %s\n%s\n' "$what" "$1"
  tail -v -n 20 "$scratch"/{out,err,calls}
  failed=1
}
has() { grep -qF -e "$2" "$scratch/$1" || problem "expected in $1: $2"; }
has_not() { ! grep -qF -e "$2" "$scratch/$1" || problem "not expected in $1: $2"; }
nothing_in() { [[ ! -s $scratch/$1 ]] || problem "expected nothing in $1"; }
launcher="$tree/gcbench"

run 0 "$launcher" selftest --help
has out 'Presets: release debug'
nothing_in calls
run 2 "$launcher" selftest --preset relase
has err "there is no preset 'relase'"
nothing_in calls
run 2 "$launcher" setup everything
nothing_in calls

touch "$scratch/offline"
run 5 "$launcher" run
has err 'E: no network'
has err 'apt-get update && apt-get install --no-install-recommends gcc g++'
nothing_in out
rm "$scratch/offline"

touch "$scratch/broken"
run 5 "$launcher" run --seed 1 # the package lists are stale, so that only the second installation succeeds
has calls 'apt-get -q -y update'
has calls 'apt-get -q -y install --no-install-recommends gcc'
has err 'installing'
has err 'x.c:1: error: no'
nothing_in out
rm "$scratch/broken"

run 4 "$launcher" run --workload 'two words'
has_not calls apt-get
has_not calls 'cmake --'
[[ $(cat "$scratch/out") == "ran in $PWD: run --workload two words" ]] || problem 'standard output is not that of the program alone'
ln -s "$tree/gcbench" "$scratch/link"
cd /proc || exit 1 # which even root cannot write to
run 4 ../"$scratch/link" --help
has out "ran in /proc: --help"
cd / || exit 1

run 8 "$launcher" selftest --preset=asan -- -R one
has calls 'apt-get -q -y install --no-install-recommends make libcmocka-dev'
has calls 'cmake --fresh --preset asan -DBUILD_TESTING=ON'
has calls "ctest --preset asan --parallel $(nproc) -R one"
has out 'tests passed'
has_not calls ocaml-nox
run 8 "$launcher" selftest
has calls 'cmake --preset release -DBUILD_TESTING=ON' # as it is, without throwing away what is built
run 0 "$launcher" setup --all
has calls 'install --no-install-recommends ocaml-nox openjdk-17-jdk-headless'
mv "$tree" "$scratch/moved"
launcher="$scratch/moved/gcbench"
run 4 "$launcher"
has calls 'cmake --fresh --preset release'

as_user=()
((EUID)) || as_user=(setpriv --reuid 65534 --regid 65534 --clear-groups)
chmod -R go+rX "$scratch/moved"
chmod a-w "$scratch/moved/build"
ln -s "$(command -v setpriv)" "$bin/"
run 4 "${as_user[@]}" "$launcher" run # what somebody else built
nothing_in calls
chmod a+rwx "$scratch/moved/build" "$scratch/moved/build/release"
chmod a+rw "$scratch/moved/build"/launcher.* "$scratch/calls"
rm "$scratch/installed" "$bin/sudo"
run 5 "${as_user[@]}" "$launcher" run
has err 'only root can install what is missing: apt-get install --no-install-recommends gcc'
has_not calls apt-get
exit $failed
