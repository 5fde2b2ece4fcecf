"""How much one input may cost; an error that a limit causes names the option."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Limits:
    """
    Bounds of one file.

    Attributes:
        unpacked_mb: Largest total size of an archive's members (a workbook is one), from its central directory.
        ratio: Largest ratio of unpacked to packed size; asked only above 64 MB unpacked, since small sheets of one
            repeated value pack better than any attack needs to (deflate ends at 1,032).
        entries: Most members of an archive.
        cell_chars: Longest cell of a delimited text; Excel itself ends at 32,767.
        message_mb: Largest mail read whole; what is longer is cut behind it.
    """

    unpacked_mb: int = 2_048
    ratio: int = 300
    entries: int = 10_000
    cell_chars: int = 1_000_000
    message_mb: int = 64
