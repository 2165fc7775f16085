#!/usr/bin/env python3
"""How well label errors are found: dissensus beside cleanlab's default, on sets whose errors are known.

  pip install "scikit-learn==1.9.0" "cleanlab==2.9.0" numpy
  cargo build --release
  python benches/peers/detection.py make FOLDER [--seed 0]            simulated sets, one folder each
  python benches/peers/detection.py samples FOLDER                    the sample sets that have probabilities
  python benches/peers/detection.py real FOLDER --name N --labels Y.npy --probs P.npy --truth T [--features X.npy]
  python benches/peers/detection.py run  FOLDER... [--binary target/release/dissensus] [--markdown]

A set is a folder with labels.csv (item,given), pred_probs.npy, perhaps features.npy, and truth.csv (item,error: 1 or 0; items that
are not listed have not been judged and take no part). `make` writes one such folder for each kind of SETS below: classes are
normal clouds, labels are replaced by another at the rate of the kind, probabilities are those of a logistic regression that has
learned the noisy labels by five folds, as people do it. Its parameters were fixed before the methods came in; seeds 0 to 5 served to
choose between methods, 1001 and above are for reporting. `real` makes a folder out of files: T is an array of true labels (.npy) or the table of
a review by several people (.csv with index, votes_given: an error where fewer than three confirm the label).

`run` ranks all items by every column of suspicion that dissensus writes, and by cleanlab's default (self-confidence), and prints
average precision and the precision of the first hundred.
"""

import argparse
import csv
import json
import os
import subprocess
import sys
import tempfile

import numpy as np

# Classes, share of errors, to which labels they go, spread of the clouds, what is done to the probabilities.
SETS = {
    "even": {"classes": 10, "errors": 0.08},
    "near_pairs": {"classes": 10, "errors": 0.08, "to": "pairs", "twins": True},
    "pairs": {"classes": 10, "errors": 0.08, "to": "pairs"},
    "imbalanced": {"classes": 10, "errors": 0.08, "to": "pairs", "zipf": True},
    "few_labels": {"classes": 3, "errors": 0.20},
    "heavy": {"classes": 10, "errors": 0.30},
    "uneven_spread": {"classes": 10, "errors": 0.08, "uneven": True},
    "overconfident": {"classes": 10, "errors": 0.08, "sharpened": 3.0},
    "biased_model": {"classes": 10, "errors": 0.08, "bias": 1.5},
}
ITEMS, DIMENSIONS = 3000, 20


def softmax(z):
    e = np.exp(z - z.max(1, keepdims=True))
    return e / e.sum(1, keepdims=True)


