#!/usr/bin/env python3
"""The published test sets of labelerrors.com: what each filter flags, and what five people said of the flags.

  git clone https://github.com/cleanlab/label-errors     (or the three files of a set in a folder of their own)
  cargo build --release
  python benches/peers/label_errors.py NAME SIZE FOLDER [--binary target/release/dissensus] [--markdown]

FOLDER holds, anywhere below it, NAME_test_set_original_labels.npy, NAME_test_set_pyx.npy and NAME_mturk.json; SIZE is the number of
items of the test set. Prints the counts of the seven filters, those of the five methods as the paper has them, and the verdicts of the
reviewers with the prevalence of noise.
"""

import argparse
import json
import pathlib
import subprocess
import tempfile

import numpy as np

FILTERS = ["prune_by_class", "prune_by_noise_rate", "both", "confident_learning", "predicted_neq_given",
           "low_normalized_margin", "low_self_confidence"]


def analyse(binary, *args):
    out = subprocess.run([binary, "analyze", *map(str, args), "--format", "json"], check=True, capture_output=True)
    return json.loads(out.stdout)


def main():
    ask = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ask.add_argument("name")
    ask.add_argument("size", type=int)
    ask.add_argument("folder", type=pathlib.Path)
    ask.add_argument("--binary", default="target/release/dissensus")
    ask.add_argument("--markdown", action="store_true")
    args = ask.parse_args()

    def find(end):
        return next(args.folder.rglob(args.name + end))

    with tempfile.TemporaryDirectory() as folder:
        table = pathlib.Path(folder) / "labels.csv"
        labels = np.load(find("_test_set_original_labels.npy"))
        table.write_text("item,given\n" + "".join(f"{i},{label}\n" for i, label in enumerate(labels)))
        report = analyse(args.binary, table, "--probs", find("_test_set_pyx.npy"), "--paper-learning")
    counts = report["confident_learning"]["issue_counts"]
    paper = {k: len(v) for k, v in report["wrong_labels"]["paper"]["flagged"].items()}
    said = analyse(args.binary, find("_mturk.json"), "--question", "label", "--verdicts", "--population", args.size)
    v = said["wrong_labels"]["verdicts"]
    verdicts = [v[k] for k in ("n_judged", "n_upheld", "n_wrong", "n_open", "n_corrected", "n_several", "n_none")]
    prevalence = f"{100 * v['prevalence']['value']:.2f} %"
    if args.markdown:
        cells = [f"{counts[f]}" + (f" · {paper[f]}" if f in paper else "") for f in FILTERS]
        print("| " + " | ".join([args.name, *cells]) + " |")
        print("| " + " | ".join([args.name, *map(str, verdicts), prevalence]) + " |")
    else:
        print("as cleanlab:", {f: counts[f] for f in FILTERS})
        print("as the paper:", paper)
        print("judged, upheld, wrong, open, corrected, several, none:", *verdicts, "prevalence", prevalence)


main()
