#!/usr/bin/env python3
"""Label errors from texts alone: TF-IDF, logistic regression and cleanlab, on a table that dissensus can read as well.

  pip install "scikit-learn==1.9.0" "cleanlab==2.9.0" numpy
  python benches/peers/text_model.py make FILE [--items 50000] [--classes 10] [--errors 0.08] [--seed 0]
  python benches/peers/text_model.py run  FILE [--flags OUT]
  python benches/peers/text_model.py score FILE FLAGS

`make` writes item,text,label and, beside it, FILE.truth: texts of about a dozen words out of a common vocabulary and of
words that are more frequent in one class; a share of the labels is replaced by another, twice as often by a neighbour. `run` is what
people do: TfidfVectorizer, LogisticRegression, probabilities by five folds, find_label_issues; it writes the items, the most
suspicious first, and prints a line of JSON with the seconds from the file to the ranks. `score` prints the average precision of a
ranking of all items (one key a line, the most suspicious first) and the precision of its first hundred.
"""

import argparse
import csv
import json
import time

import numpy as np


def make(path, items, classes, errors, seed):
    rng = np.random.default_rng(seed)
    syllables = ["".join(p) for p in np.array(np.meshgrid(list("bdfgklmnprstvz"), list("aeiou"))).T.reshape(-1, 2)]
    words = list({"".join(rng.choice(syllables, rng.integers(2, 5))) for _ in range(40_000)})
    words.sort()
    rng.shuffle(words)
    common, own = words[:12_000], words[12_000 : 12_000 + 500 * classes]
    zipf = 1 / np.arange(2, 2 + len(common)) ** 1.05
    zipf /= zipf.sum()
    steep = 1 / np.arange(3, 503) ** 0.9
    steep /= steep.sum()
    truth = rng.choice(classes, items, p=np.arange(classes + 4, 4, -1) / np.arange(classes + 4, 4, -1).sum())
    label = truth.copy()
    for i in np.flatnonzero(rng.random(items) < errors):
        step = rng.choice([1, 1, *range(2, classes)])
        label[i] = (truth[i] + step) % classes
    with open(path, "w", newline="") as file, open(f"{path}.truth", "w", newline="") as gold:
        out, right = csv.writer(file), csv.writer(gold)
        out.writerow(["item", "text", "label"])
        right.writerow(["item", "truth", "label"])
        for i in range(items):
            n = 4 + rng.poisson(8)
            special = rng.random(n) < 0.22
            # A word of another class now and then.
            of = np.where(rng.random(n) < 0.15, rng.integers(0, classes, n), truth[i])
            a, b = rng.choice(len(common), n, p=zipf), rng.choice(500, n, p=steep)
            text = " ".join(own[500 * of[j] + b[j]] if special[j] else common[a[j]] for j in range(n))
            out.writerow([f"t{i}", text, f"class{label[i]}"])
            right.writerow([f"t{i}", f"class{truth[i]}", f"class{label[i]}"])


def run(path, flags):
    began = time.perf_counter()
    from cleanlab.filter import find_label_issues
    from cleanlab.rank import get_label_quality_scores
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import cross_val_predict

    imported = time.perf_counter()
    with open(path, newline="") as file:
        rows = list(csv.DictReader(file))
    names = sorted({row["label"] for row in rows})
    labels = np.array([names.index(row["label"]) for row in rows])
    vectors = TfidfVectorizer().fit_transform([row["text"] for row in rows])
    model = LogisticRegression(max_iter=1000)
    probabilities = cross_val_predict(model, vectors, labels, cv=5, method="predict_proba")
    issues = find_label_issues(labels, probabilities)
    quality = get_label_quality_scores(labels, probabilities)
    ended = time.perf_counter()
    if flags:
        with open(flags, "w") as out:
            out.writelines(f"{rows[i]['item']}\n" for i in np.argsort(quality, kind="stable"))
    accuracy = float((probabilities.argmax(1) == labels).mean())
    print(json.dumps({"seconds": ended - imported, "with_imports": ended - began, "flags": int(issues.sum()), "accuracy": accuracy}))


def score(path, flags):
    with open(f"{path}.truth", newline="") as file:
        wrong = {row["item"] for row in csv.DictReader(file) if row["truth"] != row["label"]}
    with open(flags) as file:
        hits = np.array([line.strip() in wrong for line in file])
    precision = hits.cumsum() / np.arange(1, len(hits) + 1)
    print(json.dumps({"average_precision": float(precision[hits].sum() / len(wrong)), "precision_at_100": float(hits[:100].mean())}))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    one = commands.add_parser("make")
    one.add_argument("file")
    one.add_argument("--items", type=int, default=50_000)
    one.add_argument("--classes", type=int, default=10)
    one.add_argument("--errors", type=float, default=0.08)
    one.add_argument("--seed", type=int, default=0)
    two = commands.add_parser("run")
    two.add_argument("file")
    two.add_argument("--flags")
    three = commands.add_parser("score")
    three.add_argument("file")
    three.add_argument("flags")
    args = parser.parse_args()
    if args.command == "make":
        make(args.file, args.items, args.classes, args.errors, args.seed)
    elif args.command == "run":
        run(args.file, args.flags)
    else:
        score(args.file, args.flags)


if __name__ == "__main__":
    main()
