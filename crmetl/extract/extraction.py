"""One source, from its files to chunks of rows with id and place; and the account of what was read."""

import hashlib
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType

import pandas as pd
import pyarrow as pa

from crmetl.batch import FINDING, PLACE, SOURCE
from crmetl.errors import CrmetlError, MachineError, SourceError
from crmetl.extract.bounded.guard import counted, guarded
from crmetl.extract.bounded.pool import Reading, begin
from crmetl.extract.container import unreadable
from crmetl.extract.events import Aside, Event, FileFault, Hint, Member, Opened, Pins, Rows
from crmetl.extract.files import find_files, shown
from crmetl.extract.identity import Seen, row_ids
from crmetl.extract.limits import Limits
from crmetl.extract.manifest import FileEntry, TableEntry
from crmetl.faults import Fault, Severity
from crmetl.faults import extract as faults
from crmetl.project.model import Database, Source
from crmetl.project.secret import filled
from crmetl.text import Text

ASIDE = ("source", "place", "rule")
AHEAD = 4_000_000
"""Bytes of two files below which reading them at once gains less than a second process costs."""


@dataclass
class _Account:
    """What adds up while the files are read."""

    files: list[FileEntry] = field(default_factory=list)
    findings: list[tuple[str | None, str | None, str, str | None, str, str]] = field(default_factory=list)
    aside: list[tuple[str, str, str]] = field(default_factory=list)
    columns: dict[str, None] = field(default_factory=dict)
    held: set[str] = field(default_factory=set)


