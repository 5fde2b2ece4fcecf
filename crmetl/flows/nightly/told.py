"""What a night says of itself: to the scheduler as JSON and exit code, to the person on duty in a few lines."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from crmetl.flows.write import Written
from crmetl.quality.summary import GateResult
from crmetl.text import Lang, Text

PLANNED = ("planned", "gated", "nothing")


@dataclass(frozen=True)
class Waiting:
    """
    What waits for a person.

    Attributes:
        run: The run that holds it; None in a dry run.
        entities: Entity -> operations of each kind.
        new: It was parked tonight; otherwise it has waited before.
    """

    run: str | None
    plan: str
    entities: Mapping[str, Mapping[str, int]]
    new: bool

    @property
    def number(self) -> int:
        """Return how many things wait."""
        return sum(sum(kinds.values()) for kinds in self.entities.values())

    def facts(self) -> dict[str, Any]:
        """Return the part of the JSON."""
        told = {name: dict(kinds) for name, kinds in self.entities.items() if any(kinds.values())}
        return {"run": self.run, "plan": self.plan, "operations": self.number, "new": self.new, "entities": told}


@dataclass(frozen=True)
class Night:
    """
    A night that is over.

    Attributes:
        entities: Entity -> counts of the part that asks nobody.
        labels: Entity -> what people call it.
        changed: Rows that moved since the last night.
        undone: Changes that a night made before, and that somebody took back; they were left alone.
        doubts: Doubtful pairs among the rows that were looked at.
        anew: Rules or target are others than last night's, so all rows were looked at.
        written: None where nothing was to be written, or must not be.
    """

    run: str
    plan: str
    status: str
    entities: Mapping[str, Mapping[str, int]]
    labels: Mapping[str, Text]
    changed: int
    waiting: Waiting | None
    caps: tuple[GateResult, ...]
    undone: int
    doubts: int
    anew: bool
    written: Written | None
    report: Path
    seconds: float

    @property
    def exit(self) -> int:
        """Return 1 above a cap, 7 where a person's edit was in the way, else 0."""
        return 1 if self.status == "gated" else self.written.exit if self.written else 0

    @property
    def read(self) -> int:
        """Return how many live rows were read."""
        return sum(one["read"] for one in self.entities.values())

    @property
    def held(self) -> int:
        """Return how many rows have a fault that only a person can mend."""
        return sum(one["held"] for one in self.entities.values())

    def safe(self) -> dict[str, dict[str, int]]:
        """Return entity -> what asks nobody: as written, or as planned where nothing was written."""
        if self.written is None:
            return {name: {kind: one[kind] for kind in ("update", "merge")} for name, one in self.entities.items()}
        done = self.written.applied.written
        return {name: {kind: done.get(name, {}).get(kind, 0) for kind in ("update", "merge")} for name in self.entities}

    def facts(self) -> dict[str, Any]:
        """Return the JSON of `crmetl nightly`."""
        applied = self.written.facts() if self.written else {"parked": 0, "rejected": 0}
        return {
            "run": self.run,
            "plan": self.plan,
            "status": self.status,
            "read": self.read,
            "changed": self.changed,
            "held": self.held,
            "safe": self.safe(),
            "parked": applied["parked"],
            "rejected": applied["rejected"],
            "waiting": self.waiting.facts() if self.waiting else None,
            "left_alone": self.undone,
            "doubtful": self.doubts,
            "caps": [{"name": one.name, "value": one.value, "limit": one.limit, "passed": one.passed} for one in self.caps],
            "report": str(self.report),
            "seconds": self.seconds,
        }

    def lines(self, lang: Lang) -> list[str]:
        """Return what the person on duty reads, the answer first."""
        said = [*self._came(), *self._done(), *self._left(), *self._open()]
        seconds = Text("用时 {s:.1f} s。", "Took {s:.1f} s.").fill(s=self.seconds)
        report = Text(f"报告：{self.report}", f"Report: {self.report}")
        return [one.read(lang) for one in (*said, seconds, report)]

    def _came(self) -> list[Text]:
        moved = (
            Text("今夜读 {n:,} 行，新变动 {c:,} 行。", "Read {n:,} rows tonight, {c:,} of them changed since the last night.")
            if self.changed
            else Text("今夜读 {n:,} 行，没有变动。", "Read {n:,} rows tonight; none has changed since the last night.")
        )
        again = Text(
            "规则、模型或目标库与上一夜不同，因此全部重看。",
            "Rules, model or target are not those of the last night, so all rows were looked at.",
        )
        return [moved.fill(n=self.read, c=self.changed), *([again] if self.anew else [])]

    def _done(self) -> list[Text]:
        kinds = {kind: sum(one[kind] for one in self.safe().values()) for kind in ("update", "merge")}
        counts = {"u": kinds["update"], "m": kinds["merge"]}
        if self.status == "gated":
            closed = [one for one in self.caps if not one.passed]
            head = Text("超过上限，今夜什么都没有写入：", "Above a cap, so nothing at all was written tonight:")
            return [head, *(Text(f"  ✗ {one.label.zh} {one.why.zh}", f"  ✗ {one.label.en} {one.why.en}") for one in closed)]
        if not any(kinds.values()) and not (self.written and self.written.exit):
            return [Text("没有要自动写入的。", "Nothing to be written without asking.")]
        if self.status in PLANNED:
            planned = Text(
                "将写入 {u:,} 行安全修正、{m:,} 行合并（只是试算，什么都没有写入）。",
                "Would correct {u:,} rows and merge {m:,} (a dry run: nothing was written).",
            )
            return [planned.fill(**counts)]
        wrote = Text("已写入 {u:,} 行安全修正、{m:,} 行合并", "Corrected {u:,} rows and merged {m:,}").fill(**counts)
        where = [
            (self.labels[name], one["update"] + one["merge"]) for name, one in self.safe().items() if one["update"] + one["merge"]
        ]
        zh, en = ("、".join(f"{a.zh} {n:,}" for a, n in where), ", ".join(f"{a.en} {n:,}" for a, n in where))
        wrote = Text(f"{wrote.zh}（{zh}）。", f"{wrote.en} ({en}).") if where else Text(f"{wrote.zh}。", f"{wrote.en}.")
        back = Text(f"撤回：crmetl nightly undo {self.run}", f"To take it back: crmetl nightly undo {self.run}")
        return [wrote, back]

    def _left(self) -> list[Text]:
        """Say what was left as it is, and why."""
        facts = self.facts()
        texts = {
            "parked": Text(
                "{n:,} 处在读取之后被人改过：以人改的为准，没有写入。",
                "{n:,} changes met a person's edit made since the reading: the person's stays, nothing was written there.",
            ),
            "rejected": Text("{n:,} 处被数据库拒绝。", "{n:,} changes were refused by the database."),
            "left_alone": Text(
                "{n:,} 处曾由夜间清洗改过、后来被人改回：不再改。",
                "{n:,} changes were made by a night before and taken back by a person: left alone.",
            ),
        }
        return [text.fill(n=facts[name]) for name, text in texts.items() if facts[name]]

    def _open(self) -> list[Text]:
        """Say what waits for a person."""
        lines = []
        if self.waiting:
            n = self.waiting.number
            lines.append(Text(f"{n:,} 项等人确认：", f"{n:,} things wait for a person:"))
            run = self.waiting.run
            lines.append(
                Text(
                    f"  crmetl show {run}，然后 crmetl approve {run} --by 姓名，再 crmetl apply {run}",
                    f"  crmetl show {run}, then crmetl approve {run} --by NAME, then crmetl apply {run}",
                )
                if run
                else Text("  正式运行时会存成一份单独的计划。", "  A real night keeps them as a plan of their own.")
            )
        if self.held:
            held = Text("{n:,} 行有只能由人改的问题，见报告。", "{n:,} rows have faults for a person to mend; see the report.")
            lines.append(held.fill(n=self.held))
        if self.doubts:
            doubts = Text("{n:,} 对疑似重复，见报告。", "{n:,} doubtful pairs; see the report.")
            lines.append(doubts.fill(n=self.doubts))
        return lines
