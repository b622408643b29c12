# SPDX-License-Identifier: Apache-2.0
"""The rank test of Mann and Whitney: can two sets of times be told apart?

Nothing is assumed about how they are distributed. Ties share their ranks; with
hundreds of values the sum of ranks is as good as normally distributed.
"""

import math
from typing import NamedTuple


class Verdict(NamedTuple):
    z: float
    p: float        # of so large a |z| if there is no difference
    share: float    # of pairs in which the first one is larger; 0.5: none


def ranks_of(values):
    """Rank of each value, from 1, and the sum of t^3 - t over all ties."""
    order = sorted(range(len(values)), key=values.__getitem__)
    ranks, ties, first = [0.0] * len(values), 0, 0
    while first < len(order):
        last = first
        while (last + 1 < len(order)
               and values[order[last + 1]] == values[order[first]]):
            last += 1
        for place in range(first, last + 1):
            ranks[order[place]] = (first + last) / 2 + 1
        ties += (last - first + 1) ** 3 - (last - first + 1)
        first = last + 1
    return ranks, ties


def compare(first, second):
    """A Verdict on two lists of numbers."""
    m, n = len(first), len(second)
    ranks, ties = ranks_of(list(first) + list(second))
    u = sum(ranks[:m]) - m * (m + 1) / 2
    total = m + n
    variance = m * n / 12 * (total + 1 - ties / (total * (total - 1)))
    if variance <= 0:  # all the same
        return Verdict(0.0, 1.0, 0.5)
    z = (u - m * n / 2) / math.sqrt(variance)
    return Verdict(z, math.erfc(abs(z) / math.sqrt(2)), u / (m * n))
