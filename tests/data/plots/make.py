#!/usr/bin/env python3
"""Writes the documents beside it: small runs in the schema of results/README.md, with made-up numbers from a fixed seed.
usage: make.py [FOLDER]     Means, percentiles and utilization are computed here, apart from the program that is tested."""
import json, math, os, random, sys

WORKLOADS = {"trees": {"depth": "16", "holes": "0"}, "churn": {"live": "100000"}}
NAMES = ["bdwgc", "gen3", "immix", "marksweep", "markcompact", "none", "rc", "rccycle", "semispace", "incremental"]
LIVE = 12388552


def mean(values):
    return sum(values) / len(values)


def metric(values):
    if not values: return None
    m = mean(values)
    if len(values) == 1: return {"mean": m, "lo": None, "hi": None, "n": 1}
    spread = (max(values) - min(values)) / 2
    return {"mean": m, "lo": m - spread, "hi": m + spread, "n": len(values)}


def percentile(ordered, p):
    """The value of rank ceil(p n); null with fewer than 10/(1-p)."""
    n = len(ordered)
    if n < 10 / (1 - p) - 1e-9: return None
    return ordered[max(0, math.ceil(p * n - 1e-9) - 1)]


def lengths(pauses):
    ordered = sorted(pauses)
    return {"count": len(ordered), "total": sum(ordered), "p50": percentile(ordered, .5), "p90": percentile(ordered, .9),
            "p99": percentile(ordered, .99), "p999": percentile(ordered, .999), "max": ordered[-1] if ordered else None}


def response(rng, level, n):
    def describe(values):
        ordered, counts = sorted(values), {}
        for v in ordered: counts[v] = counts.get(v, 0) + 1
        out = {k: percentile(ordered, p) for k, p in (("p50", .5), ("p90", .9), ("p99", .99), ("p999", .999), ("p9999", .9999))}
        out.update(max=ordered[-1], mean=mean(ordered), count=n, buckets=sorted(counts.items()))
        return out
    simple = [100 * round(level * 10 ** rng.expovariate(2.5) / 100) for _ in range(n)]
    intended = [v * (3 if rng.random() < .1 else 1) for v in simple]
    return {"load": .7, "rate": 70000.0, "saturation": 100000.0, "simple": describe(simple), "intended": describe(intended)}


def invocation(rng, wall, pause, pauses, kinds, memory, served, sampled):
    w = wall * (1 + rng.uniform(-.03, .03))
    starts = sorted(rng.uniform(0, w * .95) for _ in range(pauses))
    ns = [round(pause * 10 ** rng.uniform(-1, 1)) for _ in starts]
    ns = [round(v * min(1, w * .4 / sum(ns))) for v in ns]
    listed = [{"start_ns": round(s), "ns": n, "kind": kinds[i * 7 % 11 % len(kinds)], "mutator": None}
              for i, (s, n) in enumerate(zip(starts, ns))]
    w = round(w)
    it = {"wall_ns": w, "cpu_ns": round(w * 1.05), "ops": 1000000, "pauses": listed, "stw_ns": sum(ns), "peak_rss_bytes": round(memory)}
    if sampled:
        it["memory"] = [[round(w * k / 8), round(memory * (.6 + .4 * math.sin(k) ** 2)), round(memory * (.5 + .3 * math.sin(k) ** 2))]
                        for k in range(9)]
    out = {"status": "ok", "reason": None, "watch": "throughput", "pinned_cpus": [1], "iterations": [it]}
    if served: out["response"] = response(rng, 2e4 * pause / 1e5, 120)
    return out


