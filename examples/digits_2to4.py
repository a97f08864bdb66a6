#!/usr/bin/env python3
"""Handwritten digits under high stress: a narrow network pruned 1:4 with and without a permutation.

What is measured, fixed before the first measurement:

- Data: scikit-learn's digits (1797 images of 8 x 8), the split of scripts/train_digits.py: 80 % for training, 20 %
  (360 images) held out, stratified, one split for all seeds. The seed of a run decides initial weights and batches.
- Network: 64 pixels -> 64 -> 8 -> 10 with ReLU. The 8 features are what makes it narrow. Pruned is fc2, [8, 64]; the
  first and the last layer stay dense, as usual (and as the rule `outputs=8,inputs=16` of `nmperm apply` selects).
- Training: AdamW, 40 epochs, with an L1 penalty of 1e-3 on the weights of fc1 and fc2, as one trains towards sparsity.
- Pattern: 1:4 (--pattern 2:4 for the other), by magnitude, of fc2 as trained, and of fc2 with the 64 hidden channels
  in the order that `nmperm.solve(..., solver="auto")` finds in 2 s. The rows of fc1 follow, so that the network
  before pruning is the same function; the script checks that.
- Accuracy lost: held-out accuracy of the dense network less that of the pruned one, in points; no fine-tuning. Then
  both are fine-tuned for 3 epochs with their masks kept, and it is taken again.
- The figure: mean lost with permutation / mean lost without, over 10 seeds, with a 95 % interval (percentiles of
  10,000 bootstrap samples of the seeds).

Why this is expected to show something: a permutation resolves conflicts, groups in which a row has more large weights
than the pattern keeps. That is easier the fewer rows share the order (8 here, against 1152 in a convolution of 128
outputs), the more groups there are (16), and the more the weights of a row differ in size (L1). Networks with wide
layers gain less.

Needs Debian's python3-torch and python3-sklearn. About 5 s a seed on one thread:

    PYTHONPATH=build/python python3 examples/digits_2to4.py --seeds 10
"""

import argparse
import copy
import os
import sys

import numpy as np
import torch
from torch import nn

import nmperm

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "scripts"))
from train_digits import load_split  # noqa: E402

HIDDEN, FEATURES = 64, 8
EPOCHS, FINE_TUNING_EPOCHS = 40, 3
BATCH_SIZE = 32
LEARNING_RATE, FINE_TUNING_RATE = 2e-3, 1e-3
WEIGHT_DECAY = 1e-2
L1_PENALTY = 1e-3
SEARCH_SECONDS = 2.0


