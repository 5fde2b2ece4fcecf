"""
A plan in its folder: written as it is made, read when it is asked for, so that memory holds no more of it than is worked on.

`plan/create-<entity>.parquet`, one Parquet a frame, and `plan.json` with the id, which is written last.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from weakref import WeakValueDictionary

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from crmetl.batch import text_frame
from crmetl.disk import PACKED, full_disk, read_frame, write_table
from crmetl.plan import FRAMES, Plan, PlanPrint
from crmetl.plan.prints import Column

LARGE = ("crosswalk", "loaded")
"""Frames with a row per record that only writing needs: not kept in memory once nobody holds them."""

AT_ONCE = 25_000
"""Rows of a file that are read together (a Parquet row group)."""


class PlanFolder:
    """Takes a plan part by part (a `PlanSink`) and writes it down at once."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._print = PlanPrint()
        self._writers: dict[str, pq.ParquetWriter] = {}

    def create(self, entity: str, rows: pd.DataFrame) -> None:
        """Write the new rows of an entity."""
        self._print.create(entity, rows)
        ordered = rows if rows["group"].is_monotonic_increasing else rows.sort_values("group", kind="stable")
        write_table(self._path(f"create-{entity}"), pa.Table.from_pandas(ordered), at_once=AT_ONCE)

    def add(self, name: str, rows: pd.DataFrame) -> None:
        """Write rows of a frame below those that are there."""
        if not len(rows) and name in self._writers:
            return
        self._print.add(name, rows)
        table = pa.table({column: pa.array(rows[column].astype("str"), pa.large_string()) for column in FRAMES[name]})
        if name in LARGE and not rows["group"].is_monotonic_increasing:
            table = table.sort_by([("entity", "ascending"), ("group", "ascending")])
        with full_disk(self.folder):
            if name not in self._writers:
                self._writers[name] = pq.ParquetWriter(self._path(name).with_suffix(".part"), table.schema, **PACKED)
            self._writers[name].write_table(table, row_group_size=AT_ONCE)

    def done(self, counts: Mapping[str, Mapping[str, int]], prints: Mapping[str, str]) -> tuple[Plan, str]:
        """Close the files, write the id; return the plan as it now stands in the folder."""
        for name in FRAMES:
            if name not in self._writers:
                self.add(name, pd.DataFrame(columns=list(FRAMES[name]), dtype="str"))
            self._writers[name].close()
            self._path(name).with_suffix(".part").replace(self._path(name))
        ident = self._print.ident(prints)
        head = json.dumps({"plan": ident, "counts": counts, "prints": prints}, ensure_ascii=False, indent=1)
        with full_disk(self.folder):
            (self.folder / "plan.part").write_text(head, "utf-8")
            (self.folder / "plan.part").replace(self.folder / "plan.json")
        return _stored(self.folder, counts, prints), ident

    def _path(self, name: str) -> Path:
        return self.folder / f"{name}.parquet"


class Creates(Mapping[str, pd.DataFrame]):
    """Entity -> new rows, each read when it is asked for and let go of when nobody holds it."""

    def __init__(self, folder: Path) -> None:
        self._paths = _create_files(folder)
        self._held: WeakValueDictionary[str, pd.DataFrame] = WeakValueDictionary()

    def __getitem__(self, entity: str) -> pd.DataFrame:
        """Return the new rows of an entity."""
        return _once(self._held, entity, self._paths[entity])

    def __iter__(self) -> Iterator[str]:
        """Name the entities."""
        return iter(self._paths)

    def __len__(self) -> int:
        """Return the number of entities."""
        return len(self._paths)


class _StoredPlan(Plan):
    """A plan whose frames come from its folder when they are first asked for; those that are LARGE each time."""

    folder: Path
    held: "WeakValueDictionary[str, pd.DataFrame]"

    def __getattr__(self, name: str) -> pd.DataFrame:
        """Read a frame."""
        if name not in FRAMES:
            raise AttributeError(name)
        path = self.folder / f"{name}.parquet"
        if name in LARGE:
            return _once(self.held, name, path)
        frame = read_frame(path)
        object.__setattr__(self, name, frame)
        return frame

    def size(self, name: str) -> int:
        """Return the number of rows of a frame."""
        return _Stored(self.folder / f"{name}.parquet").size

    def changes(self) -> pd.DataFrame:
        """Return the operations that are no creates."""
        parts = [part[part["kind"] != "create"] for part in self._read("operations", {}, without=("kind", "create"))]
        return pd.concat(parts, ignore_index=True) if parts else text_frame(FRAMES["operations"])

    def new_rows(self, entity: str, columns: Sequence[str] | None = None) -> Iterator[pd.DataFrame]:
        """Yield the new rows of an entity, those of a row group at a time, index `key`."""
        stored = _Stored(self.folder / f"create-{entity}.parquet")
        for number in range(stored.groups):
            yield stored.frame(number, columns)

    def parts(self, name: str, columns: Sequence[str] | None = None) -> Iterator[pd.DataFrame]:
        """Yield a frame, the rows of a row group at a time."""
        yield from self._read(name, {}, columns=columns)

    def _near(self, name: str, entity: str, groups: "pd.Series[str] | None") -> Iterator[pd.DataFrame]:
        """Yield the rows of the row groups that may hold rows of an entity and of some groups."""
        within = {"entity": (entity, entity)}
        if groups is not None:
            if not len(groups):
                return
            within["group"] = (str(groups.min()), str(groups.max()))
        yield from self._read(name, within)

    def _read(
        self,
        name: str,
        within: Mapping[str, tuple[str, str]],
        *,
        columns: Sequence[str] | None = None,
        without: tuple[str, str] | None = None,
    ) -> Iterator[pd.DataFrame]:
        stored = _Stored(self.folder / f"{name}.parquet")
        for number in range(stored.groups):
            left_out = without is not None and stored.bounds(number, without[0]) == (without[1], without[1])
            if stored.may_hold(number, within) and not left_out:
                yield stored.frame(number, columns)


