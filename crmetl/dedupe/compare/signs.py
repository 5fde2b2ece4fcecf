"""Short texts as rows of characters, so that many pairs of them are held against each other at once."""

from functools import cached_property

import numpy as np
import numpy.typing as npt

from crmetl.dedupe.compare.codes import Codes, Mask, Numbers, Texts

WIDTH = 8
"""Characters of a row; few Chinese names are longer, and those are told by `wide`."""

Rows = npt.NDArray[np.uint32]


class Signs:
    """
    Texts as characters.

    Attributes:
        lengths: Text -> its number of characters.
    """

    def __init__(self, values: Texts) -> None:
        self._values = values.tolist()
        self.lengths: Numbers = np.array([len(one) for one in self._values], dtype=np.int64)

    @cached_property
    def wide(self) -> Mask:
        """Say which texts have more than WIDTH characters."""
        out: Mask = self.lengths > WIDTH
        return out

    @cached_property
    def rows(self) -> Rows:
        """Return the first characters of each text, 0 behind its end."""
        return _rows(self._values)

    @cached_property
    def backwards(self) -> Rows:
        """Return the last characters of each text, the last one first."""
        return _rows([one[: -WIDTH - 1 : -1] for one in self._values])

    def one_other(self, a: Codes, b: Codes) -> Mask:
        """
        Say which texts of one length differ in one character.

        >>> signs = Signs(np.array(["王小明", "王小朋", "李大朋"], dtype=object))
        >>> signs.one_other(np.array([0, 0]), np.array([1, 2])).tolist()
        [True, False]
        """
        out: Mask = (self.rows[a] != self.rows[b]).sum(axis=1) == 1
        return out

    def one_left_out(self, short: Codes, long: Codes) -> Mask:
        """
        Say which texts are another of one character more without one of its characters.

        >>> signs = Signs(np.array(["欧霁川", "欧阳霁川", "欧阳霁山"], dtype=object))
        >>> signs.one_left_out(np.array([0, 0]), np.array([1, 2])).tolist()
        [True, False]
        """
        ahead, behind = (_in_common(rows[short], rows[long]) for rows in (self.rows, self.backwards))
        out: Mask = ahead + behind >= self.lengths[short]
        return out


def _rows(values: list[str]) -> Rows:
    packed = np.array(values, dtype=f"U{WIDTH}")
    out: Rows = packed.view(np.uint32).reshape(len(values), WIDTH)
    return out


def _in_common(left: Rows, right: Rows) -> Numbers:
    """Return how many characters two texts have in common before they differ."""
    out: Numbers = np.logical_and.accumulate(left == right, axis=1).sum(axis=1)
    return out
