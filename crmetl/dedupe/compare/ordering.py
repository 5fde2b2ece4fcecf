"""Keys in order together with their places: one sort of packed words, several times quicker than `argsort`."""

import numpy as np

from crmetl.dedupe.compare.codes import Keys, Numbers

WIDE = 64


def in_key_order(keys: Keys, *, hashes: bool = False) -> tuple[Keys, Numbers]:
    """
    Return keys in order, and the place of each; equal keys as they stand.

    Args:
        hashes: The last bits of keys that leave no room for a place beside them may give way: of a million different hashes two
            are then taken for one with a chance of 3 %.

    >>> keys, places = in_key_order(np.array([7, 3, 7], dtype=np.uint64))
    >>> keys.tolist(), places.tolist()
    ([3, 7, 7], [1, 0, 2])
    """
    if not len(keys):
        return keys, np.zeros(0, dtype=np.int64)
    bits = max(len(keys) - 1, 1).bit_length()
    room = np.uint64(bits)
    whole = int(keys.max()).bit_length() + bits <= WIDE
    if not whole and not hashes:
        order = np.argsort(keys, kind="stable")
        return keys[order], order
    front = keys if whole else keys >> room
    packed = np.sort((front << room) | np.arange(len(keys), dtype=np.uint64))
    return packed >> room, (packed & np.uint64((1 << bits) - 1)).astype(np.int64)


def starts_of(ordered: Keys) -> Numbers:
    """
    Return where each run of equal keys begins.

    >>> starts_of(np.array([3, 7, 7], dtype=np.uint64)).tolist()
    [0, 1]
    """
    fresh = np.ones(len(ordered), dtype=bool)
    np.not_equal(ordered[1:], ordered[:-1], out=fresh[1:])
    return np.flatnonzero(fresh)
