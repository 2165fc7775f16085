#!/usr/bin/env python3
"""Gamma with pygamma-agreement 0.5.9, on a continuum in a file that dissensus can read as well.

  pip install "pygamma-agreement==0.5.9"
  python benches/peers/spans.py make FILE --raters 2 --units 300 [--seed 0]
  python benches/peers/spans.py run  FILE [--samples 30] [--seed 0] [--fast] [--runs 3]

`make` writes a CSV file, annotator,label,start,end: units at random places that each rater finds nine times in ten,
moved a little, with another label in about a tenth of the cases. `run` prints a line of JSON: gamma, observed and
expected disorder, gamma of labels, and the seconds of the fastest run, which leaves out reading and compiling.
"""

import argparse
import csv
import json
import logging
import sys
import time

# Versions of numba before 0.61 cannot do with newer versions of coverage, which gamma does not need.
sys.modules.setdefault("coverage", None)


def make(path, raters, units, seed):
    import numpy as np

    rng = np.random.default_rng(seed)
    places = np.cumsum(rng.uniform(5, 15, units))
    labels = rng.integers(0, 3, units)
    with open(path, "w", newline="") as file:
        out = csv.writer(file)
        out.writerow(["annotator", "label", "start", "end"])
        for rater in range(raters):
            for place, label in zip(places, labels):
                found, moved, length = rng.random() < 0.9, rng.normal(), rng.uniform(2, 6)
                label = label if rng.random() < 0.85 else rng.integers(0, 3)
                if found:
                    start = place + moved
                    out.writerow([f"rater{rater}", "abc"[label], repr(float(start)), repr(float(start + length))])


def read(path):
    from pyannote.core import Segment
    from pygamma_agreement import Continuum

    continuum = Continuum()
    with open(path, newline="") as file:
        for row in csv.DictReader(file):
            segment = Segment(float(row["start"]), float(row["end"]))
            continuum.add(row["annotator"], segment, row["label"])
    return continuum


def run(path, samples, seed, fast, runs):
    import numpy as np
    from pyannote.core import Segment
    from pygamma_agreement import CombinedCategoricalDissimilarity, Continuum

    logging.disable(logging.WARNING)
    dissimilarity = CombinedCategoricalDissimilarity()
    warm = Continuum()
    for rater in "ab":
        warm.add(rater, Segment(0, 2), "x")
    warm.compute_gamma(dissimilarity, n_samples=2)
    continuum = read(path)
    best, result = float("inf"), None
    for _ in range(runs):
        np.random.seed(seed)
        start = time.perf_counter()
        result = continuum.compute_gamma(dissimilarity, n_samples=samples, fast=fast)
        value = result.gamma
        best = min(best, time.perf_counter() - start)
    print(
        json.dumps(
            {
                "gamma": float(value),
                "observed": float(result.observed_disorder),
                "expected": float(result.expected_disorder),
                "gamma_cat": float(result.gamma_cat),
                "gamma_k": {label: float(result.gamma_k(label)) for label in continuum.categories},
                "samples": samples,
                "seconds": best,
            }
        )
    )


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    one = commands.add_parser("make")
    one.add_argument("file")
    one.add_argument("--raters", type=int, default=2)
    one.add_argument("--units", type=int, default=100)
    one.add_argument("--seed", type=int, default=0)
    two = commands.add_parser("run")
    two.add_argument("file")
    two.add_argument("--samples", type=int, default=30)
    two.add_argument("--seed", type=int, default=0)
    two.add_argument("--fast", action="store_true")
    two.add_argument("--runs", type=int, default=3)
    args = parser.parse_args()
    if args.command == "make":
        make(args.file, args.raters, args.units, args.seed)
    else:
        run(args.file, args.samples, args.seed, args.fast, args.runs)


if __name__ == "__main__":
    main()
