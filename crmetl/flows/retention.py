"""How long run folders are kept: what holds personal data goes in time, what a run was and did stays."""

import shutil
import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Literal

from crmetl.flows.opening import now, open_project
from crmetl.project.model import Retention
from crmetl.text import Lang, Text
from crmetl.workspace import RUN_NAME, Workspace, full_disk

STONE = "run.json"
UNFINISHED = ("approved", "partly")
"""A plan that is signed and not written yet, and an apply that can be resumed: their files are still needed, as are those of
what a night left for a person."""
QUIET = timedelta(hours=1)
"""A folder in which something was written since may belong to a run that is still going on."""

Why = Literal["new", "recent", "unfinished", "running", "link"]
REASONS: dict[Why, Text] = {
    "new": Text("属于最近几次", "among the newest"),
    "recent": Text("未到期限", "not old enough"),
    "unfinished": Text("已签字未写入，或只写了一部分", "signed and not written, or partly written"),
    "running": Text("可能正在运行", "may still be running"),
    "link": Text("是符号链接，不碰", "a symbolic link, left alone"),
}


@dataclass(frozen=True)
class Purged:
    """
    What was, or would be, removed.

    Attributes:
        purged: Runs whose files go; size in bytes of what that frees.
        kept: Runs that stay, and why.
        done: They are gone; else this was only a look.
    """

    purged: Mapping[str, int]
    kept: Mapping[str, Why]
    done: bool

    @property
    def freed_mb(self) -> float:
        """Return the size of what goes, in MB."""
        return round(sum(self.purged.values()) / 1e6, 3)

    def facts(self) -> dict[str, Any]:
        """Return the JSON of `crmetl runs purge`."""
        return {"purged": list(self.purged), "kept": len(self.kept), "freed_mb": self.freed_mb, "dry_run": not self.done}

    def lines(self, lang: Lang) -> list[str]:
        """Return what a person reads."""
        head = Text(
            "已清除 {n} 次运行的文件，腾出 {m:.1f} MB；保留 {k} 次。"
            if self.done
            else "可清除 {n} 次运行的文件，腾出 {m:.1f} MB；保留 {k} 次。",
            "The files of {n} runs are gone, {m:.1f} MB are free; {k} runs are kept."
            if self.done
            else "The files of {n} runs would go and free {m:.1f} MB; {k} runs would be kept.",
        ).fill(n=len(self.purged), m=self.freed_mb, k=len(self.kept))
        stay = [f"  {run}  {REASONS[why].read(lang)}" for run, why in self.kept.items() if why not in ("new", "recent")]
        return [head.read(lang), *(f"  {run}  {size / 1e6:.1f} MB" for run, size in self.purged.items()), *stay]


def purge_runs(folder: Path, *, older_than: int | None, by: str, dry_run: bool) -> Purged:
    """
    Remove the files of runs that are past their time; a tombstone of each stays, so that it is listed and can be taken back.

    Never those of the newest runs (`keep.runs`), of a plan that is signed and not written, of a run that was partly written,
    or of one that may be going on.

    Args:
        older_than: Days; None: `keep.days` of the project.
        by: Who purges, for the tombstone.
        dry_run: Only say what would go.
    """
    project = open_project(folder).project
    keep = project.keep if older_than is None else project.keep.model_copy(update={"days": older_than})
    at = now()
    found = _judged(project.runs, keep, at)
    gone = {run.name: _bytes(run) for run, why in found if why is None}
    if not dry_run:
        for run, why in found:
            if why is None:
                purge(Workspace(run), at=at, by=by)
    return Purged(gone, {run.name: why for run, why in found if why is not None}, done=not dry_run)


def _judged(runs: Path, keep: Retention, at: datetime) -> list[tuple[Path, Why | None]]:
    """Return every run that still has files, newest first, and why it stays; None where it may go."""
    folders = sorted((one for one in runs.iterdir() if _is_run(one)), reverse=True) if runs.is_dir() else []
    alive = [one for one in folders if one.is_symlink() or not _is_stone(one)]
    return [(one, _why(one, keep, at, rank)) for rank, one in enumerate(alive)]


def _is_run(path: Path) -> bool:
    return RUN_NAME.fullmatch(path.name) is not None and path.is_dir()


def _is_stone(folder: Path) -> bool:
    """Say whether only the tombstone is left."""
    return bool((Workspace(folder).noted("run") or {}).get("purged")) and [one.name for one in folder.iterdir()] == [STONE]


def _why(folder: Path, keep: Retention, at: datetime, rank: int) -> Why | None:
    if folder.is_symlink():
        return "link"
    note = Workspace(folder).noted("run") or {}
    if note.get("purged"):
        return None  # a purge that was broken off; it is finished now
    if rank < keep.runs:
        return "new"
    if note.get("status") in UNFINISHED or (note.get("kind") == "waiting" and note.get("status") == "planned"):
        return "unfinished"
    touched = _last_touched(folder)
    if at - touched < QUIET:
        return "running"
    started = datetime.fromisoformat(note["started"]) if note.get("started") else touched
    return "recent" if at - started < timedelta(days=keep.days) else None


def purge(workspace: Workspace, *, at: datetime, by: str) -> None:
    """
    Remove all files of a run but its tombstone; one that never ended has none, and goes whole.

    The tombstone is written first, so that a purge that is broken off is known as such, and finished the next time. Links
    inside the folder are removed, what they point to is not.
    """
    note = workspace.noted("run")
    with full_disk(workspace.folder):
        if note is None:
            shutil.rmtree(workspace.folder)
            return
        if not note.get("purged"):
            workspace.note("run", _stone(workspace, note, at, by))
        for one in list(workspace.folder.iterdir()):
            if one.name != STONE:
                _remove(one)


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink()


def _stone(workspace: Workspace, note: Mapping[str, Any], at: datetime, by: str) -> dict[str, Any]:
    """Return what stays of a run: what it was, what it counted, who signed it and when; no value of any record."""
    plain = {name: one for name, one in note.items() if one is None or isinstance(one, (str, int, float, bool))}
    signed = workspace.signed()
    approval = {"by": signed.by, "role": signed.role, "at": signed.at} if signed else None
    counts = (workspace.noted("plan/plan") or {}).get("counts", {})
    return {**plain, "entities": counts, "approval": approval, "purged": at.isoformat(timespec="seconds"), "purged_by": by}


def _files(folder: Path) -> Iterator[Path]:
    """Yield everything below a folder, links not followed."""
    for one in folder.iterdir():
        yield one
        if one.is_dir() and not one.is_symlink():
            yield from _files(one)


def _bytes(folder: Path) -> int:
    """Return the size of the files that exist nowhere else: a file with a second hard link frees nothing."""
    sizes = [one.lstat() for one in _files(folder) if one.name != STONE]
    return sum(one.st_size for one in sizes if stat.S_ISREG(one.st_mode) and one.st_nlink == 1)


def _last_touched(folder: Path) -> datetime:
    newest = max(one.lstat().st_mtime for one in [folder, *_files(folder)])
    return datetime.fromtimestamp(newest, tz=now().tzinfo)
