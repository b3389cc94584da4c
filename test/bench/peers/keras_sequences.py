"""Outputs of Keras layers for known weights, as JSON on standard output: what the stored numbers in
test/server/models/sequence/keras.json were made by. Needs keras (KERAS_BACKEND=numpy or any other).

    pip install keras jax && KERAS_BACKEND=numpy python3 test/bench/peers/keras_sequences.py > test/server/models/sequence/keras.json
"""
import json

import keras
import numpy as np

LENGTH, WORDS, EMBEDDING, UNITS, WINDOW, ROWS = 7, 5, 4, 3, 3, 3


def rounded(values):
    return [round(float(value), 7) for value in np.asarray(values).reshape(-1)]


def case(kind, outputs):
    rng = np.random.default_rng(7)
    layer = {
        "lstm": lambda: [keras.layers.LSTM(UNITS)],
        "rnn": lambda: [keras.layers.SimpleRNN(UNITS)],
        "cnn": lambda: [keras.layers.Conv1D(UNITS, WINDOW, activation="relu"), keras.layers.GlobalMaxPooling1D()],
    }[kind]()
    last = keras.layers.Dense(outputs, activation="sigmoid" if outputs == 1 else "softmax")
    model = keras.Sequential([keras.Input((LENGTH,)), keras.layers.Embedding(WORDS + 1, EMBEDDING), *layer, last])
    weights = [np.round(rng.normal(0, 0.7, weight.shape), 3).astype("float32") for weight in model.get_weights()]
    model.set_weights(weights)
    ids = rng.integers(1, WORDS + 1, (ROWS, LENGTH))
    ids[1, :3] = 0  # padding
    names = ["table", "kernel", *(["recurrent"] if kind != "cnn" else []), "bias", "denseKernel", "denseBias"]
    return {
        "kind": kind,
        "outputs": outputs,
        "weights": {name: rounded(weight) for name, weight in zip(names, weights, strict=True)},
        "ids": ids.tolist(),
        "said": rounded(model(ids)),
    }


shape = {"length": LENGTH, "words": WORDS, "embedding": EMBEDDING, "units": UNITS, "window": WINDOW}
cases = [case(kind, outputs) for kind in ("lstm", "rnn", "cnn") for outputs in (1, 3)]
print(json.dumps({"keras": keras.__version__, **shape, "cases": cases}))
