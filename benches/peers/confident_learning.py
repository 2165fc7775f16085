#!/usr/bin/env python3
"""Confident learning: dissensus beside cleanlab 2.9, on random datasets exactly and on a million rows by the clock.

  pip install "cleanlab==2.9.0" "numpy>=2.4"
  cargo build --release
  python benches/peers/confident_learning.py compare [--sets 200] [--seed 1] [--binary target/release/dissensus]
  python benches/peers/confident_learning.py crowdlab [--sets 200] [--seed 1] [--binary target/release/dissensus]
  python benches/peers/confident_learning.py time    [--rows 1000000] [--labels 10] [--runs 3]

`compare` makes datasets of five kinds (continuous, two decimals, one decimal, a label that no row has, one label
rare), runs both through files and compares filters, ranks, joints and counts exactly, scores and thresholds to 1e-12.
cleanlab sorts unstably, so that its result depends on the processor; here it gets stable sorts, which is what
dissensus promises. numpy before 2.4 adds more than 8192 numbers in another order, which may move a threshold by its
last bit.

`crowdlab` makes sets of 2 to 10 raters with gaps and ties, and compares consensus labels and worst classes exactly, and
qualities, agreements and weights to 1e-12. Sets in which cleanlab draws lots (it does where votes tie to the end) are
drawn anew.

`time` runs each as a whole process from files to result: all seven filters, three scores, the health tables.
Exit status 1 if anything differs.
"""

import argparse
import csv
import json
import math
import os
import subprocess
import sys
import tempfile
import time
import warnings

FILTERS = [
    "prune_by_class",
    "prune_by_noise_rate",
    "both",
    "confident_learning",
    "predicted_neq_given",
    "low_normalized_margin",
    "low_self_confidence",
]
SCORES = ["self_confidence", "normalized_margin", "confidence_weighted_entropy"]
KINDS = ["continuous", "two decimals", "one decimal", "missing label", "rare label"]
TOLERANCE = 1e-12


def stable_numpy():
    """numpy with every sort stable: ties go to the lowest row."""
    import numpy as np

    argsort, sort = np.argsort, np.sort
    np.argsort = lambda a, axis=-1, kind=None, order=None, **k: argsort(a, axis=axis, kind="stable", order=order)
    np.sort = lambda a, axis=-1, kind=None, order=None, **k: sort(a, axis=axis, kind="stable", order=order)
    return np


def make(np, rng, kind):
    """Labels and probabilities of one random dataset with at least two labels in use."""
    while True:
        k, n = int(rng.integers(2, 13)), int(rng.integers(8, 600))
        if kind == "missing label":
            k = max(k, 3)
        true = rng.integers(0, k, n)
        labels = np.where(rng.random(n) < 0.8, true, rng.integers(0, k, n))
        if kind == "missing label":
            labels[labels == k - 2] = 0
        if kind == "rare label":
            rare = np.flatnonzero(labels == k - 1)
            labels[rare[1:]] = 0
        weights = rng.gamma(0.7, size=(n, k))
        weights[np.arange(n), true] += rng.uniform(0, 4)
        probabilities = weights / weights.sum(axis=1, keepdims=True)
        decimals = {"two decimals": 2, "one decimal": 1}.get(kind)
        if decimals:
            probabilities = np.round(probabilities, decimals)
        if len(np.unique(labels)) >= 2:
            return labels, probabilities


def write(np, folder, labels, probabilities):
    """The files that both sides read."""
    with open(os.path.join(folder, "labels.csv"), "w", newline="", encoding="utf-8") as out:
        out.write("item,given\n")
        out.writelines(f"{i},{label}\n" for i, label in enumerate(labels))
    np.save(os.path.join(folder, "probabilities.npy"), probabilities)


def peer(labels, probabilities):
    """Everything that is compared, as cleanlab says it."""
    from cleanlab import count, dataset, filter as filters, rank

    issues = {name: filters.find_label_issues(labels, probabilities, filter_by=name, n_jobs=1) for name in FILTERS}
    scores = {name: rank.get_label_quality_scores(labels, probabilities, method=name) for name in SCORES}
    ranked = {
        name: {
            score: rank.order_label_issues(mask, labels, probabilities, rank_by=score).tolist() for score in SCORES
        }
        for name, mask in issues.items()
    }
    summary = dataset.health_summary(labels, probabilities, verbose=False)
    return {
        "issues": {name: mask.nonzero()[0].tolist() for name, mask in issues.items()},
        "ranked": ranked,
        "scores": {name: column.tolist() for name, column in scores.items()},
        "thresholds": count.get_confident_thresholds(labels, probabilities).tolist(),
        "confident_joint": count.compute_confident_joint(labels, probabilities, calibrate=False).tolist(),
        "calibrated_joint": count.compute_confident_joint(labels, probabilities, calibrate=True).tolist(),
        "off_diagonal": int(count.num_label_issues(labels, probabilities)),
        "off_diagonal_calibrated": int(
            count.num_label_issues(labels, probabilities, estimation_method="off_diagonal_calibrated")
        ),
        "health_score": float(summary["overall_label_health_score"]),
    }


