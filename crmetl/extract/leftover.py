"""Files that programs leave behind; known by name, and needed by a process that loads no more than it must."""

from pathlib import Path

_LEFTOVERS = ("~$", ".~lock.", "._", ".DS_Store", "Thumbs.db", "__MACOSX")
"""Lock files of open workbooks and traces of other systems, which no pattern means."""


def is_leftover(path: Path) -> bool:
    """
    Say whether a file is a trace of a program and no source.

    >>> is_leftover(Path("客户/~$华东.xlsx")), is_leftover(Path("客户/华东.xlsx"))
    (True, False)
    """
    return any(part.startswith(_LEFTOVERS) for part in path.parts[-2:])
