#!/bin/bash
# usage: test_run.sh GCBENCH     From a run to its reports: HTML whose numbers are the run's, Markdown, and what happens without the
# programs that draw and print.
here=$(dirname -- "$(readlink -f -- "$0")")
scratch=$(mktemp -d) || exit 1
trap 'rm -rf -- "$scratch"' EXIT
cd -- "$scratch" || exit 1
export GCBENCH_RESULTS=$scratch/store
failed=0
wrong() { echo "$*"; failed=1; }
has() { grep -qF -- "$2" "$1" || wrong "$1 does not say: $2"; }

"$1" run -w trees -p depth=13 -c gen3,semispace --heap 1.5x,3x -n 3 -i 2 -q --save mine --json mine.json >out.txt || wrong "run: status $?"
"$1" report mine -o report.html >out.txt || wrong "report: status $?"
has out.txt report.html
"$here"/numbers.py report.html mine.json || wrong "the numbers are not those of the run"
has report.html "<h1>gen3 against semispace on trees</h1>"
has report.html "semispace ran out of memory in 1 of 2 cells: trees at 1.5x"
has report.html "prefers-color-scheme:dark"
has report.html "@media print"
has report.html "(prefers-color-scheme:dark){figure svg{"
has report.html "Physical memory</td>"
has report.html "<title>gen3: " # shown over a point
has report.html ", heap 3x</title>"
grep -q "<title>data " report.html && wrong "lines of a template are shown over a figure"
has report.html ", heap 1.5x: "
has report.html "few invocations"
has report.html "--heap 1.5x,3x -n 3 -i 2"
has report.html "gcbench export mine"

"$1" report -o last.html >out.txt || wrong "the last run: status $?"
cmp -s <(sed 's/\blast\b/mine/g' last.html) <(sed 's/\blast\b/mine/g' report.html) || wrong "the last run is another"
"$1" report ./mine.json -o report.md >out.txt || wrong "Markdown: status $?"
has report.md "# gen3 against semispace on trees"
has report.md "](<./mine.json>)"
while read -r figure; do [[ -s $figure ]] || wrong "no figure $figure"; done < <(sed -n 's/^!\[.*\](<\(.*\)>)$/\1/p' report.md)
ls report-figures/*.svg >/dev/null || wrong "Markdown without figures"

PATH=/nowhere "$1" report mine -o bare.html >out.txt 2>err.txt || wrong "without gnuplot: status $?"
has err.txt gnuplot-nox
has bare.html gnuplot-nox
has bare.html 'data-path="summary/wall_ns/mean"'
PATH=/nowhere "$1" report mine -o bare.pdf >out.txt 2>err.txt
[[ $? == 5 ]] || wrong "a PDF without weasyprint"
has err.txt "apt-get install weasyprint"
[[ ! -e bare.pdf ]] || wrong "half a PDF was left"
if command -v weasyprint >/dev/null; then
  "$1" report mine -o report.pdf >out.txt || wrong "PDF: status $?"
  [[ $(head -c 5 report.pdf) == %PDF- ]] || wrong "report.pdf is no PDF"
fi

"$1" run -w trees -p depth=13 -c gen3,semispace --heap 1.5x,3x -n 3 -i 2 -q --save other >out.txt || wrong "run: status $?"
"$1" report --base mine --candidate other -o review.html >out.txt || wrong "review: status $?"
has review.html "<h1>other against mine</h1>"
has review.html "not interleaved"
has review.html "exact metrics are equal"
"$1" report --results store -o all.html >out.txt || wrong "store: status $?"
has all.html "Part 2: mine"
ls -d "$scratch"/*.gcbench-?????? /tmp/gcbench-report-* 2>/dev/null | grep -E 'html\.|pdf\.|gcbench-report' && wrong "something was left behind"
exit $failed