def command(binary, folder, k):
    return [
        binary, "analyze", os.path.join(folder, "labels.csv"),
        "--probs", os.path.join(folder, "probabilities.npy"), "--probs-as-is",
        "--role", "item=item", "--role", "given=given", "--labels", ",".join(map(str, range(k))),
        "--only", "confident_learning", "--format", "json",
        "--out", os.path.join(folder, "report.json"), "--items", os.path.join(folder, "items.csv"),
    ]  # fmt: skip


def ours(binary, folder, k):
    """The same things, as dissensus says them."""
    done = subprocess.run(command(binary, folder, k), capture_output=True, text=True, check=False)
    if done.returncode != 0:
        sys.exit(f"{binary} failed: {done.stderr.strip()}")
    with open(os.path.join(folder, "report.json"), encoding="utf-8") as file:
        whole = file.read()
    # Without a table of items, another way leads to the same report.
    alone = subprocess.run(command(binary, folder, k)[:-4], capture_output=True, text=True, check=True).stdout
    if alone != whole:
        sys.exit("the report is another one where no table of items is asked for")
    report = json.loads(whole)["confident_learning"]
    with open(os.path.join(folder, "items.csv"), newline="", encoding="utf-8") as file:
        items = list(csv.DictReader(file))
    issues = {name: [i for i, row in enumerate(items) if row[f"issue_{name}"] == "1"] for name in FILTERS}
    for name, rows in issues.items():
        if report["issue_counts"][name] != len(rows):
            sys.exit(f"{name}: the report counts {report['issue_counts'][name]} issues, the items table {len(rows)}")
    scores = {name: [float(row[f"label_quality_{name}"]) for row in items] for name in SCORES}
    ranked = {
        name: {score: sorted(rows, key=lambda i: (scores[score][i], i)) for score in SCORES}
        for name, rows in issues.items()
    }
    return {
        "issues": issues,
        "ranked": ranked,
        "scores": scores,
        "thresholds": [number(t) for t in report["thresholds"]],
        "confident_joint": report["confident_joint"],
        "calibrated_joint": report["calibrated_joint"],
        "off_diagonal": report["num_label_issues"]["off_diagonal"],
        "off_diagonal_calibrated": report["num_label_issues"]["off_diagonal_calibrated"],
        "health_score": number(report["health_score"]),
    }


def number(value):
    """A number, or a statistic that holds one."""
    return value["value"] if isinstance(value, dict) else value


def differences(want, got, path=""):
    """Where two results differ: floats by more than the tolerance, the rest at all."""
    if isinstance(want, dict):
        return [d for key in want for d in differences(want[key], got[key], f"{path}/{key}")]
    if isinstance(want, list):
        if len(want) != len(got):
            return [f"{path}: {len(got)} instead of {len(want)}"]
        return [d for i, (a, b) in enumerate(zip(want, got)) for d in differences(a, b, f"{path}/{i}")]
    if isinstance(want, float):
        same = math.isclose(want, got, rel_tol=0, abs_tol=TOLERANCE) or (math.isnan(want) and math.isnan(got))
    else:
        same = want == got
    return [] if same else [f"{path}: {got} instead of {want}"]


def same_but_for_noise(want, got):
    """Order of rows whose scores agree to the tolerance may be swapped by another logarithm's last bit."""
    for name, by_score in want["ranked"].items():
        for score, order in by_score.items():
            mine = got["ranked"][name][score]
            if score != "confidence_weighted_entropy" or sorted(mine) != sorted(order):
                continue
            values = want["scores"][score]
            if all(abs(values[a] - values[b]) <= TOLERANCE for a, b in zip(order, mine)):
                got["ranked"][name][score] = order


