"""Look over a folder found on somebody's old server: which files are tables, and which of them belong together."""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from itertools import takewhile
from pathlib import Path

import pandas as pd
import pyarrow as pa

from crmetl.batch import text_frame
from crmetl.errors import CrmetlError
from crmetl.extract.bounded.pool import begin
from crmetl.extract.chat import is_chat
from crmetl.extract.events import Hint, Rows
from crmetl.extract.extraction import fingerprint
from crmetl.extract.files import find_files, shown
from crmetl.extract.leftover import is_leftover
from crmetl.extract.limits import Limits
from crmetl.extract.manifest import TableEntry
from crmetl.extract.readers import ARCHIVES, is_table
from crmetl.project.model import Format
from crmetl.text import Text

MAILS = (".mbox", ".mbx", ".eml")
_NO_TABLE = Text("不是可识别的表格、邮箱或聊天记录，未读取", "it is no table, mailbox or chat export of a known kind; not read")


@dataclass(frozen=True)
class FoundTable:
    """
    One source that a folder seems to hold.

    Attributes:
        name: For the source; each different.
        format: None where the file is of no known kind.
        root: Folder that `reads` is relative to.
        reads: Glob, or paths, that mean exactly the files.
        files: The files, below `root`: monthly files of one layout are one source.
        sheet: Sheet to pin; `*` where all visible sheets of the files have this layout.
        columns: Headers.
        rows: Rows of all files.
        frame: The first rows (all of them up to the limit), columns as text with NA for blank.
        fingerprints: sha256 of each file.
        problem: Why a file could not be read.
    """

    name: str
    format: Format | None
    root: Path
    reads: tuple[str, ...]
    files: tuple[str, ...]
    sheet: str = "*"
    columns: tuple[str, ...] = ()
    rows: int = 0
    frame: pd.DataFrame = field(default_factory=lambda: text_frame(()))
    fingerprints: tuple[str, ...] = ()
    problem: Text | None = None


@dataclass(frozen=True)
class _Part:
    """One table of one file."""

    file: str
    format: Format
    sheet: str
    columns: tuple[str, ...]
    rows: int
    tables: tuple[pa.Table, ...]
    fingerprint: str


def _format(path: Path, limits: Limits) -> Format | None:
    suffix = path.suffix.lower()
    if suffix in MAILS:
        return "mbox"
    if suffix in (".txt", ".csv") and is_chat(path, limits):
        return "chat"
    return "table" if is_table(path.name) or suffix in ARCHIVES else None


def _walk(paths: Iterable[Path]) -> Iterator[Path]:
    for path in paths:
        inside = path.rglob("*") if path.is_dir() else (path,)
        yield from sorted(one for one in inside if one.is_file() and not is_leftover(one) and not one.name.startswith("."))


def _root(paths: Iterable[Path]) -> Path:
    folders = [(one if one.is_dir() else one.parent).resolve() for one in paths]
    common = folders[0]
    while not all(one.is_relative_to(common) for one in folders):
        common = common.parent
    return common


def _parts(path: Path, root: Path, kind: Format, limits: Limits, most: int) -> Iterator[_Part]:
    """Read the tables of one file; of each the first `most` rows are kept and all are counted."""
    name, digest = shown(path, root), fingerprint(path)[0]
    kept: list[pa.Table] = []
    rows = 0
    for event in begin(kind, path, Hint(name=path.stem), limits, name):
        match event:
            case Rows():
                if rows < most:
                    kept.append(event.table.slice(0, most - rows))
                rows += event.table.num_rows
            case TableEntry():
                yield _Part(name, kind, event.sheet, event.columns, rows, tuple(kept), digest)
                kept, rows = [], 0
            case _:
                pass