class Extraction:
    """
    The rows of one source, once: iterate `chunks()`, then ask for the account.

    `findings` grows while the chunks come: those of a chunk's rows are there when the chunk is. A finding with a `rid` is
    about that row (the row id; records get theirs in mapping) and with severity `hold` asks that the row waits; `held()`
    gives those ids. A finding without `rid` is about a file.
    """

    def __init__(
        self,
        source: Source,
        root: Path,
        *,
        chunk: int,
        limits: Limits,
        progress: Callable[[int], None] | None,
        severities: Mapping[str, Severity],
        env: Mapping[str, str],
    ) -> None:
        self._source, self._root, self._chunk, self._limits, self._env = source, root, chunk, limits, env
        self._progress, self._severities = progress, severities
        self._account = _Account()

    @property
    def manifest(self) -> tuple[FileEntry, ...]:
        """The files read so far."""
        return tuple(self._account.files)

    @property
    def findings(self) -> pd.DataFrame:
        """Columns FINDING; `entity` is NA: no record is made yet."""
        rows = self._account.findings
        frame = pd.DataFrame(rows, columns=["rid", "place", "source", "column", "code", "severity"], dtype="str")
        return frame.assign(entity=pd.Series([None] * len(rows), dtype="str"))[list(FINDING)]

    @property
    def aside(self) -> pd.DataFrame:
        """Columns source, place, rule: every filled physical row that was not delivered."""
        return pd.DataFrame(self._account.aside, columns=list(ASIDE), dtype="str")

    @property
    def columns(self) -> tuple[str, ...]:
        """Headers found, in the order of their first coming."""
        return tuple(self._account.columns)

    def held(self) -> set[str]:
        """Return the ids of the rows, of those that came so far, that have a finding of severity `hold`."""
        return self._account.held

    def chunks(self) -> Iterator[pd.DataFrame]:
        """
        Yield the rows.

        Returns:
            Frames of at most `chunk` rows, each of one layout (files of other headers come in frames of their own). Index
            `id`; columns are the headers found, text with NA for blank, then `_source` and `_row`.

        Raises:
            SourceError: A pattern matches no file, or a file cannot be read, and the source is not optional.
            MachineError: A file may not be opened.
        """
        self._account = _Account()
        seen, waiting = Seen(), _Waiting(self._chunk)
        for rows in self._all_rows():
            for full in waiting.add(rows):
                yield self._frame(full, seen)
        for rest in waiting.rest():
            yield self._frame(rest, seen)

    def _all_rows(self) -> Iterator["_Placed"]:
        for path, reading in self._begun(self._files()):
            yield from self._file(shown(path, self._root), reading, path)
        for one in self._source.reads:
            if isinstance(one, Database):
                yield from self._file(str(one).partition("!")[0], self._database(one), None)

    def _database(self, one: Database) -> Iterator[Event]:
        from crmetl.extract.database import read_database  # noqa: PLC0415 only sources that are databases need it

        url = filled(one.url, self._env, where=self._source.file or None, encode=True)
        place = Path(str(one))
        events = read_database(url, one.table, one.query, self._hint(place), self._root)
        return guarded(counted(events, place, self._limits), place, str(one))

    def _begun(self, files: tuple[Path, ...]) -> Iterator[tuple[Path, Reading]]:
        """Yield each file with its reading; of large ones the next is begun while the rows of one are taken."""
        ahead: Reading | None = None
        try:
            for at, path in enumerate(files):
                reading = ahead or self._begin(path)
                following = files[at + 1] if at + 1 < len(files) else None
                ahead = self._begin(following) if following and _size(path) + _size(following) > AHEAD else None
                yield path, reading
        finally:
            if ahead:
                ahead.close()

    def _begin(self, path: Path) -> Reading:
        return begin(self._source.format, path, self._hint(path), self._limits, shown(path, self._root))

    def _files(self) -> tuple[Path, ...]:
        found: dict[Path, None] = {}
        for pattern in (one for one in self._source.reads if isinstance(one, str)):
            matched = find_files(self._root, pattern)
            if not matched:
                self._missing(pattern)
            found.update(dict.fromkeys(matched))
        return tuple(sorted(found, key=lambda path: shown(path, self._root)))

    def _missing(self, pattern: str) -> None:
        if self._source.optional:
            self._note(faults.SOURCE_MISSING, pattern)
            return
        raise SourceError(
            Text(
                f"来源 {self._source.source}：没有文件符合 {pattern}", f"source {self._source.source}: no file matches {pattern}"
            ),
            where=str(self._root),
            next=Text(
                "检查 source_root 与映射中的 reads；可有可无的来源可声明 optional: true",
                "check source_root and `reads` in the mapping; a source you can do without may be `optional: true`",
            ),
        )

    def _note(self, fault: Fault, place: str, column: str | None = None, rid: str | None = None) -> None:
        severity = self._severities.get(fault.code, fault.severity)
        self._account.findings.append((rid, place, self._source.source, column, fault.code, severity))
        if rid and severity == "hold":
            self._account.held.add(rid)

    def _file(self, name: str, reading: Iterable[Event], path: Path | None) -> Iterator["_Placed"]:
        """Read one file (or database, which has no path) into rows whose places are whole, and write its manifest."""
        tables: list[TableEntry] = []
        aside: dict[str, int] = {}
        members: list[FileEntry] = []
        try:
            entry = FileEntry(name, *(fingerprint(path) if path else ("", 0)))
            for event in reading:
                match event:
                    case Rows():
                        yield _Placed(event, name)
                    case Aside():
                        aside[event.rule] = aside.get(event.rule, 0) + len(event.places)
                        self._account.aside += [(self._source.source, f"{name}!{one}", event.rule) for one in event.places]
                    case FileFault():
                        self._note(event.fault, f"{name}!{event.place}" if event.place else name, event.column)
                    case Member():
                        members.append(_closed(entry, tables, aside))
                        entry, tables, aside = FileEntry(f"{name}!{event.name}", event.sha256, event.bytes), [], {}
                    case TableEntry():
                        tables.append(event)
                        self._account.columns.update(dict.fromkeys(event.columns))
                    case Opened():
                        entry = replace(
                            entry, engine=event.engine, encoding=event.encoding, encoding_score=event.encoding_score,
                            runner_up=event.runner_up, hidden=event.hidden,
                        )  # fmt: skip
        except SourceError as unread:
            if not self._source.optional:
                raise SourceError(unread.what, where=name if path else unread.where, next=unread.next) from None
            self._note(faults.FILE_UNREADABLE, name)
            entry = FileEntry(name, *(_fingerprint_if_any(path) if path else ("", 0)))
        self._account.files += [*members, _closed(entry, tables, aside)]

    def _hint(self, path: Path) -> Hint:
        source = self._source
        keys = {column for made in source.entities.values() for column in made.key}
        known = frozenset({name for name, column in source.columns.items() if column.to} | keys)
        table = source.table
        password = filled(table.password, self._env, where=source.file or None) if table.password else None
        pins = Pins(table.sheet, table.header, table.encoding, table.delimiter, table.last_row, password)
        return Hint(pins, known, source.internal_domains, self._chunk, path.stem)

    def _frame(self, placed: list["_Placed"], seen: Seen) -> pd.DataFrame:
        """Join pieces of one layout into a frame with ids, and bind the row faults to them."""
        table = pa.concat_tables([one.rows.table for one in placed])
        ids = row_ids(self._source.source, table.drop_columns(list(placed[0].rows.borrowed)), seen)
        places = [place for one in placed for place in one.places()]
        start = 0
        for one in placed:
            for fault in one.rows.faults:
                self._note(fault.fault, places[start + fault.at], fault.column, ids.iloc[start + fault.at])
            start += len(one.rows.places)
        if self._progress:
            self._progress(len(places))
        frame: pd.DataFrame = table.to_pandas()
        lineage = {SOURCE: [self._source.source] * len(places), PLACE: places}
        out = pd.concat([frame.astype("str"), pd.DataFrame(lineage, dtype="str")], axis=1)
        return out.set_axis(pd.Index(ids, name="id"), axis=0)


