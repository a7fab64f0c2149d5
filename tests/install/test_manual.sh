#!/bin/bash
# usage: test_manual.sh BUILD     Each command has a manual page with all of its options, which groff reads without a warning, and the
# shells complete commands, options, choices, and the words that the program lists. A shell that is not installed is left out.
set -e -u
scratch=$(mktemp -d)
trap 'rm -rf -- "$scratch"' EXIT
cd "$1/bin"
fail() { echo "$*"; exit 1; }

mkdir "$scratch/man"
./gcbench manual --into "$scratch/man"
commands=$(./gcbench --help | sed -n '/^Commands:/,/^$/s/^  \([a-z][a-z-]*\) .*/\1/p')
[[ $commands ]] || fail "the help lists no command"
for command in $commands; do
  page=$scratch/man/gcbench-$command.1
  [[ -s $page ]] || fail "no manual page: $command"
  for option in $(./gcbench "$command" --help | grep -oE '^ +(-[a-zA-Z], )?--[a-zA-Z_-]+' | grep -oE -- '--[a-zA-Z_-]+'); do
    grep -qF -- "\\fB${option//-/\\-}\\fR" "$page" || fail "the page of $command lacks $option"
  done
  ! command -v groff >/dev/null || groff -man -Tutf8 -ww "$page" 2>&1 >/dev/null | grep . && fail "groff warns about the page of $command"
done
[[ -s $scratch/man/gcbench.1 ]] || fail "no page of the program"

for shell in bash zsh fish; do ./gcbench completions $shell >"$scratch/$shell"; done
! ./gcbench completions tcsh 2>/dev/null || fail "completions for a shell that has none"
! command -v zsh >/dev/null || zsh -n "$scratch/zsh"
! command -v fish >/dev/null || fish -n "$scratch/fish"

source "$scratch/bash"
completes() { # WORDS... expected: the last argument
  local expected=${*: -1}
  COMP_WORDS=("${@:1:$#-1}") COMP_CWORD=$(($# - 2))
  _gcbench
  [[ " ${COMPREPLY[*]} " == *" $expected "* ]] || fail "'${COMP_WORDS[*]}' is completed to '${COMPREPLY[*]}', not to '$expected'"
}
completes ./gcbench ru run
completes ./gcbench run --workl --workload
completes ./gcbench run -w trees,cyc trees,cycles
completes ./gcbench run --collector gen gen3
completes ./gcbench check marks marksweep
completes ./gcbench report las last
completes ./gcbench completions fi fish
completes ./gcbench run --json gcb gcbench # a file of this folder
completes ./gcbench run --benchmark_out_format js json
