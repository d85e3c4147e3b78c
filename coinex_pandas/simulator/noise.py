"""Random numbers without state: a value is the hash of a key and a counter, so any instant can be computed alone."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import blake2b

import numpy as np
import numpy.typing as npt

__all__ = ["PRICE_OCTAVES", "Floats", "Hashes", "Ints", "bell", "draw", "hashes", "key", "path", "uniform"]

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Hashes = npt.NDArray[np.uint64]

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_FIRST = np.uint64(0xBF58476D1CE4E5B9)
_SECOND = np.uint64(0x94D049BB133111EB)

# Each octave is four times slower than the one before and, like a random walk, twice as tall: (minutes, height).
PRICE_OCTAVES: tuple[tuple[int, float], ...] = tuple((4**k, 0.6 * 2.0**k) for k in range(10))


def key(*words: object) -> int:
    """Return a 64-bit key for a name made of words."""
    text = "/".join(str(word) for word in words)
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), "big")


def hashes(of: int | Hashes, counters: npt.ArrayLike) -> Hashes:
    """Return the splitmix64 hash of each counter under a key, or under a key of its own."""
    state = np.asarray(counters).astype(np.uint64) * _GOLDEN + np.asarray(of, np.uint64)
    state = (state ^ (state >> np.uint64(30))) * _FIRST
    state = (state ^ (state >> np.uint64(27))) * _SECOND
    mixed: Hashes = state ^ (state >> np.uint64(31))
    return mixed


def draw(*words: object) -> float:
    """Return one number in [0, 1) for a name made of words."""
    return key(*words) / 2.0**64


def uniform(hashed: Hashes) -> Floats:
    """Turn hashes into numbers in [0, 1)."""
    scaled: Floats = (hashed >> np.uint64(11)).astype(np.float64) * 2.0**-53
    return scaled


def bell(hashed: Hashes) -> Floats:
    """Turn hashes into nearly normal numbers (mean 0, deviation 1, never beyond 3.5)."""
    mask = np.uint64(0xFFFF)
    total = hashed & mask
    for shift in (16, 32, 48):
        total = total + ((hashed >> np.uint64(shift)) & mask)
    # four uniform 16-bit numbers: mean 2 * 65535, variance 4 / 12 * 65536^2
    scaled: Floats = (total.astype(np.float64) - 2.0 * 65535.0) * (3.0**0.5 / 65536.0)
    return scaled


def path(of: int, minutes: Ints, octaves: Sequence[tuple[int, float]], shared: int = 0, share: float = 0.0) -> Floats:
    """Return a smooth wandering curve at whole minutes: a sum of interpolated value noise.

    Parameters
    ----------
    of : int
        Key of the curve.
    minutes : array of int
        Minutes since 1970, ascending.
    octaves : sequence of (minutes, height)
        Spacing (a power of two) and height of each layer.
    shared, share : int, float
        Key of a second curve and its weight, so that curves can move together; layers below an hour stay own.
    """
    if not len(minutes):
        return np.empty(0)
    total = np.zeros(len(minutes))
    for number, (spacing, height) in enumerate(octaves):
        common = share if spacing >= 60 else 0.0
        total += height * _layer(of + number, shared + number, common, minutes, spacing)
    return total


def _layer(of: int, shared: int, share: float, minutes: Ints, spacing: int) -> Floats:
    cell = minutes // spacing
    first = int(cell[0])
    knots = np.arange(first, int(cell[-1]) + 2)
    values = bell(hashes(of % 2**64, knots))
    if share:
        values = values * (1.0 - share * share) ** 0.5 + bell(hashes(shared % 2**64, knots)) * share
    if spacing == 1:
        return values[cell - first]
    cell -= first
    part = (minutes & (spacing - 1)) * (1.0 / spacing)
    part = part * part * (3.0 - 2.0 * part)
    left = values[cell]
    curve: Floats = left + (values[cell + 1] - left) * part
    return curve
