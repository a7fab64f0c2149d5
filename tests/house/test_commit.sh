#!/bin/bash
# usage: test_commit.sh ROOT     The commit that the build notes: of a clean tree, of one with changes, and of what is no git checkout.
scratch=$(mktemp -d) || exit 1
trap 'rm -rf -- "$scratch"' EXIT
export GIT_CONFIG_GLOBAL=/dev/null GIT_AUTHOR_NAME=a GIT_AUTHOR_EMAIL=a GIT_COMMITTER_NAME=a GIT_COMMITTER_EMAIL=a
tree=$scratch/tree
noted() { cmake -DSOURCE="$1" -DFILE="$scratch/commit" -P "$root/harness/cmake/commit.cmake" && cat "$scratch/commit"; }
root=$1
mkdir "$tree" && git -C "$tree" init -q && echo one >"$tree/file" && git -C "$tree" add file && git -C "$tree" commit -q -m one || exit 1
commit=$(git -C "$tree" rev-parse --short=12 HEAD)
[[ $(noted "$tree") == "$commit" ]] || { echo "a clean tree: $(noted "$tree"), not $commit"; exit 1; }
touch -d '2001-01-01' "$scratch/commit"
noted "$tree" >"$scratch/said"
[[ $(date -r "$scratch/commit" +%Y) == 2001 ]] || { echo "written again, though nothing changed"; exit 1; }
echo two >"$tree/file"
[[ $(noted "$tree") == "$commit-dirty" ]] || { echo "a tree with changes: $(noted "$tree")"; exit 1; }
mkdir "$tree/inner" # the sources of a release, unpacked inside another project's checkout
[[ $(noted "$tree/inner") == unknown ]] || { echo "no checkout of its own: $(noted "$tree/inner")"; exit 1; }
