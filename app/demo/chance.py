"""Chance without a generator: a number is the hash of a seed, a stream's name and a count.

Every story draws from a stream of its own, so that neither the size of the demo nor the order of
its parts changes what an earlier story drew.
"""

import math
from collections.abc import Mapping, Sequence
from hashlib import sha256
from itertools import count
from typing import TypeVar

T = TypeVar("T")


def u(seed: int, stream: str, i: int) -> float:
    """The i-th number of a stream, from 0 up to 1."""
    digest = sha256(f"{seed}:{stream}:{i}".encode()).digest()
    return int.from_bytes(digest[:8], "big") / 2**64


class Chance:
    """Draws the numbers of one stream, one after the other."""

    def __init__(self, seed: int, stream: str) -> None:
        self.seed = seed
        self.stream = stream
        self._counter = count()

    def draw(self) -> float:
        """The next number, from 0 up to 1."""
        return u(self.seed, self.stream, next(self._counter))

    def happens(self, percent: float) -> bool:
        """Whether something happens that happens in so many cases of a hundred."""
        return self.draw() * 100 < percent

    def whole(self, least: int, most: int) -> int:
        """A whole number, both ends included."""
        return least + min(int(self.draw() * (most - least + 1)), most - least)

    def one_of(self, options: Sequence[T]) -> T:
        """One of several, all alike."""
        return options[self.whole(0, len(options) - 1)]

    def weighted(self, options: Mapping[T, float]) -> T:
        """One of several, each as often as its weight says."""
        left = self.draw() * sum(options.values())
        for option, weight in options.items():
            left -= weight
            if left < 0:
                return option
        return list(options)[-1]  # the sum was rounded

    def lognormal(self, median: float, sigma: float) -> float:
        """Around a median, with a long tail upwards."""
        radius = math.sqrt(-2 * math.log(1 - self.draw()))
        return median * math.exp(sigma * radius * math.cos(2 * math.pi * self.draw()))

    def weibull(self, shape: float, scale: float) -> float:
        """A time to failure."""
        return scale * math.pow(-math.log(1 - self.draw()), 1 / shape)
