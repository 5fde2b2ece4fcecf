"""The page of the cleaning rules, made from the rules themselves: `docs/rules.md`, `docs/rules.zh-CN.md`."""

from crmetl.clean.catalogue import RULES, Rule
from crmetl.clean.registry import TYPES
from crmetl.clean.safety import SAFETY
from crmetl.clean.stage import STAGE_RULES
from crmetl.faults.kind import Fault
from crmetl.text import Lang, Text

HEAD = Text(
    "# 清洗规则目录\n\n每处改动都记下规则名，多个规则用 `+` 相连。规则只改写法：读不懂的内容原样保留，成为一项"
    "[数据问题](faults.zh-CN.md)。\n“可无人值守”的规则夜间清洗时可直接写入，前提是该处改动没有丢失内容；其余等人确认。\n",
    "# Catalogue of cleaning rules\n\nEvery change names its rules, several joined by `+`. A rule changes how a cell is written; "
    'what it cannot read stays as it was and becomes a [fault](faults.md).\nAt night a change of an "unattended" rule is written '
    "at once if nothing is lost by it; all others wait for a person.\n",
)
COLUMNS = Text("| 规则 | 含义 | 例 | 可无人值守 | 理由 |", "| rule | meaning | example | unattended | why |")
OWN = Text("\n## 清洗环节自身\n\n", "\n## By the stage itself\n\n")
ALL = Text("所有类型", "All types")
YES, NO = Text("是", "yes"), Text("否", "no")


def page(lang: Lang) -> str:
    """Return the catalogue as Markdown: a table per type of value, and one of what the stage does itself."""
    families = dict.fromkeys(one.family for one in RULES.values())
    tables = [_table(family, lang) for family in families]
    rows = "".join(_row(name, text.read(lang), "", lang) for name, text in STAGE_RULES.items())
    return HEAD.read(lang) + "".join(tables) + OWN.read(lang) + _heading(lang) + rows


def _heading(lang: Lang) -> str:
    return f"{COLUMNS.read(lang)}\n| --- | --- | --- | --- | --- |\n"


def _table(family: str, lang: Lang) -> str:
    label = TYPES[family].label if family in TYPES else ALL
    rows = "".join(_row(one.name, one.meaning.read(lang), shown(one), lang) for one in RULES.values() if one.family == family)
    return f"\n## {label.read(lang)}\n\n{_heading(lang)}{rows}"


def shown(rule: Rule) -> str:
    """
    Return what a rule makes of its example.

    >>> shown(RULES["date"])
    '`2024年3月5日` → `2024-03-05`'
    """
    after = rule.function(rule.example)
    return f"`{rule.example.strip()}` → `{after.code if isinstance(after, Fault) else after}`"


def _row(name: str, meaning: str, example: str, lang: Lang) -> str:
    safety = SAFETY[name]
    cells = (f"`{name}`", meaning, example, (YES if safety.safe else NO).read(lang), safety.why.read(lang))
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |\n"
