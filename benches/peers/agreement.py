#!/usr/bin/env python3
"""Agreement and aggregation: what other packages take for one coefficient or one model.

  pip install "crowd-kit==1.4.2" "krippendorff==0.9.0" "irrCAC==0.4.4" "coverage<7" numpy pandas
  python benches/peers/agreement.py WHAT FILE [--iterations N] [--posterior FILE] [--once]

FILE has the columns item, rater, label, all whole numbers. WHAT is one of

  alpha_nominal, alpha_interval   krippendorff, on a matrix of raters by items
  gwet                            irrCAC, on a frame of items by raters
  ds, glad, mace, m_msr           crowd-kit
  all                             nominal alpha, AC1 and Dawid-Skene, one after the other

With --iterations a model runs so many rounds, whatever its own rule says. With --posterior the probabilities of items
(ascending) by labels (ascending) are written as 64-bit floats. Prints one line of JSON: value or iterations, and the
seconds of the call alone, without imports, reading and pivoting; --once calls once only, for who times the whole process. `cargo bench --bench agreement` runs it.

crowd-kit 1.4.2's MACE numbers raters and labels as they come in one table and in order in another; here they are renamed
so that both are the same, because with its defect it would not find what it looks for.
"""

import argparse
import json
import sys
import time
import warnings

import numpy as np
import pandas as pd

warnings.filterwarnings("ignore")

ONCE = "--once" in sys.argv


def timed(call):
    """The result, and the least seconds of a few calls: until half a second is over, at most twenty, at least one."""
    began, least = time.perf_counter(), float("inf")
    for _ in range(1 if ONCE else 20):
        start = time.perf_counter()
        result = call()
        end = time.perf_counter()
        least = min(least, end - start)
        if end - began > 0.5:
            break
    return result, least


def wide(frame):
    """Raters by items; NaN where there is no rating."""
    matrix = np.full((frame["rater"].max() + 1, frame["item"].max() + 1), np.nan)
    matrix[frame["rater"], frame["item"]] = frame["label"]
    return matrix


def alpha(frame, level):
    import krippendorff

    matrix = wide(frame)
    value, seconds = timed(lambda: krippendorff.alpha(matrix, level_of_measurement=level))
    return {"value": float(value), "seconds": seconds}


def gwet(frame):
    from irrCAC.raw import CAC

    table = pd.DataFrame(wide(frame).T)
    found, seconds = timed(lambda: CAC(table).gwet()["est"])
    return {"value": float(found["coefficient_value"]), "se": float(found["se"]), "seconds": seconds}


def model(frame, what, iterations, posterior):
    import crowdkit.aggregation as crowdkit

    options = {"glad": {"tol": 1e-5}, "ds": {"tol": 1e-5}}.get(what, {})
    if iterations is not None:
        options["n_iter"] = iterations
        if "tol" in options:
            options["tol"] = -np.inf
    cls = {"ds": "DawidSkene", "glad": "GLAD", "mace": "MACE", "m_msr": "MMSR"}[what]
    data = frame.rename(columns={"item": "task", "rater": "worker"})
    labels = np.sort(data["label"].unique())
    if what == "mace":
        data["worker"] = pd.factorize(data["worker"])[0]
        data["label"], labels = pd.factorize(data["label"])
    fitted = getattr(crowdkit, cls)(**options)
    _, seconds = timed(lambda: fitted.fit(data))
    history = getattr(fitted, "loss_history_", None)
    rounds = fitted.n_iter if what == "mace" else len(history)
    if posterior:
        probas = fitted.predict_score(data) if what == "m_msr" else fitted.probas_
        probas = probas.sort_index()
        probas.columns = labels[list(probas.columns)] if what == "mace" else probas.columns
        probas = probas[sorted(probas.columns)]
        probas.fillna(0.0).to_numpy(dtype="<f8").tofile(posterior)
    return {"iterations": rounds, "seconds": seconds}


def everything(frame):
    results = [alpha(frame, "nominal"), gwet(frame), model(frame, "ds", None, None)]
    return {"value": results[0]["value"], "seconds": sum(r["seconds"] for r in results)}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what")
    parser.add_argument("file")
    parser.add_argument("--iterations", type=int)
    parser.add_argument("--posterior")
    parser.add_argument("--once", action="store_true")
    args = parser.parse_args()
    frame = pd.read_csv(args.file)
    if args.what.startswith("alpha_"):
        result = alpha(frame, args.what.removeprefix("alpha_"))
    elif args.what == "gwet":
        result = gwet(frame)
    elif args.what == "all":
        result = everything(frame)
    else:
        result = model(frame, args.what, args.iterations, args.posterior)
    print(json.dumps(result))


if __name__ == "__main__":
    main()
