#!/usr/bin/env python3
"""nmperm.asp beside a NumPy program of the published search: kept magnitude and time, 64 to 512 channels.

The other side is written for this comparison from the description in Pool & Yu, "Channel Permutations for N:M
Sparsity", NeurIPS 2021: all pairs of stripes are rated with their 35 arrangements, winners are applied in decreasing
order of gain unless they share a changed stripe, changed pairs are rated again; after convergence, random swaps of two
columns of different stripes are tried and undone unless the search ends higher. It is vectorised over rows and
arrangements. With --row-by-row it values an arrangement row after row and group after group with a sort of four values
each, which is how apex works on machines without a GPU. apex itself, and its GPU kernels, are not measured here.

    PYTHONPATH=build/python python3 bench/asp_search.py [--escapes 100] [--rows 64] [--channels 64 128 256 512]
    PYTHONPATH=build/python python3 bench/asp_search.py --row-by-row --channels 64 128
"""

import argparse
import itertools
import statistics
import time

import numpy as np

import nmperm
from nmperm.asp import accelerated_search_for_good_permutation

SUBSETS = np.array(list(itertools.combinations(range(8), 4)))
# The first column stays in the first stripe: each of the 35 partitions of 8 columns once.
ARRANGEMENTS = [(k, len(SUBSETS) - 1 - k) for k in range(len(SUBSETS)) if 0 in SUBSETS[k]]


def kept_of_stripes(columns):
    """Kept magnitude of [..., rows, 4] under 2:4, summed over rows."""
    a, b, c, d = (columns[..., k] for k in range(4))
    low_ab, low_cd = np.minimum(a, b), np.minimum(c, d)
    high_ab, high_cd = np.maximum(a, b), np.maximum(c, d)
    second = np.maximum(np.minimum(high_ab, high_cd), np.maximum(low_ab, low_cd))
    return (np.maximum(high_ab, high_cd) + second).sum(axis=-1, dtype=np.float64)


def kept_row_by_row(columns):
    """The same for [subsets, rows, 4], one row of one subset after the other."""
    sums = []
    for rows in columns:
        total = 0.0
        for row in rows:
            order = np.argsort(row)
            total += row[order[2]]
            total += row[order[3]]
        sums.append(total)
    return np.array(sums)


class PublishedSearch:
    def __init__(self, scores, row_by_row=False, seed=0):
        self.scores = scores
        self.value = kept_row_by_row if row_by_row else kept_of_stripes
        self.order = np.arange(scores.shape[1])
        self.stripes = scores.shape[1] // 4
        self.pairs = list(itertools.combinations(range(self.stripes), 2))
        self.gains = np.zeros(len(self.pairs))
        self.best = [None] * len(self.pairs)
        self.random = np.random.RandomState(seed)

    def kept(self):
        return kept_of_stripes(self.scores[:, self.order].reshape(len(self.scores), -1, 4).swapaxes(0, 1)).sum()

    def columns_of(self, pair):
        return np.concatenate([self.order[4 * stripe : 4 * stripe + 4] for stripe in pair])

    def rate(self, changed):
        for k, pair in enumerate(self.pairs):
            if not changed.intersection(pair):
                continue
            columns = self.columns_of(pair)
            kept = self.value(self.scores[:, columns][:, SUBSETS].swapaxes(0, 1))
            sums = [kept[first] + kept[second] for first, second in ARRANGEMENTS]
            winner = int(np.argmax(sums))
            self.gains[k] = sums[winner] - sums[0]
            self.best[k] = ARRANGEMENTS[winner]

    def apply_winners(self):
        changed = set()
        for k in np.argsort(-self.gains):
            if self.gains[k] <= 1e-4:
                break
            pair = self.pairs[k]
            if changed.intersection(pair):
                continue
            columns = self.columns_of(pair)
            for stripe, subset in zip(pair, self.best[k]):
                self.order[4 * stripe : 4 * stripe + 4] = columns[SUBSETS[subset]]
            changed.update(pair)
        return changed

    def converge(self, changed):
        while changed:
            self.rate(changed)
            changed = self.apply_winners()

    def run(self, escapes):
        self.converge(set(range(self.stripes)))
        best, best_order = self.kept(), self.order.copy()
        for _ in range(escapes):
            one, other = self.random.choice(self.stripes, 2, replace=False)
            i, j = 4 * one + self.random.randint(4), 4 * other + self.random.randint(4)
            self.order[[i, j]] = self.order[[j, i]]
            self.converge({one, other})
            if self.kept() > best:
                best, best_order = self.kept(), self.order.copy()
            else:
                undone = {s for s in range(self.stripes) if (self.order != best_order)[4 * s : 4 * s + 4].any()}
                self.order = best_order.copy()
                self.rate(undone)
        return best


def seconds_of(function):
    """Of the processor, and what the function returned."""
    begin = time.process_time()
    result = function()
    return time.process_time() - begin, result


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=64)
    parser.add_argument("--escapes", type=int, default=100)
    parser.add_argument("--channels", type=int, nargs="+", default=[64, 128, 256, 512])
    parser.add_argument("--row-by-row", action="store_true")
    arguments = parser.parse_args()
    options = {"strategy": "exhaustive", "stripe_group_size": 8, "escape_attempts": arguments.escapes, "threads": 1}
    print("| matrix | kept, NumPy | kept, nmperm.asp | seconds, NumPy | seconds, nmperm.asp | ratio |")
    print("|---|---|---|---|---|---|")
    for channels in arguments.channels:
        random = np.random.RandomState(channels)
        weights = random.randn(arguments.rows, channels) * np.exp(0.5 * random.randn(channels))
        scores = nmperm.criteria.magnitude(weights)
        runs = [seconds_of(lambda: accelerated_search_for_good_permutation(weights, options)) for _ in range(3)]
        search = PublishedSearch(np.ascontiguousarray(scores), arguments.row_by_row)
        their_seconds, theirs = seconds_of(lambda: search.run(arguments.escapes))
        runs += [seconds_of(lambda: accelerated_search_for_good_permutation(weights, options)) for _ in range(2)]
        our_seconds = statistics.median(seconds for seconds, _ in runs)
        ours = nmperm.solve(scores, start=runs[0][1], solver="identity").kept
        print(
            f"| {arguments.rows} x {channels} | {theirs:.3f} | {ours:.3f} | {their_seconds:.2f} | {our_seconds:.4f} | "
            f"{their_seconds / our_seconds:.0f} |",
            flush=True,
        )


if __name__ == "__main__":
    main()
