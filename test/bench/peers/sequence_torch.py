"""Accuracy of the preset lstm-text (and of cnn-text) in PyTorch, on the rows of `bursar eval sequence --train F --test F`: the same
words, sizes, initial values of Keras, Adam, 10 epochs of batches of 32; the epoch with the least loss on a tenth is kept.

    python3 test/bench/peers/sequence_torch.py lstm|cnn TRAIN TEST    (needs torch; rows: JSON lines of text and label)
"""
import copy
import json
import re
import sys
from collections import Counter

import torch
from torch import nn

kind, train_file, test_file = sys.argv[1:4]
torch.set_num_threads(1)
torch.manual_seed(1)


def rows(path):
    with open(path, encoding="utf-8") as file:
        return [(row["text"], row["label"]) for row in map(json.loads, file)]


def words(text):
    return re.findall(r"[^\W\d_]+|\d+", text.lower())


train, test = rows(train_file), rows(test_file)
labels = sorted({label for _, label in train})
order = torch.randperm(len(train)).tolist()
held = [train[i] for i in order[: len(train) // 10]]
train = [train[i] for i in order[len(train) // 10 :]]
ids = {word: i + 1 for i, (word, _) in enumerate(Counter(w for text, _ in train for w in words(text)).most_common())}


def tensors(part):
    x = torch.zeros(len(part), 100, dtype=torch.long)
    for row, (text, _) in enumerate(part):
        known = [ids[word] for word in words(text) if word in ids][-100:]
        if known:
            x[row, -len(known) :] = torch.tensor(known)
    return x, torch.tensor([labels.index(label) if label in labels else 0 for _, label in part])


class Classifier(nn.Module):
    def __init__(self):
        super().__init__()
        units = 100 if kind == "lstm" else 128
        self.table = nn.Embedding(len(ids) + 1, 100)
        self.lstm = nn.LSTM(100, units, batch_first=True)
        self.conv = nn.Conv1d(100, units, 5)
        self.dense = nn.Linear(units, len(labels))
        nn.init.uniform_(self.table.weight, -0.05, 0.05)
        nn.init.xavier_uniform_(self.lstm.weight_ih_l0)
        nn.init.orthogonal_(self.lstm.weight_hh_l0)
        nn.init.zeros_(self.lstm.bias_ih_l0)
        nn.init.zeros_(self.lstm.bias_hh_l0)
        with torch.no_grad():
            self.lstm.bias_ih_l0[units : 2 * units] = 1
        for layer in (self.conv, self.dense):
            nn.init.xavier_uniform_(layer.weight)
            nn.init.zeros_(layer.bias)

    def forward(self, x):
        seen = self.table(x)
        if kind == "lstm":
            return self.dense(self.lstm(seen)[0][:, -1])
        return self.dense(nn.functional.dropout(torch.relu(self.conv(seen.transpose(1, 2))).amax(2), 0.3, self.training))


model, loss_of = Classifier(), nn.CrossEntropyLoss()
optimiser = torch.optim.Adam(model.parameters(), eps=1e-7)
(x, y), (held_x, held_y), (test_x, test_y) = tensors(train), tensors(held), tensors(test)
best = (float("inf"), None)
for _ in range(10):
    model.train()
    for batch in torch.randperm(len(x)).split(32):
        optimiser.zero_grad()
        loss_of(model(x[batch]), y[batch]).backward()
        optimiser.step()
    model.eval()
    with torch.no_grad():
        loss = loss_of(model(held_x), held_y).item()
    if loss < best[0]:
        best = (loss, copy.deepcopy(model.state_dict()))
model.load_state_dict(best[1])
model.eval()
with torch.no_grad():
    said = model(test_x)
right = (said.argmax(1) == test_y).float().mean().item()
print(f"{kind}-text n {len(test)}  accuracy {right:.4f}  logLoss {loss_of(said, test_y).item():.4f}")
