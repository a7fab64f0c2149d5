#!/bin/bash
# usage: test_launcher.sh ROOT     The launcher among stand-ins for apt, CMake, Ninja and CTest that write down how they were called.
scratch=$(mktemp -d) || exit 1
chmod 755 "$scratch"
trap 'chmod -R u+w "$scratch"; rm -rf -- "$scratch"' EXIT
tree="$scratch/a tree"
bin=$scratch/bin
mkdir -p "$tree" "$bin"
cp "$1/gcbench" "$1/CMakePresets.json" "$tree"
for tool in bash basename cat chmod env flock grep mkdir nproc paste readlink rm sed sleep tail; do ln -s "$(command -v $tool)" "$bin/"; done

stand_in() { # NAME, and what it does after its words went to the file calls
  printf '#!/bin/bash\necho "%s $*" >>"%s/calls"\n%s\n' "$1" "$scratch" "$2" >"$bin/$1"
  chmod +x "$bin/$1"
}
stand_in sudo '[[ $1 == -v ]] || exec "$@"'
stand_in dpkg-query "for p in \"\${@:4}\"; do grep -qsx \"\$p\" '$scratch/installed' && printf 'installed=%s ' \"\$p\"; done"
stand_in apt-get "[[ -e '$scratch/offline' ]] && echo 'E: no network' && exit 100
for p in \"\$@\"; do grep -qsx -- \"\$p\" '$scratch/unavailable' && echo \"E: Unable to locate package \$p\" && exit 100; done
[[ \$* == *update ]] && : >'$scratch/lists'
[[ \$* == *install* ]] || exit 0
[[ -e '$scratch/lists' && \$DEBIAN_FRONTEND == noninteractive ]] && printf '%s\n' \"\${@:5}\" >>'$scratch/installed'"
stand_in cmake 'while [[ $1 != --preset ]]; do shift; done
mkdir -p build/$2 && : >build/$2/build.ninja
printf "CMAKE_HOME_DIRECTORY:INTERNAL=%s\n%s\n" "$PWD" "${3#-D}" | sed s/TESTING=/TESTING:BOOL=/ >build/$2/CMakeCache.txt'
stand_in ninja "[[ -e '$scratch/broken' ]] && echo 'x.c:1: error: no' && exit 1
mkdir -p \"\$2/bin\"; rm -f \"\$2/bin/gcbench\"; [[ ! -e '$scratch/slow' ]] || sleep 5; echo '[1/9] Building x.o'
printf '#!/bin/bash\necho ran in \$PWD: \"\$@\"\necho called \$GCBENCH_CALLED >&2\nexit 4\n' >\"\$2/bin/gcbench\"; chmod +x \"\$2/bin/gcbench\""
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
run 0 "$launcher" help setup
has out "usage: $launcher setup"
nothing_in calls
run 2 "$launcher" setup everything
nothing_in calls

touch "$scratch/offline"
run 5 "$launcher" run
has err 'E: no network'
has err 'apt-get update && apt-get install --no-install-recommends gcc g++'
nothing_in out
has err 'the first call takes a while. packages: 1 to 5 minutes'
has err "on $(nproc) cores"
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
has_not err 'takes a while'
has_not calls apt-get
has_not calls 'cmake --'
[[ $(cat "$scratch/out") == "ran in $PWD: run --workload two words" ]] || problem 'standard output is not that of the program alone'
ln -s "$tree/gcbench" "$scratch/link"
cd /proc || exit 1 # which even root cannot write to
run 4 ../"$scratch/link" --help
has err "called ../$scratch/link"
has out "ran in /proc: --help"
cd / || exit 1

run 8 "$launcher" selftest --preset=asan -- -R one
has calls 'apt-get -q -y install --no-install-recommends make libcmocka-dev'
has calls 'cmake --fresh --preset asan -DBUILD_TESTING=ON'
has calls "ctest --preset asan --parallel $(nproc) -R one"
has out 'tests passed'
has_not calls 'install --no-install-recommends ocaml-nox'
grep -q 'apt-get.* ocaml-nox' "$scratch/calls" && problem 'a runtime that few ask for was installed'
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
chmod -R a+rwX "$scratch/moved/build" "$scratch/calls"
rm "$scratch/installed" "$bin/sudo"
run 5 "${as_user[@]}" "$launcher" run
has err 'only root can install what is missing: apt-get install --no-install-recommends gcc'
has_not calls apt-get

# Without optional packages it runs all the same, and says once what is lost and how to get it.
every_package=$(sed -n "/^run_needs=/,/^more_likes=/s/.*likes=(\\([^)]*\\)).*/\\1/p; /^run_needs=/,/)/{s/run_needs=//;s/[()]//g;p}" "$1/gcbench")
printf '%s\n' $every_package >"$scratch/installed"
sed -i '/^gnuplot-nox$/d; /^libgc-dev$/d' "$scratch/installed"
run 4 "${as_user[@]}" "$launcher" run
has err 'goes on without plots, and the figures of reports (gnuplot-nox); the collector bdwgc (libgc-dev). To get that: as root, apt-get install --no-install-recommends gnuplot-nox libgc-dev'
has calls 'cmake --fresh --preset release'
has_not calls apt-get
run 4 "${as_user[@]}" "$launcher" run
has_not err 'goes on without'
has_not calls 'cmake --'
printf '%s\n' gnuplot-nox libgc-dev >>"$scratch/installed"
run 4 "${as_user[@]}" "$launcher" run # found once it is there
has calls 'cmake --preset release'
has_not err 'goes on without'

# What apt-get does not know is tried once, and again by setup; the rest is installed.
stand_in sudo '[[ $1 == -v ]] || exec "$@"'
chmod a+rw "$scratch/installed" "$scratch/lists"
sed -i '/^gnuplot-nox$/d; /^libmimalloc2.0$/d' "$scratch/installed"
echo libmimalloc2.0 >"$scratch/unavailable"
chmod a+rw "$scratch/installed" "$scratch/lists"
run 4 "${as_user[@]}" "$launcher" run
has calls 'install --no-install-recommends gnuplot-nox'
has err 'goes on without malloc+mimalloc (libmimalloc2.0)'
has_not err 'figures of reports'
run 4 "${as_user[@]}" "$launcher" run
has_not calls apt-get
has_not err 'goes on without'
run 0 "${as_user[@]}" "$launcher" setup
has calls 'install --no-install-recommends libmimalloc2.0'
has err 'goes on without malloc+mimalloc (libmimalloc2.0)'
echo gcc >>"$scratch/unavailable" # a required one is not done without
sed -i '/^gcc$/d' "$scratch/installed"
run 5 "${as_user[@]}" "$launcher" run
has err 'Unable to locate package gcc'
stand_in sudo 'exit 1' # who may not use sudo
run 5 "${as_user[@]}" "$launcher" run
has err 'only root can install what is missing: apt-get install --no-install-recommends gcc'
echo gcc >>"$scratch/installed"
run 4 "${as_user[@]}" "$launcher" run

# A line of progress now and then, also while a step takes long.
: >"$scratch/slow"
sed -i 's/^every=10 /every=1 /' "$launcher"
run 4 "${as_user[@]}" "$launcher" run
grep -qE 'building, [0-9]+ s so far' "$scratch/err" || problem 'no progress in 5 s'
exit $failed
