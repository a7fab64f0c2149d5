"""Reads what gcbench exports as other programs would, and compares it with the run document. usage: read_back.py RUN.json FOLDER"""
import json, math, re, sys, xml.etree.ElementTree as tree

run = json.load(open(sys.argv[1]))
folder = sys.argv[2]
cells = [c for c in run["cells"] if any(i["iterations"] for i in c["invocations"])]


def need(truth, words):
    if not truth:
        sys.exit("read_back: " + words)


def near(a, b):
    return math.isclose(a, b, rel_tol=1e-5)


def latency(cell):
    return cell.get("latency_invocations") or cell["invocations"]


# Go benchmark text: golang.org/design/14313-benchmark-format
samples, better = {}, {}
for line in open(folder + "/run.txt"):
    if line.startswith("Unit "):
        _, unit, how = line.split()
        better[unit] = how
    elif line.startswith("Benchmark"):
        name, count, *rest = line.split()
        need(re.fullmatch(r"Benchmark[A-Z]\S*-\d+", name), "not a Go benchmark's name: " + name)
        need(int(count) > 0 and len(rest) % 2 == 0, "not pairs of value and unit: " + line)
        for value, unit in zip(rest[::2], rest[1::2]):
            samples.setdefault((name, unit), []).append(float(value))
    else:
        need(re.match(r"[a-z]+: ", line), "neither a benchmark nor a key: " + line)
need(better["wall_ns"] == "better=lower" and better["ops_per_s"] == "better=higher", "which way is better")
walls = sorted(v for (n, unit), vs in samples.items() if unit == "wall_ns" for v in vs)
expected = sorted(sum(i["wall_ns"] for i in v["iterations"]) / len(v["iterations"]) for c in cells for v in c["invocations"])
need(len(walls) == len(expected) and all(map(near, walls, expected)), "wall times differ from the document's")
need(len({n for n, _ in samples}) == len(cells), "cells are not told apart by their names")

# JUnit
root = tree.parse(folder + "/run.xml").getroot()
cases = root.findall("./testsuite/testcase")
need(root.tag == "testsuites" and len(cases) == len(run["cells"]), "a case for each cell")
for tag, count in (("failure", "failures"), ("skipped", "skipped"), ("error", "errors")):
    need(sum(int(s.get(count)) for s in root) == len(root.findall("./testsuite/testcase/" + tag)), "the counts of " + count)
bad = [c for c in run["cells"] if c["status"] not in ("ok", "unsupported")]
need(len(root.findall("./testsuite/testcase/failure")) == len(bad), "failures are the cells that failed")
need(all(any(c["reason"] in f.get("message") for f in root.iter("failure")) for c in bad), "failures carry their reason")

# Chrome trace
trace = json.load(open(folder + "/run.trace.json"))
slices = [e for e in trace["traceEvents"] if e["ph"] == "X"]
names = [e for e in trace["traceEvents"] if e["ph"] == "M"]
need(all(e["dur"] >= 0 and e["ts"] >= 0 for e in slices), "times are not negative")
pauses = sum(len(i["pauses"] or []) for c in cells for v in latency(c) for i in v["iterations"])
need(sum(e["cat"] == "pause" for e in slices) == pauses, "a slice for each pause")
need({(e["pid"], e["tid"]) for e in slices} <= {(e["pid"], e["tid"]) for e in names if e["name"] == "thread_name"}, "tracks have names")
frames = {}
for e in slices:
    if e["cat"] == "iteration":
        frames.setdefault(e["pid"], []).append((e["ts"], e["ts"] + e["dur"]))
need(all(any(a - 1 <= e["ts"] and e["ts"] + e["dur"] <= b + 1 for a, b in frames[e["pid"]]) for e in slices if e["cat"] == "pause"),
     "pauses lie within iterations")

# HdrHistogram percentiles
raw = sorted(p["ns"] / 1e6 for c in cells for v in latency(c) for i in v["iterations"] for p in i["pauses"] or [])
rows = []
lines = open(folder + "/run.hgrm").read().splitlines()
need(lines[0].split() == ["Value", "Percentile", "TotalCount", "1/(1-Percentile)"], "the head of a .hgrm")
for line in lines[2:]:
    if not line.startswith("#"):
        rows.append([float(x) for x in line.split()])
for value, percentile, count, *rest in rows:
    rank = max(1, math.ceil(percentile * len(raw) - 1e-9))
    need(abs(raw[rank - 1] - value) < 1e-6 or raw[rank - 1] < value, f"{value} ms is below percentile {percentile}")
    need(sum(x <= value + 1e-9 for x in raw) == count, f"{count} values are not up to {value} ms")
    need(not rest or abs(rest[0] - 1 / (1 - percentile)) < 0.01 * rest[0], "1/(1-percentile)")
need(rows[-1][1] == 1 and near(rows[-1][0], raw[-1]), "the last row is the maximum")
need(f"Total count    = {len(raw):12d}" in lines[-2], "the count of all")
