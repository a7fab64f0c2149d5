#!/usr/bin/python3
"""usage: numbers.py REPORT.html RUN.json     Every number in the report's tables is the run's, and every cell is there."""
import html.parser
import json
import sys


class Tables(html.parser.HTMLParser):
    def __init__(self):
        super().__init__()
        self.paths, self.column, self.cell = [], 0, None
        self.seen = {}  # (cell, path): value
        self.rows, self.open, self.figures, self.marks = 0, [], 0, 0
        self.outside = []  # what would be fetched from elsewhere
        self.headings, self.firsts = [], []  # of figures; of rows that are no cell's

    def handle_starttag(self, tag, attrs):
        a = dict(attrs)
        self.outside += [v for k, v in attrs if k in ("src", "href", "xlink:href") and v and "://" in v]
        if tag in ("script", "link", "iframe", "object"):
            self.outside.append(tag)
        if tag not in ("meta", "br", "hr", "img"):
            self.open.append(tag)
        if tag == "svg":
            self.figures += 1
            self.marks = 0
        if tag in ("path", "polygon", "use", "circle", "rect", "polyline"):
            self.marks += 1
        if tag == "thead":
            self.paths = []
        if tag == "th":
            self.paths.append(a.get("data-path"))
        if tag == "tr":
            self.column, self.cell = 0, a.get("data-cell")
            self.rows += self.cell is not None
        if tag == "td":
            if self.cell is not None and "data-value" in a:
                self.seen[int(self.cell), self.paths[self.column]] = float(a["data-value"])
            self.column += 1

    def handle_data(self, data):
        if self.open and self.open[-1] == "figcaption":
            self.headings.append(data)
        if self.open and self.open[-1] == "td" and self.cell is None and self.column == 1:
            self.firsts.append(data)

    def handle_startendtag(self, tag, attrs):
        self.handle_starttag(tag, attrs)
        if tag not in ("meta", "br", "hr", "img"):
            self.open.pop()

    def handle_endtag(self, tag):
        assert self.open and self.open[-1] == tag, f"</{tag}> ends {self.open[-3:]}"
        self.open.pop()
        assert tag != "svg" or self.marks > 4, f"figure {self.figures} is empty"


def at(cell, path):
    for key in path.split("/"):
        cell = cell.get(key) if isinstance(cell, dict) else None
    return cell


page, run = Tables(), json.load(open(sys.argv[2]))
page.feed(open(sys.argv[1]).read())
cells = run["cells"]
assert not page.open, page.open
assert not page.outside, page.outside
assert len(page.headings) == page.figures, f"{len(page.headings)} headings of {page.figures} figures"
twice = {h for h in page.headings if page.headings.count(h) > 1}
assert not twice, f"figures that no heading tells apart: {twice}"
keys = {k.replace("_", " ") for k in run["context"] if "_" in k} & set(page.firsts)
assert not keys, f"keys of the document instead of words: {keys}"
assert page.rows == len(cells), f"{page.rows} rows, {len(cells)} cells"
wrong = [(k, v, at(cells[k[0]], k[1])) for k, v in page.seen.items() if at(cells[k[0]], k[1]) != v]
assert not wrong, wrong[:5]
must = ["summary/ops_per_s/mean", "summary/wall_ns/mean", "summary/cpu_ns/mean", "summary/pause_ns/max", "summary/pause_ns/p50",
        "summary/pause_ns/p90", "summary/pause_ns/p99", "summary/peak_rss_bytes/mean", "summary/lbo/wall/mean"]
lost = [(i, p) for i, c in enumerate(cells) for p in must
        if c["status"] == "ok" and isinstance(at(c, p), (int, float)) and (i, p) not in page.seen]
assert not lost, lost[:5]
print(f"{len(page.seen)} numbers of {len(cells)} cells, {page.figures} figures")
