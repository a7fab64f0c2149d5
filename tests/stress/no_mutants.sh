#!/bin/bash
# usage: no_mutants.sh MUTANT.so MODULE...    The hooks of collectors/common/mutants.h leave nothing in modules of an ordinary build: neither a symbol
# nor a name of a bug. MUTANT.so, which has one, shows that this would be seen.
names=(gcb_mutant_lives LOG_AT_EXIT COPY_SHORT WEAK_UNCOUNTED BUFFER_TAIL COUNT_UNSTUCK)
pattern=$(IFS='|'; echo "${names[*]}")
has() { { nm -a -- "$1" 2>/dev/null; strings -a -- "$1" | grep -xE "[A-Z_]+"; } | grep -qE "$pattern"; }

has "$1" || { echo "nothing is seen in $1, which has seeded bugs"; exit 1; }
for module in "${@:2}"; do
  if has "$module"; then
    echo "$module has hooks of seeded bugs in it"
    exit 1
  fi
done
