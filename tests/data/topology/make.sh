#!/bin/sh
# Makes the recorded machines that the placement tests run on: sh make.sh, in this folder.
#
# Each is a machine that exists in kind, with Linux's numbering of hardware threads (siblings last), so that a
# placement can be checked on a machine with one core and on a large one alike. Needs lstopo 2.4 or newer.
set -eu
cd "$(dirname "$0")"

# record NAME MODEL DESCRIPTION [option of lstopo...]: the model is written by hand, because a synthetic
# description has none, and what depends on the version of the tool is dropped, so that a rerun changes nothing.
record() {
  name=$1 model=$2 description=$3
  shift 3
  lstopo-no-graphics --input "$description" "$@" --of xml |
    sed -e '/hwlocVersion\|ProcessName\|<support /d' \
        -e "s|^\( *\)\(<object type=\"Package\".*\)|\1\2\n\1  <info name=\"CPUModel\" value=\"$model\"/>|" > "$name.xml"
}

one='node:1 l3:1(size=8388608) l2:1(size=262144)'
record 1-core 'Recorded 1' "package:1 $one core:1 pu:1"
record 2-cores 'Recorded 2' 'package:1 node:1 l3:1(size=33554432) l2:2(size=1048576) core:1 pu:1'
record 4-cores-smt 'Recorded 4x2' 'package:1 node:1 l3:1(size=8388608) l2:4(size=262144) core:1 pu:2(indexes=core)'
# A chiplet package: two L3 caches on one NUMA node.
record 2-l3-4-cores 'Recorded 2x4' 'package:1 node:1 l3:2(size=16777216) l2:4(size=524288) core:1 pu:1'

big='package:2 node:1 l3:1(size=33554432) l2:8(size=1048576) core:1 pu:2(indexes=core)'
record 2-packages-smt 'Recorded 2x8x2' "$big"
# The same in a container that was given cores 6 to 9: two of each package, hardware threads 6-9 and 22-25.
record 2-packages-restricted 'Recorded 2x8x2' "$big" --allow 0x03c003c0 --disallowed

# Two fast cores (cpus 0 and 1) and four slow ones (2 to 5). A description has no kinds: they are written in.
record hybrid 'Recorded 2+4' 'package:1 node:1 l3:1(size=12582912) l2:6(size=1048576) core:1 pu:1'
kinds='  <cpukind cpuset="0x0000003c" forced_efficiency="0"/>\n  <cpukind cpuset="0x00000003" forced_efficiency="1"/>'
sed "s|^</topology>|$kinds\n&|" hybrid.xml > hybrid.tmp
mv hybrid.tmp hybrid.xml