def compare(args):
    np = stable_numpy()
    rng = np.random.default_rng(args.seed)
    failed = 0
    for index in range(args.sets):
        kind = KINDS[index % len(KINDS)]
        labels, probabilities = make(np, rng, kind)
        with tempfile.TemporaryDirectory() as folder:
            write(np, folder, labels, probabilities)
            want, got = peer(labels, probabilities), ours(args.binary, folder, probabilities.shape[1])
        same_but_for_noise(want, got)
        wrong = differences(want, got)
        if wrong:
            failed += 1
            print(f"dataset {index} ({kind}, {probabilities.shape[0]} × {probabilities.shape[1]}):")
            print("\n".join(f"  {line}" for line in wrong[:10]))
    print(f"{args.sets - failed} of {args.sets} datasets equal: seven filters, ranks, joints, counts, scores")
    return 1 if failed else 0


def crowd_set(np, rng):
    """Votes (items × raters, NaN where there is none) and probabilities; some item has two votes, no rater none."""
    while True:
        k, n, raters = int(rng.integers(2, 7)), int(rng.integers(5, 120)), int(rng.integers(2, 11))
        true = rng.integers(0, k, n)
        skill = rng.uniform(0.3, 1.0, raters)
        votes = np.where(rng.random((n, raters)) < skill, true[:, None], rng.integers(0, k, (n, raters))).astype(float)
        votes[rng.random((n, raters)) < rng.uniform(0, 0.8)] = np.nan
        bare = np.flatnonzero(np.isnan(votes).all(axis=1))
        votes[bare, rng.integers(0, raters, len(bare))] = true[bare]
        there = ~np.isnan(votes)
        if not there.any(axis=0).all() or (there.sum(axis=1) == 1).all():
            continue
        weights = rng.gamma(0.7, size=(n, k)) + 1e-3
        weights[np.arange(n), true] += rng.uniform(0, 4)
        probabilities = weights / weights.sum(axis=1, keepdims=True)
        decimals = int(rng.integers(0, 3))
        if decimals:
            probabilities = np.round(probabilities, decimals)
        if (probabilities.sum(axis=1) > 0).all():
            return votes, probabilities


def crowd_peer(np, votes, probabilities):
    """What cleanlab says; `None` where it draws lots."""
    from cleanlab.multiannotator import get_label_quality_multiannotator

    results = []
    for seed in range(4):
        np.random.seed(seed)
        found = get_label_quality_multiannotator(
            votes.copy(), probabilities.copy(), verbose=False, return_detailed_quality=False, return_weights=True
        )
        quality, stats = found["label_quality"], found["annotator_stats"].sort_index()
        results.append({
            "consensus": [int(label) for label in quality["consensus_label"]],
            "quality": quality["consensus_quality_score"].tolist(),
            "agreement": quality["annotator_agreement"].tolist(),
            "rater_quality": stats["annotator_quality"].tolist(),
            "rater_agreement": stats["agreement_with_consensus"].tolist(),
            "worst": [int(label) for label in stats["worst_class"]],
            "rater_weight": found["annotator_weight"].tolist(),
            "model_weight": float(found["model_weight"]),
        })  # fmt: skip
    return results[0] if all(r["consensus"] == results[0]["consensus"] for r in results) else None


