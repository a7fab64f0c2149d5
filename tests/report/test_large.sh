#!/bin/bash
# usage: test_large.sh GCBENCH SYNTHETIC     A report of 600 cells keeps every number, and stays under 15 MB.
here=$(dirname -- "$(readlink -f -- "$0")")
scratch=$(mktemp -d) || exit 1
trap 'rm -rf -- "$scratch"' EXIT
cd -- "$scratch" || exit 1
"$2" 10 12 5 3 >run.json || { echo "no document was made"; exit 1; }
"$1" report ./run.json -o report.html || exit 1
"$here"/numbers.py report.html run.json || exit 1
(($(stat -c %s report.html) < 15000000)) || { echo "the report has $(stat -c %s report.html) bytes"; exit 1; }
