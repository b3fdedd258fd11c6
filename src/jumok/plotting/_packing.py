"""Attention weights as few characters: quantised, compressed, in base64."""

import base64
import zlib
from dataclasses import dataclass
from math import ceil

import numpy as np
from numpy.typing import NDArray

# Sixteen bits where that costs next to nothing, one byte as a rule, and less for noise, which
# no compression makes smaller.
EXACT_LEVELS, BYTE_LEVELS = 65535, 255
COARSER_LEVELS = (191, 127, 95, 63, 47, 31, 23, 15, 11, 7, 3)
EXACT_LIMIT = 4_000
LIMIT = 48_000
LIMIT_PER_VALUE = 48_000 / (6 * 8 * 40 * 40)


@dataclass(frozen=True)
class PackedWeights:
    """Weights and mask as text, and what a reader needs to know to unpack them.

    Attributes:
        text: base64 of zlib's format. Inside: the levels, one byte each, or all high bytes and then
            all low bytes where there are more than 256 of them; then the mask, eight cells a byte.
        levels: the level of the largest weight; level 0 is weight 0.
        scale: the weight of the highest level: 1, or the largest weight where that is more.
    """

    text: str
    levels: int
    scale: float

    @property
    def error(self) -> float:
        """No weight is further than this from what was packed."""
        return self.scale / (2 * self.levels)


def pack(weights: NDArray[np.float64], mask: NDArray[np.bool_] | None = None) -> PackedWeights:
    """Pack weights of any shape, none of them negative, and a mask after them.

    Sixteen bits a weight where the whole takes 4 KB at most; else one byte, for an error of at
    most 1/510; fewer levels only where the text would be longer than 48 KB (for more than 76,800
    weights: than that share of them).
    """
    scale = max(1.0, float(weights.max()))
    limit = max(LIMIT, ceil(weights.size * LIMIT_PER_VALUE))
    for levels in (EXACT_LEVELS, BYTE_LEVELS, *COARSER_LEVELS):
        if levels == EXACT_LEVELS and weights.size * 2 * 4 / 3 > 4 * EXACT_LIMIT:
            continue  # it never compresses to a quarter
        text = _compress(np.rint(weights / scale * levels), levels, mask)
        if len(text) <= (EXACT_LIMIT if levels == EXACT_LEVELS else limit):
            break
    return PackedWeights(text, levels, scale)


def _compress(steps: NDArray[np.float64], levels: int, mask: NDArray[np.bool_] | None) -> str:
    whole = steps.astype(np.uint16).ravel()
    parts = [whole >> 8, whole & 255] if levels > BYTE_LEVELS else [whole]
    data = b"".join(part.astype(np.uint8).tobytes() for part in parts)
    if mask is not None:
        data += np.packbits(mask).tobytes()
    # Repetitions are worth finding in maps of a few clear cells, and cost space in noisy ones.
    strategies = (zlib.Z_DEFAULT_STRATEGY, zlib.Z_FILTERED, zlib.Z_HUFFMAN_ONLY)
    compressors = [zlib.compressobj(9, zlib.DEFLATED, 15, 9, strategy) for strategy in strategies]
    smallest = min((each.compress(data) + each.flush() for each in compressors), key=len)
    return base64.b64encode(smallest).decode("ascii")


def unpack(packed: PackedWeights, shape: tuple[int, ...]) -> NDArray[np.float64]:
    """The weights again, without the mask: what the page's script does.

    >>> packed = pack(np.array([[0.25, 0.75]]))
    >>> np.abs(unpack(packed, (1, 2)) - [[0.25, 0.75]]).max() <= packed.error
    np.True_
    """
    data = np.frombuffer(zlib.decompress(base64.b64decode(packed.text)), dtype=np.uint8)
    size = int(np.prod(shape))
    steps = data[:size].astype(np.float64)
    if packed.levels > BYTE_LEVELS:
        steps = steps * 256 + data[size : 2 * size]
    return (steps / packed.levels * packed.scale).reshape(shape)