def cell(rng, workload, params, name, factor, wall, pause, pauses=12, n=3, status="ok", options=None, memory=None, served=False):
    memory = memory or LIVE * factor
    c = {"workload": workload, "params": params, "collector": name, "options": options or {},
         "heap_bytes": round(LIVE * factor / 4096) * 4096, "heap_factor": factor, "bounded": True, "reclaims": name != "none",
         "peak_live_bytes": LIVE, "mutators": 1, "workers": 1, "seed": "1", "status": status,
         "reason": None if status == "ok" else "it did not fit", "invocations": []}
    if status != "ok":
        c["summary"] = {}
        return c
    kinds = ["minor", "middle", "major"] if name == "gen3" else ["minor", "major"] if name == "immix" else ["major"]
    runs = c["invocations"] = [invocation(rng, wall, pause, pauses, kinds, memory, served, abs(factor - 3) < .1) for _ in range(n)]
    its = [r["iterations"][0] for r in runs]
    summary = {k: metric([i[k] for i in its]) for k in
               ("wall_ns", "cpu_ns", "stw_ns", "peak_rss_bytes")}
    summary["ops_per_s"] = metric([round(i["ops"] / i["wall_ns"] * 1e9, 3) for i in its])
    summary["pause_ns"] = lengths([p["ns"] for i in its for p in i["pauses"]])
    summary["mmu"] = []
    for window in [m * 10 ** e for e in range(5, 9) for m in (1, 3)]:
        least = max(0, 1 - 3 * pause / window)
        known = window <= wall
        summary["mmu"].append({"window_ns": window, "mmu": round(least, 6) if known else None, "bmu": round(least * .95, 6) if known else None})
    return c | {"summary": summary}


def add_lbo(cells):
    """The set is the cells of one workload and heap."""
    for c in cells:
        peers = [p for p in cells if p["status"] == "ok" and (p["workload"], str(p["params"]), p["heap_bytes"]) == (c["workload"], str(c["params"]), c["heap_bytes"])]
        if c["status"] != "ok" or len(peers) < 2: continue
        wall = lambda p, k: p["summary"][k]["mean"]
        base = min(wall(p, "wall_ns") - wall(p, "stw_ns") for p in peers)
        lbo = c["summary"]["lbo"] = {"set": []}
        for clock, key in (("wall", "wall_ns"), ("cpu", "cpu_ns")):
            m = c["summary"][key]
            lbo[clock] = {k: round(m[k] / base, 5) if m[k] is not None else None for k in ("mean", "lo", "hi")} | {"n": m["n"], "baseline": round(base)}
        stopped = wall(c, "stw_ns")
        mutator, barrier = round(base * .8), round(base * .05)
        c["summary"]["lbo_split"] = {"mutator_ns": mutator, "barrier_ns": barrier, "stopped_ns": stopped,
                                     "rest_ns": round(wall(c, "wall_ns") - mutator - barrier - stopped)}


def document(cells, command):
    add_lbo(cells)
    core = lambda i: {"package": 0, "numa": 0, "kind": 0, "cpus": str(i)}
    topology = {"model": "Example CPU", "allowed": "0-3", "offline": "", "packages": [{"index": 0, "model": "Example CPU", "cpus": "0-3"}],
                "numa": [{"index": 0, "cpus": "0-3", "memory_bytes": 8 << 30}], "cores": [core(i) for i in range(4)],
                "pus": [{"cpu": i, "core": i, "allowed": True} for i in range(4)],
                "caches": [{"level": 2, "type": "unified", "bytes": 1 << 20, "line_bytes": 64, "shared_by": str(i)} for i in range(4)] +
                          [{"level": 3, "type": "unified", "bytes": 16 << 20, "line_bytes": 64, "shared_by": "0-3"}]}
    context = {"host": "example", "cpu_model": "Example CPU", "kernel": "6.1.0", "compiler": "gcc 12.2.0", "gcbench": "0.1.0", "seed": "1",
               "topology": topology, "command": ["gcbench"] + command.split()}
    return {"schema": "gcbench.run/1", "context": context, "interrupted": False, "cells": cells}


def one():
    rng = random.Random(1)
    return document([cell(rng, "trees", WORKLOADS["trees"], "gen3", 3, 1e8, 2e5, n=1)], "run -w trees -c gen3 -n 1")


def two():
    rng, cells = random.Random(2), []
    for i, name in enumerate(["gen3", "markcompact"]):
        for factor in (1.5, 2, 3, 6):
            status = "oom" if name == "gen3" and factor == 1.5 else "ok"
            cells.append(cell(rng, "trees", WORKLOADS["trees"], name, factor, 1e8 * (1 + i * 2 / factor), 2e5 * (1 + 4 * i), 60 if factor == 3 else 8, status=status,
                              served=factor == 3))
    return document(cells, "run -w trees -c gen3,markcompact --heap 1.5x,2x,3x,6x")


