#!/bin/bash
# usage: test_rules.sh     Each rule of rules.sh is heard when it is broken, and only then.
rules=$(dirname -- "$(readlink -f -- "$0")")/rules.sh
scratch=$(mktemp -d) || exit 1
trap 'rm -rf -- "$scratch"' EXIT
cd -- "$scratch" || exit 1

clean() {
  rm -rf house && mkdir -p house/{workloads,tests,collectors/{common,none,gen3}} house/harness/{cli,commands,analyses,nightly,micro,stress,session,measure,plan,runtime,machine} house/results/{stats,model,analysis,export,store,text} house/plots/{figure,kinds,report}
  printf '%s\n' '#include <gcbench/mutator.h>' '#include "trees_leaf.h"' 'GCB_WORKLOAD(trees) = {' >house/workloads/trees.c
  echo '#include <stdio.h>' >house/workloads/trees_leaf.c
  echo '#include "common/vec.h"' >house/collectors/gen3/gen3.c
  echo 'int vec;' >house/collectors/common/vec.c
  echo 'void die(void) { exit(1); }' >house/harness/main.c
  echo 'bool off(const char *word) { return !strcmp(word, "none"); } // not "gen3"' >house/harness/plan/run.c
  echo 'gcb_test(one unit 60 one)' >house/tests/CMakeLists.txt
}

failed=0
breaks() { # FILE, LINE, and a piece of the rule that it breaks
  clean
  echo "$2" >>"house/$1"
  if "$rules" house >said; then
    echo "not noticed: ${2:0:80} in $1" && failed=1
  elif [[ $(grep -c '^Rule' said) != 1 ]] || ! grep -q "^Rule: .*$3" said; then
    echo "expected only a rule about '$3' for: ${2:0:80} in $1" && cat said && failed=1
  fi
}

clean
"$rules" house || { echo "a clean house is not clean"; failed=1; }
breaks workloads/trees.c '#include <gcbench/collector.h>' 'a workload includes'
breaks workloads/trees.c '#include "../harness/run.h"' 'a workload includes'
breaks workloads/trees_leaf.c '#include <gcbench/paths.h>' 'a workload includes'
breaks workloads/trees.c '/* made for gen3 */' 'no workload names'
breaks collectors/gen3/gen3.c '#include <gcbench/mutator.h>' 'a collector includes'
breaks collectors/gen3/gen3.c '#include "../none/none.h"' 'a collector includes'
breaks collectors/gen3/gen3.c 'bool slow(const char *w) { return !strcmp(w, "trees"); }' 'no collector names'
breaks collectors/common/vec.c 'int full(void) { return printf("full\n"); }' 'print nothing'
breaks collectors/common/vec.c 'void full(void) { abort(); }' 'ends the process'
breaks harness/plan/run.c 'if (!strcmp(word, "gen3")) return 1;' 'by name'
breaks harness/plan/run.c 'if (!strcmp(word, "trees")) return 1;' 'by name'
breaks harness/plan/run.c "$(yes 'int i;' | head -n 601)" '600 lines'
breaks tests/test_one.c '#if 0' 'switched off'
breaks tests/CMakeLists.txt '# add_test(NAME two COMMAND two)' 'switched off'
breaks tests/CMakeLists.txt 'set_tests_properties(one PROPERTIES DISABLED ON)' 'switched off'
breaks tests/CMakeLists.txt 'add_test(NAME two COMMAND two)' 'limit of CPU time'
breaks harness/plan/run.c 'double d = strtod(word, &end);' 'real numbers'
breaks results/model/one.c 'double d = atof(word);' 'real numbers'
breaks harness/machine/one.c 'if (sscanf(text, "%d %lf", &n, &d) == 2) return;' 'real numbers'
breaks tests/one.c 'setlocale(LC_ALL, "");' 'nobody sets a locale'
breaks harness/plan/run.c '#include "catalog.h"' 'carry their folder'
breaks harness/plan/run.c '#include "nowhere/catalog.h"' 'carry their folder'
# One violation of each arrow: a room includes one above it, or one beside it.
arrows=0
for arrow in results/stats:results/model results/model:results/analysis results/analysis:results/store results/export:results/store results/store:results/text \
  results/text:plots/figure plots/figure:plots/kinds plots/kinds:plots/report results/stats:machine results/text:plan plots/report:commands machine:runtime \
  machine:plan cli:session runtime:plan plan:measure plan:session measure:session session:measure session:analyses measure:stress analyses:nightly \
  nightly:micro micro:stress stress:analyses analyses:commands stress:commands session:cli measure:cli plan:plots/figure; do
  from=${arrow%:*} to=${arrow#*:}
  [[ $from == */* ]] || from=harness/$from
  breaks "$from/one.c" "#include \"$to/other.h\"" 'carry their folder'
  arrows=$((arrows + 1))
done
((arrows >= 30)) || { echo "only $arrows arrows were tried"; failed=1; }
clean
echo '#include "results/store/store.h"' >house/harness/session/one.c
echo '#include "plan/catalog.h"' >>house/harness/session/one.c
"$rules" house || { echo "includes of lower rooms are not allowed"; failed=1; }
clean
for i in {1..41}; do echo 'int x;' >house/harness/plan/file$i.c; done
"$rules" house | grep -q 'at most 40 source files' || { echo "a full folder is not noticed"; failed=1; }
clean
mkdir -p house/harness/session && echo 'int x;' >house/harness/session/run.c
"$rules" house | grep -q 'share a name' || { echo "two files of one name are not noticed"; failed=1; }
exit $failed
