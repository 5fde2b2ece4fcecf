"""
A plan in its folder: written as it is made, read when it is asked for, so that memory holds no more of it than is worked on.

`plan/create-<entity>.parquet`, one Parquet a frame, and `plan.json` with the id, which is written last.
"""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from weakref import WeakValueDictionary

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from crmetl.disk import PACKED, full_disk, read_frame, write_table
from crmetl.plan import FRAMES, Plan, PlanPrint
from crmetl.plan.gather import COLUMNS

LARGE = ("crosswalk", "loaded")
"""Frames with a row per record that only writing needs: not kept in memory once nobody holds them."""


class PlanFolder:
    """Takes a plan part by part (a `PlanSink`) and writes it down at once."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._print = PlanPrint()
        self._writers: dict[str, pq.ParquetWriter] = {}

    def create(self, entity: str, rows: pd.DataFrame) -> None:
        """Write the new rows of an entity."""
        self._print.create(entity, rows)
        write_table(self._path(f"create-{entity}"), pa.Table.from_pandas(rows))

    def add(self, name: str, rows: pd.DataFrame) -> None:
        """Write rows of a frame below those that are there."""
        if not len(rows) and name in self._writers:
            return
        self._print.add(name, rows)
        texts = {column: pa.array(rows[column].astype("str"), pa.large_string()) for column in COLUMNS[name]}
        table = pa.table(texts)
        with full_disk(self.folder):
            if name not in self._writers:
                self._writers[name] = pq.ParquetWriter(self._path(name).with_suffix(".part"), table.schema, **PACKED)
            self._writers[name].write_table(table)

    def done(self, counts: Mapping[str, Mapping[str, int]], prints: Mapping[str, str]) -> tuple[Plan, str]:
        """Close the files, write the id; return the plan as it now stands in the folder."""
        for name in FRAMES:
            if name not in self._writers:
                self.add(name, pd.DataFrame(columns=list(COLUMNS[name]), dtype="str"))
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
        self._paths = {path.stem.removeprefix("create-"): path for path in sorted(folder.glob("create-*.parquet"))}
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
