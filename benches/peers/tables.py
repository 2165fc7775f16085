#!/usr/bin/env python3
"""Tables: what a script with pandas takes to get from a CSV of annotations to each item's majority and entropy.

  pip install pandas pyarrow numpy
  python benches/peers/tables.py plain FILE     crosstab of the default reader's frame
  python benches/peers/tables.py tuned FILE     the pyarrow reader, factorize and bincount

FILE has the columns item, rater, label. Prints one line of JSON: items, the mean entropy in bits, seconds from file to
result without the imports, and the peak of memory in bytes. `cargo bench --bench tables` runs both.
"""

import json
import resource
import sys
import time

import numpy as np
import pandas as pd


def entropy_bits(counts):
    shares = counts / counts.sum(axis=1, keepdims=True)
    with np.errstate(divide="ignore", invalid="ignore"):
        return -np.nansum(np.where(shares > 0, shares * np.log2(shares), 0.0), axis=1)


def plain(path):
    frame = pd.read_csv(path)
    counts = pd.crosstab(frame["item"], frame["label"])
    counts.idxmax(axis=1)
    return len(counts), entropy_bits(counts.to_numpy()).mean()


def tuned(path):
    frame = pd.read_csv(path, engine="pyarrow")
    items, item_names = pd.factorize(frame["item"])
    labels, label_names = pd.factorize(frame["label"])
    cells = len(item_names) * len(label_names)
    counts = np.bincount(items * len(label_names) + labels, minlength=cells)
    counts = counts.reshape(len(item_names), len(label_names))
    counts.argmax(axis=1)
    return len(item_names), entropy_bits(counts).mean()


def main():
    started = time.perf_counter()
    items, entropy = {"plain": plain, "tuned": tuned}[sys.argv[1]](sys.argv[2])
    seconds = time.perf_counter() - started
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    print(json.dumps({"items": int(items), "entropy": float(entropy), "seconds": seconds, "peak": peak}))


if __name__ == "__main__":
    main()
