"""Accuracy of the usual scikit-learn text classifiers on the rows of `bursar eval intent|sentiment --train F --test F`:
TF-IDF of words (1 and 2) and of characters (2 to 5, within words) with a linear SVM, and with logistic regression.

    python3 test/bench/peers/text_sklearn.py TRAIN TEST [--labels a,b] [--group COLUMN] [--oos LABEL]   (needs scikit-learn)

Rows of the out-of-scope label are left out. The 95 % interval is a percentile bootstrap of 1,000 resamples.
"""
import argparse
import csv
import json

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import f1_score
from sklearn.pipeline import make_pipeline, make_union
from sklearn.svm import LinearSVC

parser = argparse.ArgumentParser()
parser.add_argument("train")
parser.add_argument("test")
parser.add_argument("--labels")
parser.add_argument("--group")
parser.add_argument("--oos", default="oos")
options = parser.parse_args()


def read(path):
    with open(path, encoding="utf-8", newline="") as file:
        rows = [json.loads(line) for line in file] if path.endswith(".jsonl") else list(csv.DictReader(file))
    column = next(name for name in ("label", "intent", "category") if name in rows[0])
    wanted = set(options.labels.split(",")) if options.labels else None
    rows = [(row["text"], row[column], row.get(options.group, "")) for row in rows]
    return [row for row in rows if row[1] != options.oos and (wanted is None or row[1] in wanted)]


def features():
    return make_union(
        TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True),
        TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 5), sublinear_tf=True),
    )


def report(name, gold, said):
    gold, said = np.array(gold), np.array(said)
    right = gold == said
    draws = np.random.default_rng(1).integers(0, len(gold), (1000, len(gold)))
    low, high = np.percentile(right[draws].mean(axis=1), [2.5, 97.5])
    macro = f1_score(gold, said, average="macro", zero_division=0)
    print(f"{name:24} n {len(gold)}  accuracy {right.mean():.4f} [{low:.3f}, {high:.3f}]  macroF1 {macro:.4f}", flush=True)


train, test = read(options.train), read(options.test)
for name, classifier in (("linear SVM", LinearSVC), ("logistic regression", lambda: LogisticRegression(C=10, max_iter=300))):
    for group in sorted({row[2] for row in test}):
        model = make_pipeline(features(), classifier())
        own = [row for row in train if row[2] == group]
        model.fit([row[0] for row in own], [row[1] for row in own])
        asked = [row for row in test if row[2] == group]
        report(f"{name} {group}".strip(), [row[1] for row in asked], model.predict([row[0] for row in asked]))