def ten():
    """A range of 1000:1, collectors that cannot run in small heaps, one that never can."""
    rng, cells = random.Random(3), []
    for workload, params in WORKLOADS.items():
        for i, name in enumerate(NAMES):
            for factor in (1.5, 3, 6):
                status = "ok"
                if name == "none": status = "oom"
                if name in ("semispace", "rc") and factor == 1.5: status = "oom"
                if name == "bdwgc" and workload == "churn": status = "unsupported"
                wall = 1e7 * 10 ** (3 * i / 9 if workload == "churn" else i / 40) * (1 + 1 / factor)
                cells.append(cell(rng, workload, params, name, factor, wall, 1e4 * 10 ** (i / 3), 7 if factor == 3 else 1, 2, status,
                                  memory=LIVE * factor * (1 - i / 40)))
    return document(cells, "run -w trees,churn -c all --heap 1.5x,3x,6x -n 2")


def sweep():
    rng, cells = random.Random(4), []
    for name, slope in (("gen3", .3), ("marksweep", .8)):
        for depth in (12, 14, 16, 18):
            for holes in (0, 2, 4, 8):
                wall = 1e6 * 2 ** (depth - 12) * (1 + slope * holes / 4) * (1.6 if name == "gen3" else 1)
                cells.append(cell(rng, "trees", {"depth": str(depth), "holes": str(holes)}, name, 3, wall, 1e5, 1, 2))
    return document(cells, "run -w trees -p depth=12,14,16,18 -p holes=0,2,4,8 -c gen3,marksweep")


def cards():
    cards = []
    for w, half in (("trees", 2e5), ("churn", 3e6), ("cycles", 4e4)):
        ages = [2 ** k * 65536 for k in range(12)]
        cards.append({"workload": w, "params": {}, "status": "ok", "reason": None, "granularity_bytes": 65536, "survival":
                      [{"from_bytes": a if i else 0, "to_bytes": a * 2, "alive": .05 + .95 * .5 ** (a / half)} for i, a in enumerate(ages)]})
    return {"schema": "gcbench.cards/1", "context": {"cpu_model": "Example CPU", "command": ["gcbench", "list", "workloads", "--card", "--json"]}, "cards": cards}


def history():
    """90 nights, a step at the 60th of one of two collectors, and nights that are missing."""
    rng = random.Random(5)
    nights = [{"id": i + 1, "uuid": "%036d" % i, "name": None, "started": "2026-%02d-%02dT02:00:00.000Z" % (1 + i // 28, 1 + i % 28)} for i in range(90)]
    series = []
    for s, name in enumerate(("gen3", "markcompact")):
        at = [i for i in range(90) if not (20 <= i < 25 and s)]
        step = {"at": at.index(60), "night": 60, "before": 1e8, "after": 1.05e8, "ratio": 1.05, "p": 1e-6, "verdict": "suspect", "reason": None}
        series.append({"id": s + 1, "metric": "wall_ns", "class": "noisy", "machine": "00ff00ff00ff00ff", "workload": "trees", "params": WORKLOADS["trees"],
                       "collector": name, "options": {}, "heap_bytes": 3 * LIVE, "heap_factor": 3.0, "mutators": 1, "workers": 1, "nights": at,
                       "values": [1e8 * (1 + .5 * s) * (1.05 if i >= 60 and not s else 1) * rng.gauss(1, .01) for i in at], "steps": [] if s else [step]})
    return {"schema": "gcbench.history/1", "nights": nights, "machines": [], "series": series}


def empty():
    return document([], "run -w trees -c gen3")


folder = sys.argv[1] if len(sys.argv) > 1 else os.path.dirname(os.path.abspath(__file__))
for make in (one, two, ten, sweep, cards, history, empty):
    with open(os.path.join(folder, make.__name__ + ".json"), "w") as out:
        json.dump(make(), out, separators=(",", ":"), default=lambda x: x)
        out.write("\n")
