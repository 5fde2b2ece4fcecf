"""A sample of a run's compared pairs for a person to label, and what the labels say of the matching."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from crmetl.dedupe.measure.measuring import bands_of, measure
from crmetl.dedupe.measure.sampling import draw, spread
from crmetl.errors import UsageError
from crmetl.flows.opening import decided, open_project
from crmetl.flows.review.export import Exported, Form, refuse_existing, written
from crmetl.flows.review.pairs import Asked, Said, laid_out
from crmetl.project import Project
from crmetl.quality.measured import Measured
from crmetl.text import Lang, Text
from crmetl.workspace import Workspace, find

SIZE = 200


@dataclass(frozen=True)
class Drawing:
    """How a sample was drawn: with the run it is all that is needed to draw it again."""

    size: int = SIZE
    seed: int = 0

    def __str__(self) -> str:
        """Return it as a file carries it."""
        return f"size={self.size} seed={self.seed}"

    @classmethod
    def read(cls, text: object) -> "Drawing | None":
        """
        Read what a file carries; None where it is no sample.

        >>> Drawing.read("size=50 seed=7"), Drawing.read(None)
        (Drawing(size=50, seed=7), None)
        """
        found = re.fullmatch(r"size=(\d{1,6}) seed=(\d{1,9})", text) if isinstance(text, str) else None
        return cls(int(found[1]), int(found[2])) if found else None


def export_sample(folder: Path, run: str, drawing: Drawing, *, out: Path | None, form: Form, lang: Lang) -> Exported:
    """
    Draw a sample of the compared pairs of a run, by entity and score, and write it for a person to label.

    Args:
        out: Where to; None: in the run folder.
        form: Workbook, or a page that works offline.

    Raises:
        UsageError: The run keeps no pairs to draw from, or the file is there already.
    """
    project = open_project(folder).project
    workspace = find(project.runs, run)
    asked = sample_of(project, workspace, decided(project), drawing)
    path = out or workspace.path("review", f"sample-{drawing.size}-{drawing.seed}.{form}")
    refuse_existing(path, form)
    return written(asked, asked.pairs, path, form=form, lang=lang, sample=str(drawing))


def sample_of(project: Project, workspace: Workspace, said: Said, drawing: Drawing) -> Asked:
    """
    Return the pairs of a sample; the same run and drawing, the same pairs.

    Raises:
        UsageError: The run keeps no pairs to draw from.
    """
    return laid_out(project, workspace, said, _drawn(workspace, drawing), called="S")


def _drawn(workspace: Workspace, drawing: Drawing) -> pd.DataFrame:
    """Return columns PAIRS, `band` and `merged`."""
    pool, strata = workspace.whole("pool"), workspace.whole("strata")
    if pool is None or strata is None:
        raise UsageError(
            Text("这次运行没有可抽样的配对", "the run keeps no pairs to draw a sample from"),
            where=workspace.run,
            next=Text(
                "对 crmetl plan 的运行抽样；夜间清洗、已清除的运行与没有比对的运行都没有",
                "sample a run of `crmetl plan` that compared records; nights and purged runs keep none",
            ),
        )
    found = draw(pool, spread(strata, drawing.size), seed=drawing.seed)
    return found.assign(merged=found["verdict"] == "merge")


def measured_of(workspace: Workspace, drawing: Drawing, asked: Asked, said: Mapping[str, str]) -> Measured:
    """
    Return what the labels of a sample say.

    Args:
        asked: The sample.
        said: Number of a pair -> "same" or "different"; pairs that are not here were left open, or nobody could tell.
    """
    drawn = _drawn(workspace, drawing)
    words = {(one.entity, one.left.ref, one.right.ref): said.get(one.id) for one in asked.pairs}
    keys = zip(drawn["entity"], drawn["left"], drawn["right"], strict=True)
    labels = drawn.assign(said=pd.Series([words.get(key) for key in keys], index=drawn.index, dtype="str"))
    bands = bands_of(workspace.needed("strata"), labels)
    whole = measure(bands)
    entities = dict.fromkeys(one.entity for one in bands)
    return Measured(
        size=drawing.size,
        seed=drawing.seed,
        drawn=len(drawn),
        labelled=whole.labelled,
        unsure=len(drawn) - whole.labelled,
        whole=whole,
        entities=tuple(measure([one for one in bands if one.entity == entity], entity=entity) for entity in entities),
        bands=bands,
    )
