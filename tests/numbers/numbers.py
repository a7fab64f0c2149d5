#!/usr/bin/env python3
"""The exact metrics of a gcbench program, compared with those of version 0.1.0.

    numbers.py GCBENCH              run the cells of cells.txt and compare with expected.txt; exit status 1 names each difference
    numbers.py GCBENCH --write FILE run the cells and write their metrics, one line a value

Each line of cells.txt is a workload with its parameters. It runs on eight collectors with seed 7, one mutator, one untimed and two timed
iterations in a heap of 3x, in one process for each cell. Exact metrics do not depend on time: the checksum, operations, bytes and objects
allocated, collections by kind, the collector's work counters, the counts of operations with their digest, live, leaked and cyclic bytes.
"""
import json
import os
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
COLLECTORS = "gen3,markcompact,marksweep,none,rc,rccycle,semispace,template"
OF_ITERATION = ["ops", "allocated_bytes", "allocated_objects", "collections", "work"]
OF_INVOCATION = ["live_bytes", "leaked_bytes", "cyclic_bytes", "peak_heap_bytes", "finalized", "counts", "path"]


def flat(name, value):
    if isinstance(value, dict):
        for key in sorted(value):
            yield from flat(f"{name}.{key}", value[key])
    else:
        yield f"{name} {value}"


def metrics(gcbench):
    with open(os.path.join(HERE, "cells.txt"), encoding="utf-8") as file:
        cells = [line.split() for line in file if line.strip() and not line.startswith("#")]
    for workload, *parameters in cells:
        with tempfile.NamedTemporaryFile(suffix=".json") as out:
            command = [gcbench, "run", "-w", workload, *parameters, "-c", COLLECTORS, "-H", "3x", "-n", "1", "-i", "2", "--warmups", "1",
                       "--seed", "7", "--pin", "none", "--no-save", "--quiet", "--json", out.name]
            done = subprocess.run(command, stdout=subprocess.DEVNULL, check=False)
            if done.returncode not in (0, 4):
                sys.exit(f"numbers.py: {' '.join(command)} ended with status {done.returncode}")
            with open(out.name, encoding="utf-8") as file:
                document = json.load(file)
        for cell in document["cells"]:
            name = f"{workload}/{cell['collector']}"
            yield from flat(f"{name} status", cell["status"])
            for invocation in cell["invocations"]:
                yield from flat(f"{name} checksum", invocation.get("checksum"))
                for key in OF_INVOCATION:
                    yield from flat(f"{name} {key}", invocation.get(key))
                for i, iteration in enumerate(invocation.get("iterations", [])):
                    for key in OF_ITERATION:
                        yield from flat(f"{name} iteration{i}.{key}", iteration.get(key))


def main():
    if len(sys.argv) not in (2, 4) or (len(sys.argv) == 4 and sys.argv[2] != "--write"):
        sys.exit(__doc__)
    lines = list(metrics(os.path.abspath(sys.argv[1])))
    if len(sys.argv) == 4:
        with open(sys.argv[3], "w", encoding="utf-8") as file:
            file.write("\n".join(lines) + "\n")
        return
    with open(os.path.join(HERE, "expected.txt"), encoding="utf-8") as file:
        expected = file.read().splitlines()
    missing, new = [x for x in expected if x not in set(lines)], [x for x in lines if x not in set(expected)]
    for sign, side in (("expected", missing), ("now", new)):
        for line in side:
            print(f"{sign}: {line}")
    print(f"{len(expected)} exact values expected, {len(expected) - len(missing)} as expected")
    sys.exit(1 if missing or new else 0)


if __name__ == "__main__":
    main()