def _closed(entry: FileEntry, tables: list[TableEntry], aside: Mapping[str, int]) -> FileEntry:
    return replace(entry, tables=tuple(tables), rows=sum(one.rows for one in tables), aside=dict(sorted(aside.items())))


@dataclass(frozen=True)
class _Placed:
    """Rows of a file."""

    rows: Rows
    file: str

    def places(self) -> list[str]:
        return [f"{self.file}!{one}" for one in self.rows.places]

    def cut(self, at: int) -> "tuple[_Placed, _Placed]":
        """Return the first `at` rows, and the others."""
        rows = self.rows
        first = tuple(one for one in rows.faults if one.at < at)
        later = tuple(replace(one, at=one.at - at) for one in rows.faults if one.at >= at)
        front = replace(rows, table=rows.table.slice(0, at), places=rows.places[:at], faults=first)
        back = replace(rows, table=rows.table.slice(at), places=rows.places[at:], faults=later)
        return replace(self, rows=front), replace(self, rows=back)

    def layout(self) -> tuple[list[str], tuple[str, ...]]:
        return self.rows.table.column_names, self.rows.borrowed


class _Waiting:
    """Gathers rows of one layout until a chunk is full, so that a thousand small files give few frames."""

    def __init__(self, chunk: int) -> None:
        self._chunk, self._rows, self._count = chunk, list[_Placed](), 0

    def add(self, placed: _Placed) -> Iterator[list[_Placed]]:
        if self._rows and self._rows[-1].layout() != placed.layout():
            yield from self.rest()
        while self._count + len(placed.rows.places) >= self._chunk:
            first, placed = placed.cut(self._chunk - self._count)
            self._rows.append(first)
            yield from self.rest()
        if placed.rows.places:
            self._rows.append(placed)
            self._count += len(placed.rows.places)

    def rest(self) -> Iterator[list[_Placed]]:
        rows, self._rows, self._count = self._rows, [], 0
        if rows:
            yield rows


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0


def fingerprint(path: Path) -> tuple[str, int]:
    """
    Return sha256 and size.

    Raises:
        SourceError, MachineError: The file cannot be opened.
    """
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest(), path.stat().st_size
    except PermissionError:
        raise MachineError(
            Text("没有读取权限", "permission to read is missing"),
            where=str(path),
            next=Text("给运行 crmetl 的用户读取权限", "give the user who runs crmetl the right to read it"),
        ) from None
    except OSError as gone:
        raise unreadable(path, type(gone).__name__) from None


def _fingerprint_if_any(path: Path) -> tuple[str, int]:
    try:
        return fingerprint(path)
    except CrmetlError:
        return "", 0


def extract(
    source: Source,
    *,
    root: Path,
    chunk: int = 20_000,
    limits: Limits = Limits(),  # noqa: B008 a frozen value
    progress: Callable[[int], None] | None = None,
    severities: Mapping[str, Severity] = MappingProxyType({}),
    env: Mapping[str, str] = os.environ,
) -> Extraction:
    """
    Read one source.

    Args:
        source: What to read, and how its table stands.
        root: The source root, which `source.reads` is relative to.
        chunk: Most rows of a frame.
        limits: What one file may cost.
        progress: Called with the number of rows that have just come.
        severities: Code -> severity, where the project has its own.
        env: Environment, for passwords that the mapping refers to.

    Returns:
        The extraction; nothing is read before its `chunks()` are iterated, and errors come from there.
    """
    own = {name: value for name, value in source.limits.model_dump().items() if value is not None}
    limits = replace(limits, **own)
    return Extraction(source, root, chunk=chunk, limits=limits, progress=progress, severities=severities, env=env)