class _Stored:
    """A Parquet file of a plan, its row groups with the least and the greatest text of each column."""

    def __init__(self, path: Path) -> None:
        self._file = pq.ParquetFile(path)
        self._places = {name: place for place, name in enumerate(self._file.schema_arrow.names)}
        self.size: int = self._file.metadata.num_rows
        self.groups: int = self._file.num_row_groups if self.size else 0
        self.names = list(self._places)

    def frame(self, number: int, columns: Sequence[str] | None = None) -> pd.DataFrame:
        """Return the rows of a row group, with their index."""
        names = None if columns is None else list(columns)
        frame: pd.DataFrame = self._file.read_row_group(number, columns=names, use_pandas_metadata=True).to_pandas()
        return frame

    def column(self, name: str, entity: str | None = None) -> pa.Array:
        """Return the cells of a column, those of an entity alone."""
        parts = []
        for number in range(self.groups):
            known = None if entity is None else self.bounds(number, "entity")
            if entity is not None and known is not None and not known[0] <= entity <= known[1]:
                continue
            some = self._file.read_row_group(number, columns=[name])[name].cast(pa.large_string())
            if entity is not None and known != (entity, entity):
                some = some.filter(pc.equal(self._file.read_row_group(number, columns=["entity"])["entity"], entity))
            parts += some.chunks
        return pa.concat_arrays(parts) if parts else pa.array([], pa.large_string())

    def entities(self) -> dict[str, int]:
        """Return entity -> number of its rows."""
        counted = pc.value_counts(self.column("entity"))
        return {one["values"]: one["counts"] for one in counted.to_pylist()}

    def may_hold(self, number: int, within: Mapping[str, tuple[str, str]]) -> bool:
        """Say whether a row group may hold rows whose columns are within bounds."""
        known = ((self.bounds(number, name), low, high) for name, (low, high) in within.items())
        return all(bounds is None or (bounds[0] <= high and low <= bounds[1]) for bounds, low, high in known)

    def bounds(self, number: int, name: str) -> tuple[str, str] | None:
        """Return the least and the greatest text of a column in a row group, None where they are not known."""
        found = self._file.metadata.row_group(number).column(self._places[name]).statistics
        return (found.min, found.max) if found is not None and found.has_min_max else None


def stored_id(folder: Path, prints: Mapping[str, str]) -> str:
    """
    Return the id that the files of a plan give, as `plan_id` does of the plan; a column is in memory at a time.

    Args:
        prints: What the plan was made from.
    """
    found = PlanPrint()
    for entity, path in _create_files(folder).items():
        stored = _Stored(path)
        found.take(f"create {entity}", stored.names, stored.size, stored.column)
    for name in FRAMES:
        stored = _Stored(folder / f"{name}.parquet")
        for entity, size in stored.entities().items():
            found.take(f"{name} {entity}", stored.names, size, _column_of(stored, entity))
    return found.ident(prints)


def _column_of(stored: _Stored, entity: str) -> Column:
    return lambda name: stored.column(name, entity)


def _create_files(folder: Path) -> dict[str, Path]:
    return {path.stem.removeprefix("create-"): path for path in sorted(folder.glob("create-*.parquet"))}


def _once(held: "WeakValueDictionary[str, pd.DataFrame]", name: str, path: Path) -> pd.DataFrame:
    frame = held.get(name)
    if frame is None:
        frame = held[name] = read_frame(path)
    return frame


def _stored(folder: Path, counts: Mapping[str, Mapping[str, int]], prints: Mapping[str, str]) -> Plan:
    # Not by the constructor, which would ask for all frames; a copy with other frames (`replace`) goes through it.
    plan = object.__new__(_StoredPlan)
    for name, value in {
        "folder": folder,
        "held": WeakValueDictionary(),
        "creates": Creates(folder),
        "counts": counts,
        "prints": prints,
    }.items():
        object.__setattr__(plan, name, value)
    return plan


def stored_plan(folder: Path) -> tuple[Plan, str] | None:
    """Return the plan of a folder and the id that was written with it; None where there is no whole plan."""
    path = folder / "plan.json"
    if not path.exists():
        return None
    head = json.loads(path.read_bytes())
    return _stored(folder, head["counts"], head["prints"]), str(head["plan"])
