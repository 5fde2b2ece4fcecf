"""
The run folder `runs/<run>/`: each stage's Parquet, its reports, the plan, and the marks by which a killed run resumes.

```
runs/<run>/
  run.json                    what the run is and how far it came (status, seconds per stage, counts)
  rows/<source>/NNNN.parquet  rows as extracted, index `id`
  <stage>/<entity>/NNNN.parquet   kept records of a stage, index `rid`
  held/<entity>/NNNN.parquet  held records of all stages with `_stage`
  findings/ changes/ …        frames of columns FINDING and CHANGE
  plan/                       the plan, one Parquet a frame, and plan.json with its id
  report/                     index.html, diff.html, report.xlsx, report.json
```
"""

import json
import re
import shutil
from collections.abc import Collection, Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

import pandas as pd
import pyarrow as pa

from crmetl.disk import full_disk, read_frame, write_table
from crmetl.errors import MachineError, PlanRefused, UsageError
from crmetl.plan import Approval, Plan, hand_over
from crmetl.plan_folder import PlanFolder, stored_id, stored_plan
from crmetl.text import Text

__all__ = ["Workspace", "create", "find", "full_disk", "is_of_a_night", "listing", "read_frame", "run_name"]


Half = Literal["night", "waits"]
"""What a night wrote by itself, and what it left to a person: two runs, told apart by their names, in the ledger too."""

RUN_NAME = re.compile(r"\d{8}-\d{6}-[0-9a-z]{1,8}(?:-(?P<half>night|waits))?(?:-\d+)?")
"""What `run_name` and `create` give."""


def run_name(now: datetime, print_: str, half: Half | None = None) -> str:
    """
    Return the name of a run: its start and the head of a digest of what it reads.

    >>> run_name(datetime(2026, 9, 18, 21, 30, 4), "7c1e99", "night")
    '20260918-213004-7c1e-night'
    """
    return f"{now:%Y%m%d-%H%M%S}-{print_[:4]}" + (f"-{half}" if half else "")


def is_of_a_night(run: str) -> bool:
    """
    Say whether a run is one of the halves of a night, the second of one second included.

    >>> is_of_a_night("20260918-213004-7c1e-night-1"), is_of_a_night("20260918-213004-7c1e-1")
    (True, False)
    """
    found = RUN_NAME.fullmatch(run)
    return found is not None and found["half"] is not None


