"""The page of the fault catalogue, made from the faults themselves: `docs/faults.md`, `docs/faults.zh-CN.md`."""

from crmetl.faults.catalogue import ROOMS
from crmetl.faults.kind import Fault
from crmetl.text import Lang, Text

HEAD = Text(
    "# 数据问题目录\n\n每条问题（finding）是目录中的一项问题加上位置：记录、列、来源行。它从不含单元格的值。\n"
    "轻重：`hold` 记录等人处理；`blank` 只空这一格，原文另存；`note` 只是告知。项目可在 `crmetl.yaml` 的 `severities` 下按代码改。\n",
    "# Catalogue of data faults\n\nA finding is a fault of this catalogue at a place: record, column, source row. It never holds "
    "a cell's value.\nSeverity: `hold` the record waits for a person; `blank` only the cell is left empty, its text kept; "
    "`note` tells only. A project overrides it per code under `severities` in `crmetl.yaml`.\n",
)
COLUMNS = Text("| 代码 | 轻重 | 含义 | 怎么办 | 例 |", "| code | severity | meaning | fix | example |")


def page(lang: Lang) -> str:
    """Return the catalogue as Markdown, a table per room in the order of the pipeline."""
    tables = [_table(room, faults, lang) for room, faults in ROOMS.items() if faults]
    return HEAD.read(lang) + "".join(tables)


def _table(room: str, faults: tuple[Fault, ...], lang: Lang) -> str:
    rows = "".join(_row(one, lang) for one in sorted(faults, key=lambda one: one.code))
    return f"\n## {room}\n\n{COLUMNS.read(lang)}\n| --- | --- | --- | --- | --- |\n{rows}"


def _row(one: Fault, lang: Lang) -> str:
    cells = (f"`{one.code}`", one.severity, one.text.read(lang), one.fix.read(lang), f"`{one.example}`" if one.example else "")
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |\n"