def inventory(
    paths: Iterable[Path],
    limits: Limits = Limits(),  # noqa: B008 a frozen value
    *,
    most: int = 50_000,
    progress: Callable[[int], None] | None = None,
) -> tuple[FoundTable, ...]:
    """
    Say what files hold.

    Args:
        paths: Files, or folders to walk.
        limits: What one file may cost.
        most: Rows of a source kept in `frame`.
        progress: Called with 1 for every file.

    Returns:
        A value per source, in the order of the first file's path; files of one folder and layout are one. A file that
        cannot be read, or is of no known kind, is one of its own with its `problem`.
    """
    given = [one.resolve() for one in paths]
    root = _root(given) if given else Path()
    groups: dict[tuple[object, ...], list[_Part]] = {}
    unread: dict[str, FoundTable] = {}
    for path in _walk(given):
        name = shown(path, root)
        kind = _format(path, limits)
        try:
            for part in _parts(path, root, kind, limits, most) if kind else ():
                groups.setdefault((kind, str(Path(name).parent), part.columns), []).append(part)
            problem = None if kind else _NO_TABLE
        except CrmetlError as broken:
            problem = broken.what
        if problem:
            unread[name] = FoundTable(path.stem, kind, root, (name,), (name,), problem=problem)
        if progress:
            progress(1)
    found = [_table(parts, root, most) for parts in groups.values() if parts[0].columns]
    return _named(sorted([*found, *unread.values()], key=lambda one: (one.files[0], one.sheet)))


def _table(parts: list[_Part], root: Path, most: int) -> FoundTable:
    files = tuple(dict.fromkeys(one.file for one in parts))
    sheets = {one.sheet for one in parts}
    tables = [table for one in parts for table in one.tables]
    joined = pa.concat_tables(tables, promote_options="default").slice(0, most) if tables else None
    columns = parts[0].columns
    frame = joined.to_pandas().astype("str") if joined is not None else text_frame(columns)
    return FoundTable(
        _stem(files),
        parts[0].format,
        root,
        _reads(files, root),
        files,
        next(iter(sheets)) or "*" if len(sheets) == 1 else "*",
        columns,
        sum(one.rows for one in parts),
        frame.reindex(columns=list(columns)).astype("str"),
        tuple(dict.fromkeys(one.fingerprint for one in parts)),
    )


def commonprefix(names: Iterable[str]) -> str:
    """
    Return the characters that all names begin with.

    >>> commonprefix(["2023-01", "2023-02"])
    '2023-0'
    """
    return "".join(column[0] for column in takewhile(lambda one: len(set(one)) == 1, zip(*names, strict=False)))


def _stem(files: tuple[str, ...]) -> str:
    stems = [Path(one).stem for one in files]
    common = re.sub(r"[\s\d_\-.年月（()）]+$", "", commonprefix(stems)) if len(stems) > 1 else stems[0]
    return common or Path(files[0]).parent.name or stems[0]


def _reads(files: tuple[str, ...], root: Path) -> tuple[str, ...]:
    """Return one glob where it means exactly these files, else their paths."""
    if len(files) == 1:
        return files
    front = commonprefix([Path(one).name for one in files])
    back = commonprefix([Path(one).name[::-1] for one in files])[::-1]
    back = Path(files[0]).suffix if len(back) < len(Path(files[0]).suffix) else back
    folder = Path(files[0]).parent.as_posix()
    pattern = f"{front}*{back}" if folder == "." else f"{folder}/{front}*{back}"
    return (pattern,) if tuple(shown(one, root) for one in find_files(root, pattern)) == tuple(sorted(files)) else files


def _named(found: list[FoundTable]) -> tuple[FoundTable, ...]:
    """Give every source a name of its own: its sheet, or a number, behind the name of its file."""
    out: list[FoundTable] = []
    taken: set[str] = set()
    shared = {one.name for one in found if sum(other.name == one.name for other in found) > 1}
    for one in found:
        wanted = f"{one.name}_{one.sheet}" if one.name in shared and one.sheet != "*" else one.name
        free = next(name for name in (wanted, *(f"{wanted}_{turn}" for turn in range(2, len(found) + 2))) if name not in taken)
        taken.add(free)
        out.append(replace(one, name=free))
    return tuple(out)
