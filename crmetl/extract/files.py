"""The files of a source: patterns below the root, in an order that does not depend on the disk."""

import unicodedata
from fnmatch import fnmatchcase
from pathlib import Path

from crmetl.extract.leftover import is_leftover
from crmetl.project.model import Source

_PACKED = (".xlsx", ".xlsm", ".ods")


def _plain(text: str) -> str:
    return unicodedata.normalize("NFC", text)


def shown(path: Path, root: Path) -> str:
    """
    Return the path as people are told it: below the root, with `/`, composed characters.

    >>> shown(Path("/srv/in/客户/华东.xlsx"), Path("/srv/in"))
    '客户/华东.xlsx'
    """
    inside = path.relative_to(root) if path.is_relative_to(root) else path
    return _plain(inside.as_posix())


def find_files(root: Path, pattern: str) -> tuple[Path, ...]:
    """
    Return the files that a pattern means, sorted by name.

    A name that macOS has stored in decomposed characters (`é` as two) is found as well; a root that does not exist has none.
    """
    given = Path(pattern)
    if given.is_absolute():
        found = list(Path(given.anchor).glob(str(given.relative_to(given.anchor))))
    else:
        found = list(root.glob(pattern)) or _composed(root, _plain(pattern))
    files = (one for one in found if one.is_file() and not is_leftover(one))
    return tuple(sorted(files, key=lambda one: shown(one, root)))


def bytes_of(source: Source, root: Path) -> int:
    """Return about how much there is to read, in bytes of plain text: a workbook packs its cells to a quarter or less."""
    found = {path for pattern in source.reads if isinstance(pattern, str) for path in find_files(root, pattern)}
    return sum(path.stat().st_size * (4 if path.suffix.lower() in _PACKED else 1) for path in found)


def _composed(root: Path, pattern: str) -> list[Path]:
    """Match composed names, level by level as `glob` does."""
    depth = pattern.count("/")
    names = ((one, shown(one, root)) for one in root.rglob("*"))
    return [one for one, name in names if ("**" in pattern or name.count("/") == depth) and fnmatchcase(name, pattern)]
