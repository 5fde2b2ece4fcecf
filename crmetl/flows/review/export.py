"""Doubtful pairs for a steward: out as a workbook or a page."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from crmetl.errors import UsageError
from crmetl.flows.opening import decided, open_project
from crmetl.flows.review.pairs import Asked, asked_of
from crmetl.report.review import ReviewPair, save_private, write_review
from crmetl.report.review_page import review_page
from crmetl.text import Lang, Text
from crmetl.workspace import find, full_disk

Form = Literal["xlsx", "html"]
WARNING = Text(
    "注意：文件含个人信息的原值（仅本人可读，0600）；只交给要判断的人，用完删除",
    "note: the file holds personal data as it is (readable by you only, 0600); give it only to who decides, then delete it",
)


@dataclass(frozen=True)
class Exported:
    """
    The pairs of a run, written for a person.

    Attributes:
        file: Where; None where nothing is to be decided.
        pairs, entities: How many; of which entity.
        back: What to import once it is filled in.
    """

    run: str
    file: Path | None
    pairs: int
    entities: dict[str, int]
    back: str = ""

    def facts(self) -> dict[str, Any]:
        """Return the JSON of `crmetl review export`."""
        return {
            "run": self.run,
            "file": str(self.file) if self.file else None,
            "pairs": self.pairs,
            "entities": self.entities,
        }

    def lines(self, lang: Lang) -> list[str]:
        """Return what a person reads."""
        if self.file is None:
            return [Text("没有待判断的配对。", "No pair waits for a decision.").read(lang)]
        head = Text("{n:,} 对 → {file}", "{n:,} pairs → {file}").fill(n=self.pairs, file=self.file)
        tail = Text("判断后：crmetl review import {file} --by 姓名", "When done: crmetl review import {file} --by NAME")
        return [head.read(lang), *(f"  {name}  {n:,}" for name, n in self.entities.items()), tail.fill(file=self.back).read(lang)]


def export_pairs(folder: Path, run: str, *, out: Path | None, form: Form, everything: bool, lang: Lang) -> Exported:
    """
    Write the doubtful pairs of a run, and CRM rows that turned out to be one, for a person to decide.

    Args:
        out: Where to; None: in the run folder.
        form: Workbook, or a page that works offline.
        everything: Merged pairs too, the weakest first, for a spot check.

    Raises:
        UsageError: The run's pairs are gone, or the file is there already: somebody may be working in it.
    """
    project = open_project(folder).project
    workspace = find(project.runs, run)
    asked = asked_of(project, workspace, decided(project))
    pairs = asked.pairs if everything else asked.doubtful()
    if not pairs:
        return Exported(workspace.run, None, 0, {})
    path = out or workspace.path("review", f"doubtful-pairs.{form}")
    refuse_existing(path, form)
    return written(asked, pairs, path, form=form, lang=lang)


def refuse_existing(path: Path, form: Form) -> None:
    """
    Refuse to write over a workbook.

    Raises:
        UsageError: It is there already.
    """
    if form == "xlsx" and path.exists():
        raise UsageError(
            Text("文件已存在，可能有人正在里面判断", "the file is there already, and somebody may be working in it"),
            where=str(path),
            next=Text("先导入并删除它，或用 -o 另写一个", "import and delete it first, or write another with -o"),
        )


def written(asked: Asked, pairs: Sequence[ReviewPair], path: Path, *, form: Form, lang: Lang, sample: str = "") -> Exported:
    """
    Write pairs for a person, and return what was written.

    Args:
        sample: How a sample was drawn, which its file carries back; "" where the pairs are none.
    """
    back = f"sample-{asked.run}.json" if sample else f"decisions-{asked.run}.json"
    with full_disk(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        if form == "html":
            save_private(path, review_page(pairs, asked.summary, file=back, lang=lang, sample=sample))
        else:
            write_review(path, pairs, run=asked.run, lang=lang, sample=sample)
    entities = {entity: sum(one.entity == entity for one in pairs) for entity in dict.fromkeys(one.entity for one in pairs)}
    return Exported(asked.run, path, len(pairs), entities, back if form == "html" else str(path))
