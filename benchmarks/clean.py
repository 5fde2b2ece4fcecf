"""
What cleaning costs: µs of CPU a value for each type, and a row of 15 fields through the stage.

Run: `python benchmarks/clean.py [rows]`. Values are invented and differ from row to row where real ones would.
"""

import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from random import Random
from time import process_time

import pandas as pd

from crmetl.batch import LINEAGE, Batch
from crmetl.clean import PLAIN, TYPES, Cleaned, Context, SemanticType, choices_of, clean, clean_rules, company_parts
from crmetl.project import Project, Target, Values
from crmetl.schema.model import Entity, Field, Schema
from crmetl.text import Text

BRANDS = ["华", "信", "鑫", "瑞", "恒", "达", "泰", "安", "盛", "隆", "博", "远", "天", "宇", "科", "创", "凯", "航", "亿", "通"]
CITIES = ["上海", "北京", "苏州", "杭州", "深圳", "广州", "南京", "宁波", "成都", "武汉"]
TRADES = ["科技", "电子", "机械", "贸易", "包装材料", "精密机械", "软件", "医疗器械", "化工", "物流"]
SURNAMES = ["王", "李", "张", "刘", "陈", "杨", "黄", "赵", "吴", "周"]
STATES = {"正常": "active", "已注销": "deregistered", "停用": "suspended"}


def makers(draw: Random) -> dict[str, Callable[[], str]]:
    """Return a maker of one cell for each field; a third of them as people write, the rest tidy."""

    def number(digits: int) -> str:
        return str(draw.randrange(10 ** (digits - 1), 10**digits))

    def pick(*options: str) -> str:
        return draw.choice(options)

    def brand() -> str:
        return "".join(draw.choices(BRANDS, k=3))

    def day() -> tuple[int, int, int]:
        return draw.randrange(2010, 2025), draw.randrange(1, 13), draw.randrange(1, 28)

    def company() -> str:
        city, trade = draw.choice(CITIES), draw.choice(TRADES)
        return pick(
            f"{city}{brand()}{trade}有限公司", f"{brand()}({city}){trade} 有限公司", f"{city}{brand()}{trade}股份有限公司"
        )

    def phone() -> str:
        return pick(f"021-{number(8)}", f"139{number(8)}", f"+86 138-{number(4)}-{number(4)}", f"0512-{number(8)}转{number(3)}")

    def since() -> str:
        y, m, d = day()
        return pick(f"{y}-{m:02}-{d:02}", f"{y}/{m}/{d}", f"{y}年{m}月{d}日")

    return {
        "company_name": company,
        "person_name": lambda: draw.choice(SURNAMES) + pick("", " ") + "".join(draw.choices(BRANDS, k=2)) + pick("", "", "先生"),
        "phone": phone,
        "mobile": lambda: pick(f"139{number(8)}", f"138 {number(4)} {number(4)}"),
        "email": lambda: pick(f"u{number(6)}@qq.com", f"Li{number(5)}@HuaXin.com.cn", f"u{number(6)}@huaxin。com"),
        "country": lambda: pick("中国", "CN"),
        "region": lambda: pick("上海市", "上海"),
        "city": lambda: "上海" + pick("", "市"),
        "address": lambda: f"{draw.choice(CITIES)}市{brand()}路{number(3)}号",
        "postcode": lambda: "20" + number(4),
        "uscc": lambda: "91110108551385082Q" if draw.random() < 0.5 else f"9131{number(14)}",
        "date": since,
        "choice": lambda: draw.choice(list(STATES)),
        "money": lambda: pick(f"{number(5)}.{number(2)}", f"¥{number(2)},{number(3)}.00", f"{number(2)}.5万"),
        "long_text": lambda: f"老客户，第{number(3)}次来访，{brand()}介绍。",
    }


def spent(step: Callable[[str], object], cells: Sequence[str]) -> float:
    """Return µs of CPU a cell."""
    began = process_time()
    for cell in cells:
        step(cell)
    return (process_time() - began) / max(1, len(cells)) * 1e6


def per_type(draw: Random, count: int) -> None:
    """Print µs a value of reading, normal form and keys."""
    context = Context(choices=choices_of(STATES))
    print(f"{'type':14}{'parse':>8}{'again':>8}{'normal':>8}{'keys':>8}   µs a value")
    for name, make in makers(draw).items():
        kind = TYPES[name]
        told = context if name == "choice" else PLAIN
        first = list({make() for _ in range(count)})
        values = [found.value for cell in first if isinstance(found := kind.parse(cell, told), Cleaned) and found.value]

        def read(cell: str, kind: SemanticType = kind, told: Context = told) -> object:
            return kind.parse(cell, told)

        fresh = list({make() for _ in range(count)})
        seconds = [
            spent(step, given) for step, given in ((read, fresh), (read, values), (kind.normal, values), (kind.keys, values))
        ]
        print(f"{name:14}" + "".join(f"{one:8.2f}" for one in seconds))
    make = makers(draw)["company_name"]
    names = list({make() for _ in range(count)})
    print(f"company_parts {spent(company_parts, names):8.2f}")


def stage(draw: Random, count: int) -> None:
    """Print µs a row of 15 fields through the stage."""
    made = makers(draw)
    entity = Entity(
        label=Text("客户", "Account"),
        fields={name: Field(type=name, choices="states" if name == "choice" else None) for name in made},  # type: ignore[arg-type]
    )
    project = Project(
        root=Path(),
        name=Text("样例", "sample"),
        source_root=Path(),
        runs=Path(),
        target=Target(url="sqlite://"),
        schema=Schema(entities={"account": entity}),
        sources=(),
        values=Values(tables={"states": STATES}),
    )
    index = pd.Index([f"r{n}" for n in range(count)], dtype="str", name="rid")
    frame = pd.DataFrame(
        {name: pd.Series([make() for _ in range(count)], index=index, dtype="str") for name, make in made.items()}
    )
    frame = frame.assign(**dict.fromkeys(LINEAGE, "east")).astype("str")
    rules = clean_rules(project, "account", None)
    for turn in ("first", "clean already"):
        began = process_time()
        result = clean(Batch("account", frame), rules=rules)
        micros = (process_time() - began) / count * 1e6
        told = f"{len(result.changes):,} changes, {len(result.findings):,} findings"
        print(f"stage, {turn}: {micros:.1f} µs a row of {len(made)} fields, {told}")
        frame = result.kept.frame


if __name__ == "__main__":
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else 20_000
    per_type(Random(7), rows)
    stage(Random(8), rows)
