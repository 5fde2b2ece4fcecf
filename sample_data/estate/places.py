"""
Cities where the invented customers live.

Source: `places.csv` is a small extract of modood/Administrative-divisions-of-China (57a0aa9, WTFPL: divisions, districts)
and dongrixinyu/JioNLP (783abc5, Apache-2.0: area codes); `branch` is our own.
"""

import csv
from dataclasses import dataclass
from pathlib import Path
from random import Random

ROADS = tuple(
    "人民 解放 中山 建设 新华 和平 长江 黄河 文化 科技 创业 工业 兴业 迎宾 滨河 环城 振兴 学院 光明 朝阳 青年 友谊 园区 "
    "兴园 望江 金桥 东湖 西湖 南苑 北苑 望海 云栖 松涛 柳荫 桃园 梅林 竹海 星湖 同心 开元 永和 安康 锦绣 凤凰".split()
)
STREETS = ("路", "大道", "街", "东路", "西路", "南路", "北路", "中路")
BUILDINGS = ("创业园", "科技园", "国际大厦", "工业园", "商务中心", "产业园", "广场", "中心")


@dataclass(frozen=True, slots=True)
class City:
    """A city; `digits` is the length of its landline numbers, `division` the first four digits of its division code."""

    name: str
    province: str
    branch: str
    area_code: str
    division: str
    digits: int
    districts: tuple[str, ...]


def cities() -> tuple[City, ...]:
    """Return the cities in the order of the table."""
    with Path(__file__).with_name("places.csv").open(encoding="utf-8", newline="") as lines:
        return tuple(
            City(
                row["city"],
                row["province"],
                row["branch"],
                row["area_code"],
                row["division"],
                int(row["digits"]),
                tuple(row["districts"].split("、")),
            )
            for row in csv.DictReader(lines)
        )


def street(city: City, rng: Random) -> str:
    """Return an invented address below the city: district, road, number, sometimes building, floor and room."""
    place = f"{rng.choice(city.districts)}{rng.choice(ROADS)}{rng.choice(STREETS)}{rng.randint(1, 1899)}号"
    if rng.random() < 0.45:
        place += f"{rng.choice(ROADS)}{rng.choice(BUILDINGS)}{rng.choice('ABCD1234568')}座{rng.randint(2, 28)}{rng.randint(1, 12):02d}室"
    return place


def full_address(city: City, line: str) -> str:
    """
    Return the address with province and city in front.

    >>> full_address(City("苏州", "江苏", "east", "0512", "3205", 8, ("吴中区",)), "吴中区人民路1号")
    '江苏省苏州市吴中区人民路1号'
    """
    if city.province == city.name:
        return f"{city.name}市{line}"
    tail = "壮族自治区" if city.province == "广西" else "省"
    return f"{city.province}{tail}{city.name}市{line}"