class NarrowNetwork(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc1 = nn.Linear(64, HIDDEN)
        self.fc2 = nn.Linear(HIDDEN, FEATURES)
        self.fc3 = nn.Linear(FEATURES, 10)

    def forward(self, images):
        x = torch.relu(self.fc1(images.flatten(1)))
        return self.fc3(torch.relu(self.fc2(x)))


def batches_of(count, epochs):
    for _ in range(epochs):
        yield from torch.randperm(count).split(BATCH_SIZE)


def train(model, images, labels):
    optimizer = torch.optim.AdamW(model.parameters(), lr=LEARNING_RATE, weight_decay=WEIGHT_DECAY)
    steps = EPOCHS * -(-len(images) // BATCH_SIZE)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, steps)
    for batch in batches_of(len(images), EPOCHS):
        optimizer.zero_grad()
        penalty = model.fc1.weight.abs().sum() + model.fc2.weight.abs().sum()
        loss = nn.functional.cross_entropy(model(images[batch]), labels[batch]) + L1_PENALTY * penalty
        loss.backward()
        optimizer.step()
        schedule.step()


def fine_tune(model, mask, images, labels):
    """Prune, keep the mask, train on."""
    optimizer = torch.optim.Adam(model.parameters(), lr=FINE_TUNING_RATE)
    for batch in batches_of(len(images), FINE_TUNING_EPOCHS):
        optimizer.zero_grad()
        nn.functional.cross_entropy(model(images[batch]), labels[batch]).backward()
        optimizer.step()
        with torch.no_grad():
            model.fc2.weight.mul_(mask)


def accuracy(model, images, labels):
    with torch.no_grad():
        return 100.0 * float((model(images).argmax(dim=1) == labels).float().mean())


def permute(model, permutation):
    """Puts the hidden channels into a new order: rows of fc1, columns of fc2."""
    order = torch.from_numpy(permutation.copy())
    permuted = copy.deepcopy(model)
    with torch.no_grad():
        permuted.fc1.weight.copy_(model.fc1.weight[order])
        permuted.fc1.bias.copy_(model.fc1.bias[order])
        permuted.fc2.weight.copy_(model.fc2.weight[:, order])
    return permuted


def prune(model, pattern):
    """A pruned copy, and the mask of fc2."""
    pruned = copy.deepcopy(model)
    mask = torch.from_numpy(nmperm.mask(nmperm.criteria.magnitude(model.fc2.weight), pattern=pattern))
    with torch.no_grad():
        pruned.fc2.weight.mul_(mask)
    return pruned, mask


def run(seed, pattern, split):
    """One row of the table: figures without and with permutation."""
    train_images, test_images, train_labels, test_labels = split
    torch.manual_seed(seed)
    dense = NarrowNetwork()
    train(dense, train_images, train_labels)
    solution = nmperm.solve(
        nmperm.criteria.magnitude(dense.fc2.weight), pattern, "auto", time_limit=SEARCH_SECONDS, threads=1
    )
    permuted = permute(dense, solution.permutation)
    with torch.no_grad():
        difference = float((permuted(test_images) - dense(test_images)).abs().max())
        if difference > 1e-4 * float(dense(test_images).abs().max()):
            raise RuntimeError(f"the permuted network is another function: outputs differ by {difference}")

    magnitude = solution.magnitude
    row = {
        "dense": accuracy(dense, test_images, test_labels),
        "kept": (100 * magnitude.default / magnitude.total, 100 * magnitude.kept / magnitude.total),
        "pruned": [],
        "tuned": [],
    }
    for model in (dense, permuted):
        pruned, mask = prune(model, pattern)
        row["pruned"].append(accuracy(pruned, test_images, test_labels))
        torch.manual_seed(1000 + seed)  # the same batches for both
        fine_tune(pruned, mask, train_images, train_labels)
        row["tuned"].append(accuracy(pruned, test_images, test_labels))
    return row


def lost(rows, stage):
    """Points of accuracy lost, [seed, without and with permutation]."""
    return np.array([[row["dense"] - value for value in row[stage]] for row in rows])


def summary(rows, stage, title):
    values = lost(rows, stage)
    without, with_permutation = values.mean(axis=0)
    text = f"{title}: lost on average {without:.2f} points without a permutation, {with_permutation:.2f} with"
    samples = np.random.RandomState(0).randint(len(rows), size=(10_000, len(rows)))
    means = values[samples].mean(axis=1)
    if without <= 0 or (means[:, 0] <= 0).any():
        return text + "; too little was lost for a ratio"
    low, high = np.percentile(means[:, 1] / means[:, 0], [2.5, 97.5])
    return text + f": {100 * with_permutation / without:.0f} % (95 % interval {100 * low:.0f} .. {100 * high:.0f} %)"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=10, help="training runs, seeds 0 .. SEEDS-1 (10)")
    parser.add_argument("--pattern", default="1:4", help="N:M (1:4)")
    arguments = parser.parse_args()

    torch.set_num_threads(1)
    split = load_split()
    print(f"pattern {arguments.pattern}; accuracy on held-out digits in %, without and with permutation")
    print("| seed | dense | magnitude kept | pruned | fine-tuned |")
    print("|---|---|---|---|---|")
    rows = []
    for seed in range(arguments.seeds):
        row = run(seed, arguments.pattern, split)
        rows.append(row)
        cells = [" and ".join(f"{value:.2f}" for value in row[key]) for key in ("kept", "pruned", "tuned")]
        print(f"| {seed} | {row['dense']:.2f} | " + " | ".join(cells) + " |", flush=True)
    print(summary(rows, "pruned", "no fine-tuning"))
    print(summary(rows, "tuned", f"{FINE_TUNING_EPOCHS} epochs of fine-tuning"))


if __name__ == "__main__":
    main()