def crowd_ours(np, binary, folder, votes, probabilities):
    """The same things, as dissensus says them."""
    at = {name: os.path.join(folder, name) for name in ("votes.csv", "probabilities.npy", "items.csv", "report.json")}
    with open(at["votes.csv"], "w", newline="", encoding="utf-8") as out:
        out.write("item,rater,label\n")
        for i, j in zip(*np.nonzero(~np.isnan(votes))):
            out.write(f"{i},r{j},{int(votes[i, j])}\n")
    np.save(at["probabilities.npy"], probabilities)
    line = [
        binary, "analyze", at["votes.csv"], "--probs", at["probabilities.npy"], "--probs-as-is",
        "--role", "item=item", "--role", "rater=rater", "--role", "label=label",
        "--labels", ",".join(map(str, range(probabilities.shape[1]))),
        "--only", "crowdlab", "--format", "json", "--out", at["report.json"], "--items", at["items.csv"],
    ]  # fmt: skip
    done = subprocess.run(line, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        sys.exit(f"{binary} failed: {done.stderr.strip()}")
    with open(at["report.json"], encoding="utf-8") as file:
        report = json.load(file)["crowdlab"]
    with open(at["items.csv"], newline="", encoding="utf-8") as file:
        items = list(csv.DictReader(file))
    raters = sorted(report["raters"], key=lambda r: int(r["rater"][1:]))
    missing = float("nan")
    return {
        "consensus": [int(row["consensus"]) for row in items],
        "quality": [float(row["quality"]) for row in items],
        "agreement": [float(row["agreement"]) for row in items],
        "rater_quality": [missing if r["quality"] is None else r["quality"] for r in raters],
        "rater_agreement": [
            missing if r["agreement_with_consensus"] is None else r["agreement_with_consensus"] for r in raters
        ],
        "worst": [int(r["worst_label"]) for r in raters],
        "rater_weight": [r["weight"] for r in raters],
        "model_weight": report["model_weights"][0],
    }


def compare_crowdlab(args):
    np = stable_numpy()
    rng = np.random.default_rng(args.seed)
    done = failed = drawn = 0
    while done < args.sets:
        votes, probabilities = crowd_set(np, rng)
        want = crowd_peer(np, votes, probabilities)
        if want is None:
            drawn += 1
            continue
        with tempfile.TemporaryDirectory() as folder:
            got = crowd_ours(np, args.binary, folder, votes, probabilities)
        wrong = differences(want, got)
        if wrong:
            failed += 1
            print(f"set {done} ({votes.shape[0]} items × {votes.shape[1]} raters, {probabilities.shape[1]} labels):")
            print("\n".join(f"  {line}" for line in wrong[:10]))
        done += 1
    what = "consensus, qualities, agreements, weights, worst classes"
    print(f"{done - failed} of {done} sets equal: {what}; {drawn} more were left to lots by cleanlab")
    return 1 if failed else 0


def best_of(runs, action):
    best = math.inf
    for _ in range(runs):
        start = time.perf_counter()
        action()
        best = min(best, time.perf_counter() - start)
    return best


def timing(args):
    np = stable_numpy()
    rng = np.random.default_rng(args.seed)
    n, k = args.rows, args.labels
    true = rng.integers(0, k, n)
    labels = np.where(rng.random(n) < 0.08, (true + 1) % k, true)
    logits = rng.standard_normal((n, k))
    logits[np.arange(n), true] += 3 + 0.5 * math.log(k)
    probabilities = np.exp(logits)
    probabilities /= probabilities.sum(axis=1, keepdims=True)
    with tempfile.TemporaryDirectory() as folder:
        write(np, folder, labels, probabilities)
        line = command(args.binary, folder, k)
        fast = best_of(args.runs, lambda: subprocess.run(line, capture_output=True, check=True))
        script = [sys.executable, os.path.abspath(__file__), "peer", folder]
        slow = best_of(args.runs, lambda: subprocess.run(script, capture_output=True, check=True))
        inner = json.loads(subprocess.run(script, capture_output=True, text=True, check=True).stdout)["seconds"]
    print(f"{n} rows × {k} labels, files to result: dissensus {fast:.2f} s, cleanlab {slow:.2f} s")
    print(f"cleanlab without start-up and reading: {inner:.2f} s")
    return 0


def peer_process(args):
    """What `time` measures of cleanlab: read the files, compute everything once."""
    import numpy as np

    labels = np.loadtxt(os.path.join(args.folder, "labels.csv"), delimiter=",", skiprows=1, dtype=np.int64)[:, 1]
    probabilities = np.load(os.path.join(args.folder, "probabilities.npy"))
    start = time.perf_counter()
    peer(labels, probabilities)
    print(json.dumps({"seconds": time.perf_counter() - start}))
    return 0


def main():
    warnings.simplefilter("ignore")
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(required=True)
    comparing = commands.add_parser("compare")
    comparing.add_argument("--sets", type=int, default=200)
    comparing.set_defaults(run=compare)
    crowd = commands.add_parser("crowdlab")
    crowd.add_argument("--sets", type=int, default=200)
    crowd.set_defaults(run=compare_crowdlab)
    clock = commands.add_parser("time")
    clock.add_argument("--rows", type=int, default=1_000_000)
    clock.add_argument("--labels", type=int, default=10)
    clock.add_argument("--runs", type=int, default=3)
    clock.set_defaults(run=timing)
    for each in (comparing, crowd, clock):
        each.add_argument("--seed", type=int, default=1)
        each.add_argument("--binary", default="target/release/dissensus")
    process = commands.add_parser("peer")
    process.add_argument("folder")
    process.set_defaults(run=peer_process)
    args = parser.parse_args()
    return args.run(args)


if __name__ == "__main__":
    sys.exit(main())
