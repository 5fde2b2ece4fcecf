"""The store itself: every read is one query, every write one transaction that other writers can share the tables with."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import pandas as pd
from sqlalchemy import ColumnElement, Connection, Insert, Table, inspect, select
from sqlalchemy.dialects import mysql, postgresql, sqlite
from sqlalchemy.engine import URL

from crmetl.batch import text_frame
from crmetl.errors import TargetError
from crmetl.load.connect import WRITES, masked, reading_engine, sqlite_file, translated, writing_engine
from crmetl.load.refusals import Refused, Transient
from crmetl.load.retry import patiently
from crmetl.store.tables import CORRECTION, CORRECTIONS, DECISION, DECISIONS, META, SEEN, TEXTS, UPGRADES, VERSION
from crmetl.text import Text

BY = ("by", "at")
VERSION_ROW = "version"
VERDICTS = ("same", "different")


class Store:
    """
    What a project remembers between runs; `crmetl.store.open_store` makes one.

    Args:
        url: Where it is.
        make: Makes the file of a SQLite store, if it is not there.
    """

    def __init__(self, url: URL, make: Callable[[], None]) -> None:
        self._url = url
        self._make = make
        self._ready = False

    def decide(self, decisions: pd.DataFrame, *, by: str, at: str) -> int:
        """
        Remember what a person decided of pairs; a later decision on the same pair takes the place of the earlier one.

        Args:
            decisions: Columns DECISION, in either order of `left` and `right`.
            by, at: Who, and when (ISO, UTC).

        Returns:
            Rows written.

        Raises:
            ValueError: A verdict that is neither "same" nor "different".
        """
        if not decisions["verdict"].isin(VERDICTS).all():
            raise ValueError(f"a verdict is one of {', '.join(VERDICTS)}")
        left, right = decisions["left"], decisions["right"]
        turned = left > right
        sides = {"left": right.where(turned, left), "right": left.where(turned, right)}
        return self._write(DECISIONS, decisions[list(DECISION)].assign(**sides, by=by, at=at))

    def decisions(self, entity: str) -> pd.DataFrame:
        """Return what was decided of an entity's pairs: columns DECISION, `by`, `at`."""
        return self._read(DECISIONS, (*DECISION, *BY), DECISIONS.c.entity == entity)

    def correct(self, corrections: pd.DataFrame, *, by: str, at: str) -> int:
        """
        Remember cells as a person corrected them; a later correction of the same cell takes the place of the earlier one.

        Args:
            corrections: Columns CORRECTION; a value NA empties the cell.
            by, at: Who, and when (ISO, UTC).

        Returns:
            Rows written.
        """
        return self._write(CORRECTIONS, corrections[list(CORRECTION)].assign(by=by, at=at))

    def corrections(self, source: str) -> pd.DataFrame:
        """Return the corrected cells of a source: columns CORRECTION, `by`, `at`."""
        return self._read(CORRECTIONS, (*CORRECTION, *BY), CORRECTIONS.c.source == source)

    def remember(self, name: str, content: str) -> None:
        """Keep a small text under a name."""
        self._write(TEXTS, pd.DataFrame({"name": [name], "content": [content]}, dtype="str"))

    def recall(self, name: str) -> str | None:
        """Return the text of a name, or None."""
        found = self._read(TEXTS, ("content",), TEXTS.c.name == name)["content"].tolist()
        return str(found[0]) if found else None

    def see(self, entity: str, hashes: "pd.Series[str]") -> None:
        """Keep what records looked like: key -> hash of the content."""
        frame = pd.DataFrame({"key": hashes.index.astype("str"), "hash": hashes.to_numpy()}, dtype="str")
        self._write(SEEN, frame.assign(entity=entity))

    def seen(self, entity: str) -> "pd.Series[str]":
        """Return what records looked like when they were last seen: key -> hash."""
        found = self._read(SEEN, ("key", "hash"), SEEN.c.entity == entity)
        return pd.Series(found["hash"].to_numpy(), index=pd.Index(found["key"], name="key"), dtype="str", name="hash")

    def _read(self, table: Table, columns: Sequence[str], only: ColumnElement[bool]) -> pd.DataFrame:
        """Return rows in the order of their key; a store that is not there holds none and stays away."""
        path = sqlite_file(self._url)
        if path is not None and not path.exists():
            return text_frame(columns)
        asked = select(*(table.c[name] for name in columns)).where(only).order_by(*table.primary_key.columns)

        def once() -> Sequence[Sequence[object]]:
            with translated(self._url), reading_engine(self._url).connect() as connection:
                return connection.execute(asked).all() if self._version(connection) else []

        rows = [tuple(one) for one in patiently(once)]
        return pd.DataFrame(rows, columns=list(columns), dtype="str") if rows else text_frame(columns)

    def _write(self, table: Table, rows: pd.DataFrame) -> int:
        """Add or replace rows in one transaction, in the order of their key, so that no two writers wait for each other."""
        keys = [one.name for one in table.primary_key.columns]
        last = rows.drop_duplicates(keys, keep="last").sort_values(keys)
        if not len(last):
            return 0
        columns = [str(name) for name in last.columns]
        whole = last.astype("object").where(last.notna(), None)
        cells = [dict(zip(columns, row, strict=True)) for row in whole.to_numpy().tolist()]
        self._prepare()

        def once() -> None:
            with self._writing() as connection:
                connection.execute(_upsert(table, connection.dialect.name), cells)

        with self._said():
            patiently(once)
        return len(last)

    @contextmanager
    def _writing(self) -> Iterator[Connection]:
        engine = writing_engine(self._url)
        with translated(self._url), engine.connect().execution_options(**{WRITES: True}) as connection, connection.begin():
            yield connection

    def _prepare(self) -> None:
        """Make the store, or bring it up to date."""
        if not self._ready:
            self._make()
            patiently(self._upgrade)
        self._ready = True

    def _upgrade(self) -> None:
        """
        Take the steps from the version that is there to this program's.

        Raises:
            Transient: Somebody else does the same at this moment; the next try finds it done.
        """
        try:
            with self._writing() as connection:
                found = self._version(connection)
                for step in UPGRADES[found:]:
                    step(connection)
                if found < VERSION:
                    row = {"name": VERSION_ROW, "version": VERSION}
                    connection.execute(_upsert(META, connection.dialect.name), [row])
        except Refused as race:
            raise Transient from race

    def _version(self, connection: Connection) -> int:
        """
        Return the version of the store, 0 where it is empty.

        Raises:
            TargetError: It is one that this program does not know.
        """
        if not inspect(connection).has_table(META.name):
            return 0
        found = int(connection.execute(select(META.c.version).where(META.c.name == VERSION_ROW)).scalar() or 0)
        if found > VERSION:
            raise TargetError(
                Text("存储库由更新版本的 crmetl 写成", "the store was written by a newer crmetl"),
                where=masked(self._url),
                next=Text("升级 crmetl 后再运行", "upgrade crmetl, then run again"),
            )
        return found

    @contextmanager
    def _said(self) -> Iterator[None]:
        """Say that the store does not take what was written; `translated` has the words for all else."""
        try:
            yield
        except Refused as refused:
            raise TargetError(
                Text(
                    f"存储库不接受所写的内容（{refused.reason}）", f"the store does not take what was written ({refused.reason})"
                ),
                where=masked(self._url),
                next=Text("编号、来源名或列名过长？", "is an id, the name of a source or of a column too long?"),
            ) from None


def _upsert(table: Table, dialect: str) -> Insert:
    """Return the statement by which the last writer wins, in the words of each database."""
    keys = [one.name for one in table.primary_key.columns]
    others = [one.name for one in table.columns if one.name not in keys]
    if dialect in ("mysql", "mariadb"):
        added = mysql.insert(table)
        return added.on_duplicate_key_update({name: added.inserted[name] for name in others})
    new = postgresql.insert(table) if dialect == "postgresql" else sqlite.insert(table)
    return new.on_conflict_do_update(index_elements=keys, set_={name: new.excluded[name] for name in others})
