"""Seconds per epoch of the preset lstm-text in PyTorch on one thread, beside `test/bench/sequence.ts`, which runs it.

    python3 test/bench/peers/lstm_torch.py TEXTS EPOCHS    (needs torch)
"""
import sys
import time

import torch
from torch import nn

texts, epochs = int(sys.argv[1]), int(sys.argv[2])
torch.set_num_threads(1)
torch.manual_seed(1)
words = (torch.rand(texts, 100) ** 3 * 8000).long() + 1
words[:, :70] = 0
labels = (words[:, 99] % 2).float().unsqueeze(1)


class Classifier(nn.Module):
    def __init__(self):
        super().__init__()
        self.table = nn.Embedding(8001, 100)
        self.lstm = nn.LSTM(100, 100, batch_first=True)
        self.dense = nn.Linear(100, 1)

    def forward(self, ids):
        return self.dense(self.lstm(self.table(ids))[0][:, -1])


model = Classifier()
optimiser = torch.optim.Adam(model.parameters())
loss_of = nn.BCEWithLogitsLoss()
for _ in range(epochs):
    begun = time.perf_counter()
    order = torch.randperm(texts)
    for start in range(0, texts, 32):
        rows = order[start : start + 32]
        optimiser.zero_grad()
        loss_of(model(words[rows]), labels[rows]).backward()
        optimiser.step()
    print(time.perf_counter() - begun, flush=True)
