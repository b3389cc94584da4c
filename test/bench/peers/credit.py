"""scikit-learn on the same rows as `bursar eval credit`, and how far ours is from it.

    pip install scikit-learn pandas onnxruntime
    python test/bench/peers/credit.py --train F --test F --target C [--ignore a,b]
        [--ours OUT.jsonl]  what `bursar predict credit` wrote for the test file: AUC of ours less each peer's, with its
                            95 % paired bootstrap interval
        [--onnx FILE]       the version's model.onnx: opened with stock onnxruntime, and compared with OUT.jsonl
"""

import argparse
import json

import numpy as np
import pandas as pd
from sklearn.compose import make_column_transformer
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import brier_score_loss, log_loss, roc_auc_score
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, OneHotEncoder, StandardScaler

RESAMPLES, SEED = 1_000, 1


def log1p_where_skewed(frame):
    """Clip to the 0.1 % quantiles; log(1 + x) of columns without negative numbers and with a skewness above 1."""
    low, high = np.quantile(frame, 0.001, axis=0), np.quantile(frame, 0.999, axis=0)
    clipped = np.clip(frame, low, high)
    centred = (clipped - clipped.mean(axis=0)) / np.maximum(clipped.std(axis=0), 1e-12)
    skewed = (frame.min(axis=0) >= 0) & ((centred**3).mean(axis=0) > 1)

    def apply(values):
        inside = np.clip(values, low, high)
        return np.where(skewed, np.log1p(np.maximum(inside, 0)), inside)

    return FunctionTransformer(apply)


def peers(train, numbers, categories):
    filled = SimpleImputer(strategy="median").fit_transform(train[numbers]) if numbers else None
    scaling = [make_pipeline(SimpleImputer(strategy="median"), log1p_where_skewed(filled), StandardScaler())] if numbers else []
    one_hot = OneHotEncoder(handle_unknown="ignore", min_frequency=5)
    scaled = make_column_transformer(*[(step, numbers) for step in scaling], (one_hot, categories), sparse_threshold=0)
    plain = make_column_transformer((SimpleImputer(strategy="median", add_indicator=True), numbers), (one_hot, categories), sparse_threshold=0)
    return {
        "logistic": make_pipeline(scaled, LogisticRegression(max_iter=2_000)),
        "mlp": make_pipeline(scaled, MLPClassifier((64,), batch_size=32, max_iter=10, random_state=SEED)),
        "forest": make_pipeline(plain, RandomForestClassifier(200, min_samples_leaf=10, random_state=SEED)),
        "boosting": make_pipeline(plain, HistGradientBoostingClassifier(learning_rate=0.05, max_iter=1_000, max_leaf_nodes=16, early_stopping=True, validation_fraction=0.2, n_iter_no_change=40, random_state=SEED)),
    }


def figures(truth, probability):
    order = np.argsort(probability, kind="stable")
    positives, negatives = np.cumsum(truth[order]) / truth.sum(), np.cumsum(1 - truth[order]) / (1 - truth).sum()
    last = np.append(np.diff(probability[order]) > 0, True)
    bins = np.clip(np.ceil(probability * 10) - 1, 0, 9).astype(int)
    gaps = [abs((truth - probability)[bins == b].sum()) for b in range(10)]
    return {
        "auc": roc_auc_score(truth, probability),
        "ks": np.abs(positives - negatives)[last].max(),
        "brier": brier_score_loss(truth, probability),
        "ece": sum(gaps) / len(truth),
        "logLoss": log_loss(truth, probability),
    }


def difference(truth, ours, theirs):
    """AUC of ours less theirs, and its interval over rows drawn again, the same for both."""
    random = np.random.default_rng(SEED)
    drawn = [random.integers(0, len(truth), len(truth)) for _ in range(RESAMPLES)]
    values = [roc_auc_score(truth[rows], ours[rows]) - roc_auc_score(truth[rows], theirs[rows]) for rows in drawn if 0 < truth[rows].sum() < len(rows)]
    return {"auc": roc_auc_score(truth, ours) - roc_auc_score(truth, theirs), "auc_ci": list(np.quantile(values, [0.025, 0.975]))}


def onnx_difference(path, test, ours):
    """Largest difference of stock onnxruntime's probabilities from what `bursar predict` wrote."""
    import onnxruntime

    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    feeds = {}
    for wanted in session.get_inputs():
        column = test[wanted.name]
        values = column.fillna("").astype(str) if wanted.type == "tensor(string)" else pd.to_numeric(column).astype(np.float32)
        feeds[wanted.name] = values.to_numpy(dtype=object if wanted.type == "tensor(string)" else np.float32).reshape(-1, 1)
    said = session.run(["output.probability"], feeds)[0].ravel()
    return float(np.abs(said - ours).max())


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("train", "test", "target"):
        parser.add_argument(f"--{name}", required=True)
    for name in ("ignore", "ours", "onnx"):
        parser.add_argument(f"--{name}", default="")
    given = parser.parse_args()
    train, test = pd.read_csv(given.train, keep_default_na=False, na_values=[""]), pd.read_csv(given.test, keep_default_na=False, na_values=[""])
    left = [given.target, *filter(None, given.ignore.split(","))]
    inputs = [name for name in train.columns if name not in left]
    numbers = [name for name in inputs if pd.api.types.is_numeric_dtype(train[name])]
    categories = [name for name in inputs if name not in numbers]
    one = sorted(train[given.target].unique())[1]
    y, truth = (train[given.target] == one).to_numpy(int), (test[given.target] == one).to_numpy(int)
    ours = None
    if given.ours:
        ours = np.array([json.loads(line)["score"] for line in open(given.ours, encoding="utf-8")])
        print(json.dumps({"peer": "ours", "n": len(truth), **figures(truth, ours)}))
    if given.onnx:
        print(json.dumps({"onnxruntime": "stock", "largestDifference": onnx_difference(given.onnx, test, ours)}))
    for name, model in peers(train, numbers, categories).items():
        theirs = model.fit(train[inputs], y).predict_proba(test[inputs])[:, 1]
        line = {"peer": name, **figures(truth, theirs)}
        print(json.dumps({**line, **({"oursLess": difference(truth, ours, theirs)} if ours is not None else {})}), flush=True)


if __name__ == "__main__":
    main()