@dataclass(frozen=True)
class Workspace:
    """One run folder; every method that writes does so in one step (a temporary file, then a rename)."""

    folder: Path

    @property
    def run(self) -> str:
        """The run's name."""
        return self.folder.name

    def path(self, *parts: str) -> Path:
        """Return a path inside the run folder, its parent made."""
        path = self.folder.joinpath(*parts)
        path.parent.mkdir(parents=True, exist_ok=True)
        return path

    def append(self, place: str, frame: pd.DataFrame) -> None:
        """Add a frame (with its index) as the next part of `place` (`clean/account`)."""
        if not len(frame):
            return
        folder = self.folder / place
        number = len(list(folder.glob("*.parquet"))) if folder.exists() else 0
        self._write(self.path(place, f"{number:04d}.parquet"), frame)

    def parts(self, place: str) -> Iterator[pd.DataFrame]:
        """Yield the parts of `place` in the order they were written; nothing where there are none."""
        folder = self.folder / place
        for path in sorted(folder.glob("*.parquet")) if folder.exists() else []:
            yield read_frame(path)

    def whole(self, place: str) -> pd.DataFrame | None:
        """Return all parts of `place` below each other, or None where there are none."""
        parts = list(self.parts(place))
        return pd.concat(parts) if parts else None

    def has(self, place: str) -> bool:
        """Say whether anything was written to `place`."""
        return next((self.folder / place).glob("*.parquet"), None) is not None

    def needed(self, place: str) -> pd.DataFrame:
        """
        Return all parts of `place`, which are known to be there.

        Raises:
            FileNotFoundError: They are not.
        """
        found = self.whole(place)
        if found is None:
            raise FileNotFoundError(self.folder / place)
        return found

    def forget(self, place: str) -> None:
        """Remove the parts of `place`."""
        shutil.rmtree(self.folder / place, ignore_errors=True)

    def note(self, name: str, facts: Mapping[str, Any]) -> None:
        """Write a small JSON file."""
        self._replace(self.path(f"{name}.json"), json.dumps(facts, ensure_ascii=False, indent=1).encode())

    def noted(self, name: str) -> dict[str, Any] | None:
        """Return what `note` wrote, or None."""
        path = self.folder / f"{name}.json"
        return json.loads(path.read_bytes()) if path.exists() else None

    def write_plan(self, plan: Plan) -> str:
        """Write the plan and return its id."""
        _, ident = hand_over(plan, self.plan_folder())
        return ident

    def plan_folder(self) -> PlanFolder:
        """Return the empty folder that takes a plan as it is made; the plan that was there is gone."""
        self.forget("plan")
        self.path("plan", "plan.json")
        return PlanFolder(self.folder / "plan")

    def read_plan(self) -> tuple[Plan, str]:
        """
        Return the plan and its id, recomputed from what is in the files.

        Raises:
            PlanRefused: There is no plan, or its files no longer give the id that was written with it.
        """
        found = stored_plan(self.folder / "plan")
        if found is None and (self.noted("run") or {}).get("purged"):
            raise PlanRefused(
                Text("这次运行的文件已按期限清除", "the files of this run are gone: they were purged when their time was over"),
                where=self.run,
                next=Text(
                    "仍可 crmetl rollback；其余请重新 crmetl plan", "`crmetl rollback` still works; else run `crmetl plan`"
                ),
            )
        if found is None:
            raise PlanRefused(
                Text("这次运行没有计划", "this run has no plan"),
                where=self.run,
                next=Text("先运行 crmetl plan", "run `crmetl plan` first"),
            )
        plan, ident = found
        if stored_id(self.folder / "plan", plan.prints) != ident:
            raise PlanRefused(
                Text("计划文件在生成之后被改动过", "the plan's files were altered after it was made"),
                where=self.run,
                next=Text("重新运行 crmetl plan", "run `crmetl plan` again"),
            )
        return plan, ident

    def sign(self, approval: Approval) -> None:
        """Keep an approval beside the plan; `apply` records it in the ledger."""
        self.note("approval", asdict(approval))

    def signed(self) -> Approval | None:
        """Return the approval, or None."""
        facts = self.noted("approval")
        return Approval(**facts) if facts else None

    def _write(self, path: Path, frame: pd.DataFrame) -> None:
        write_table(path, pa.Table.from_pandas(frame))

    def _replace(self, path: Path, content: bytes) -> None:
        beside = path.with_suffix(".part")
        with full_disk(path):
            beside.write_bytes(content)
            beside.replace(path)


def create(runs: Path, name: str) -> Workspace:
    """Make a new run folder; a second run in the same second gets the next free name."""
    for number in range(100):
        folder = runs / (name if not number else f"{name}-{number}")
        with full_disk(runs):
            try:
                folder.mkdir(parents=True)
            except FileExistsError:
                continue
        return Workspace(folder)
    raise MachineError(Text("运行目录过多", "too many runs of one name"), where=str(runs))


def find(runs: Path, run: str, *, status: Collection[str] = ()) -> Workspace:
    """
    Return the run of a name, of a unique head of a name, or of `latest`: the newest that is no night's.

    A scheduler's run between a plan and its signature must not change what `latest` signs, shows or takes back.

    Args:
        status: What `latest` must have come to; any where none is given.

    Raises:
        UsageError: No run, or more than one, is called so.
    """
    notes = listing(runs)
    names = sorted(one["run"] for one in notes)
    newest = [one["run"] for one in notes if not is_of_a_night(one["run"]) and (not status or one["status"] in status)]
    fits = sorted(newest)[-1:] if run == "latest" else [n for n in names if n == run] or [n for n in names if n.startswith(run)]
    if len(fits) == 1:
        return Workspace(runs / fits[0])
    raise UsageError(
        Text(
            f"没有名为 {run} 的运行" if not fits else f"{run} 对应 {len(fits)} 次运行",
            f"no run is called {run}" if not fits else f"{run} fits {len(fits)} runs",
        ),
        where=str(runs),
        next=Text("crmetl runs 列出全部运行", "`crmetl runs` lists them"),
    )


def listing(runs: Path) -> list[dict[str, Any]]:
    """Return run.json of every run, newest first."""
    folders = sorted(runs.iterdir(), reverse=True) if runs.exists() else []
    notes = (Workspace(folder).noted("run") for folder in folders if folder.is_dir())
    return [one for one in notes if one]
