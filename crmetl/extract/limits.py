"""How much one input may cost; an error that a limit causes names the option."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Limits:
    """
    Bounds of one file.

    Attributes:
        unpacked_mb: Largest total size of an archive's members (a workbook is one), from its central directory, and of
            what a gzip file unpacks to.
        ratio: Largest ratio of unpacked to packed size; asked only above 64 MB unpacked, since small sheets of one
            repeated value pack better than any attack needs to (deflate ends at 1,032).
        entries: Most members of an archive.
        cell_chars: Longest cell of a delimited text; Excel itself ends at 32,767.
        message_mb: Largest mail read whole; what is longer is cut behind it.
        memory_mb: Memory that the process which parses a file may take. A damaged file of one kilobyte can ask for
            gigabytes; a sheet of a million rows and 15 columns takes some 2,000 MB.
        seconds: Longest silence of that process: it tells of every chunk of rows.
        rows: Most rows of a file.
        cells: Most cells of a file, blank ones included.
    """

    unpacked_mb: int = 2_048
    ratio: int = 300
    entries: int = 10_000
    cell_chars: int = 1_000_000
    message_mb: int = 64
    memory_mb: int = 4_096
    seconds: int = 300
    rows: int = 50_000_000
    cells: int = 2_000_000_000