def simulate(seed, kind):
    """Features, given labels, which are wrong, and probabilities by a model that has not seen the item."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import StratifiedKFold, cross_val_predict

    parameters = SETS[kind]
    rng = np.random.default_rng([seed, list(SETS).index(kind)])
    n, k = ITEMS, parameters["classes"]
    prior = 1 / np.arange(1, k + 1) if parameters.get("zipf") else np.ones(k)
    centres = rng.standard_normal((k, DIMENSIONS)) * 1.05
    if parameters.get("twins"):
        centres[1::2] = centres[::2] + rng.standard_normal((k // 2, DIMENSIONS)) * 0.45
    truth = rng.choice(k, n, p=prior / prior.sum())
    spread = np.where(truth % 3 == 0, 1.6, 1.0)[:, None] if parameters.get("uneven") else 1.15
    features = centres[truth] + spread * rng.standard_normal((n, DIMENSIONS))
    other = (truth + 1 + rng.integers(0, k - 1, n)) % k
    if parameters.get("to") == "pairs":
        partner = np.where(truth % 2 == 0, np.minimum(truth + 1, k - 1), truth - 1)
        other = np.where(rng.random(n) < 0.8, partner, other)
    given = np.where(rng.random(n) < parameters["errors"], other, truth)
    folds = StratifiedKFold(5, shuffle=True, random_state=seed)
    model = LogisticRegression(max_iter=300)
    probabilities = cross_val_predict(model, features, given, cv=folds, method="predict_proba")
    logits = np.log(probabilities + 1e-12) * parameters.get("sharpened", 1.0)
    logits[:, :2] += parameters.get("bias", 0.0)
    return features, given, given != truth, softmax(logits)


def write(folder, given, probabilities, judged, errors, features=None):
    os.makedirs(folder, exist_ok=True)
    with open(os.path.join(folder, "labels.csv"), "w", newline="") as out:
        out.write("item,given\n")
        out.writelines(f"{i},{label}\n" for i, label in enumerate(given))
    with open(os.path.join(folder, "truth.csv"), "w", newline="") as out:
        out.write("item,error\n")
        out.writelines(f"{i},{int(error)}\n" for i, error in zip(judged, errors))
    np.save(os.path.join(folder, "pred_probs.npy"), probabilities)
    if features is not None:
        np.save(os.path.join(folder, "features.npy"), features)


def make(args):
    for kind in SETS:
        features, given, wrong, probabilities = simulate(args.seed, kind)
        write(os.path.join(args.folder, f"{kind}-{args.seed}"), given, probabilities, range(ITEMS), wrong, features)


def real(args):
    given, probabilities = np.load(args.labels).astype(int), np.load(args.probs).astype(float)
    if args.truth.endswith(".npy"):
        truth = np.load(args.truth)
        # Counts of votes: the most frequent label is the true one.
        truth = truth.argmax(1) if truth.ndim == 2 else truth
        judged, errors = range(len(given)), truth != given
    else:
        with open(args.truth, newline="") as file:
            rows = list(csv.DictReader(file))
        judged, errors = [int(r["index"]) for r in rows], [int(r["votes_given"]) < 3 for r in rows]
    features = np.load(args.features).astype(float) if args.features else None
    write(os.path.join(args.folder, args.name), given, probabilities, judged, errors, features)


def samples(args):
    """The two sample sets that have probabilities; items without a single true label are not judged."""
    for name, key in [("tickets", "id"), ("comments", "item")]:
        base = os.path.join(args.samples, name, name)
        with open(base + ".csv", newline="", encoding="utf-8") as file:
            given = {r[key]: r["given" if name == "comments" else "label"] for r in csv.DictReader(file)}
        with open(base + "_truth.csv", newline="", encoding="utf-8") as file:
            truth = [(r[key], r["true_label"]) for r in csv.DictReader(file)]
        if name == "tickets":
            with open(base + "_probabilities.csv", newline="", encoding="utf-8") as file:
                header, *rows = csv.reader(file)
            labels = [column.removeprefix("prob_") for column in header[1:]]
            probabilities = np.array([[float(x) for x in row[1:]] for row in rows])
        else:
            labels = sorted(set(given.values()))
            probabilities = np.load(base + "_probabilities.npy").astype(float)
        numbers = [labels.index(given[item]) for item, _ in truth]
        judged = [i for i, (_, label) in enumerate(truth) if label]
        errors = [given[truth[i][0]] != truth[i][1] for i in judged]
        write(os.path.join(args.folder, f"sample_{name}"), numbers, probabilities, judged, errors)


def ours(binary, folder, k):
    """Columns of suspicion, high for what is probably wrong."""
    with tempfile.TemporaryDirectory() as out:
        items = os.path.join(out, "items.csv")
        line = [
            binary, "analyze", os.path.join(folder, "labels.csv"), "--probs", os.path.join(folder, "pred_probs.npy"),
            "--role", "item=item", "--role", "given=given", "--labels", ",".join(map(str, range(k))),
            "--only", "confident_learning", "--format", "json", "--out", os.path.join(out, "report.json"), "--items", items,
        ]  # fmt: skip
        done = subprocess.run(line, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            sys.exit(f"{binary} failed: {done.stderr.strip()}")
        with open(items, newline="") as file:
            rows = list(csv.DictReader(file))
    columns = {}
    for name in rows[0]:
        sign = -1 if name.startswith("label_quality_") else 1
        if sign < 0 or name.startswith("suspicion_"):
            values = [sign * float(row[name]) if row[name] else -np.inf for row in rows]
            columns[name.removeprefix("label_quality_").removeprefix("suspicion_")] = np.array(values)
    return columns


def figures(score, judged, errors):
    """Average precision and precision of the first hundred; ties in the order of items."""
    hits = errors[np.argsort(-score[judged], kind="stable")]
    precision = hits.cumsum() / np.arange(1, len(hits) + 1)
    return float(precision[hits].mean()), float(hits[:100].mean())


def run(args):
    from cleanlab.rank import get_label_quality_scores

    table = {}
    for folder in args.folders:
        probabilities = np.load(os.path.join(folder, "pred_probs.npy"))
        with open(os.path.join(folder, "labels.csv"), newline="") as file:
            given = np.array([int(row["given"]) for row in csv.DictReader(file)])
        with open(os.path.join(folder, "truth.csv"), newline="") as file:
            rows = list(csv.DictReader(file))
        judged, errors = np.array([int(r["item"]) for r in rows]), np.array([r["error"] == "1" for r in rows])
        columns = {"cleanlab": -get_label_quality_scores(given, probabilities)}
        columns |= ours(args.binary, folder, probabilities.shape[1])
        name = os.path.basename(os.path.normpath(folder)).rsplit("-", 1)[0]
        # Sets that differ by the seed are averaged.
        for column, score in columns.items():
            table.setdefault(name, {}).setdefault(column, []).append(figures(score, judged, errors))
        table[name].setdefault("errors", []).append((int(errors.sum()), len(judged)))
    names = [c for c in next(iter(table.values())) if c != "errors"]
    if not args.markdown:
        for name, columns in table.items():
            print(json.dumps({"set": name} | {c: [round(float(x), 4) for x in np.mean(v, axis=0)] for c, v in columns.items()}))
        return
    print("| set | errors | " + " | ".join(name.replace("_", " ") for name in names) + " |")
    print("|---|---|" + "---|" * len(names))
    for name, columns in table.items():
        wrong, judged = np.mean(columns["errors"], axis=0)
        means = [np.mean(columns[c], axis=0) for c in names]
        cells = [f"{ap:.4f} · {top:.2f}" for ap, top in means]
        print(f"| {name.replace('_', ' ')} | {wrong:.0f} of {judged:.0f} | " + " | ".join(cells) + " |")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(required=True)
    one = commands.add_parser("make")
    one.add_argument("folder")
    one.add_argument("--seed", type=int, default=0)
    one.set_defaults(do=make)
    two = commands.add_parser("real")
    two.add_argument("folder")
    for name in ["--name", "--labels", "--probs", "--truth"]:
        two.add_argument(name, required=True)
    two.add_argument("--features")
    two.set_defaults(do=real)
    samples_of = commands.add_parser("samples")
    samples_of.add_argument("folder")
    samples_of.add_argument("--samples", default="sample_data")
    samples_of.set_defaults(do=samples)
    three = commands.add_parser("run")
    three.add_argument("folders", nargs="+")
    three.add_argument("--binary", default="target/release/dissensus")
    three.add_argument("--markdown", action="store_true")
    three.set_defaults(do=run)
    args = parser.parse_args()
    args.do(args)


if __name__ == "__main__":
    main()
