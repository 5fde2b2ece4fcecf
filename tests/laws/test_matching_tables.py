"""Laws of matching over large tables: nobody is joined who is another, and copies cost no more than they are."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
import pytest

from benchmarks.western import people
from crmetl.dedupe import dedupe_table
from crmetl.dedupe.compare.levels import LEVELS

ONE_IN = 10_000
"""Records for which one false pair may be found."""
BRAND = "恒澜沐槿曜璟泓琛崇嵘骐珩荻铭霖榆棠碧岚穗禾杏瑶予安青屿沁昀桢楷泽淳湛煜熙甯睿稷翊苡茗莞蔚衡谦逸邺钧铎颢飏骁麒黎岑崟峤嶙沅沣洺涵淏湉溪"
TRADES = ("贸易", "机械", "食品", "物流", "电子科技", "建材", "包装材料", "环保科技", "医疗器械", "汽车配件", "进出口", "纺织")
CITIES = ("上海", "杭州", "苏州", "武汉", "成都", "青岛", "深圳", "北京", "南京", "郑州")
SURNAMES, GIVEN = (
    "王李张刘陈杨赵黄周吴徐孙胡朱高",
    ("伟", "芳", "娜", "敏", "静", "磊", "洋", "艳", "勇", "军", "杰", "娟", "涛", "明", "超"),
)


def distinct_people(number: int) -> pd.DataFrame:
    """Return one record of each of `number` people: households, twins, fathers and sons among them."""
    rows = people(3 * number, seed=5).drop_duplicates("entity").head(number)
    assert len(rows) == number
    return rows.drop(columns="entity").reset_index(drop=True).replace("", pd.NA)


def distinct_firms(number: int, seed: int = 0) -> pd.DataFrame:
    """Return one record of each of `number` firms of different brands, with contacts who are often namesakes."""
    draw = np.random.default_rng(seed)
    brands = [a + b for a in BRAND for b in BRAND if a != b]
    brands += [a + b + c for a in BRAND for b in BRAND for c in "源德和泰隆" if a != b]
    brands = [brands[k] for k in draw.permutation(len(brands))[:number].tolist()]
    assert len(brands) == number
    city, trade, surname, given = (_drawn(draw, some, number) for some in (CITIES, TRADES, SURNAMES, GIVEN))
    numbers = 10_000_000 + draw.permutation(80_000_000)[:number]
    return pd.DataFrame(
        {
            "客户名称": [f"{c}{b}{t}有限公司" for c, b, t in zip(city, brands, trade, strict=True)],
            "联系人": [f"{a}{b}" for a, b in zip(surname, given, strict=True)],
            "手机": [f"139{one}" for one in numbers.tolist()],
            "城市": city,
        }
    ).astype("str")


def _drawn(draw: np.random.Generator, some: Sequence[str], number: int) -> list[str]:
    return [some[k] for k in draw.integers(0, len(some), number).tolist()]


@pytest.mark.parametrize("number", [5_000, pytest.param(100_000, marks=pytest.mark.soak)])
def test_distinct_people_stay_distinct(number: int) -> None:
    """Of people who stand in a table once, at most one false pair in 10,000 records is merged."""
    found = dedupe_table(distinct_people(number))

    assert set(found.fields.values()) >= {"given_name", "family_name", "date_of_birth", "email", "phone", "address"}
    assert false_pairs(found.frame["cluster_id"]) <= number // ONE_IN


@pytest.mark.parametrize("number", [5_000, pytest.param(20_000, marks=pytest.mark.soak)])
def test_distinct_firms_stay_distinct(number: int) -> None:
    """Of firms of different brands, at most one false pair in 10,000 records is merged."""
    found = dedupe_table(distinct_firms(number))

    assert set(found.fields.values()) == {"company_name", "person_name", "mobile", "city"}
    assert false_pairs(found.frame["cluster_id"]) <= number // ONE_IN


CONSTANT = {
    "company_name": "上海恒曜贸易有限公司", "person_name": "张伟", "given_name": "伟", "family_name": "张", "phone": "021-55501001",
    "mobile": "13955501001", "email": "office@hengyao.example", "url": "www.hengyao.example", "uscc": "91310115MAEUHUXQ72",
    "tax_id": "91310115MAEUHUXQ72", "id_code": "A-1001", "address": "上海市浦东新区张杨西路300号", "city": "上海市", "region": "上海市",
    "country": "CN", "postcode": "200120", "date_of_birth": "1984-05-17", "date": "2024-05-17", "text": "老客户",
}  # fmt: skip


@pytest.mark.parametrize("kind", sorted(LEVELS))
def test_a_column_of_one_value_joins_nobody(kind: str) -> None:
    """What all rows have in common tells nothing of any two: three hundred people of different names and mobiles stay apart."""
    rows = [(f"{SURNAMES[n % 15]}{BRAND[n // 15]}{BRAND[n % 40]}", str(13_900_000_000 + 7_919 * n)) for n in range(300)]
    frame = pd.DataFrame(rows, columns=["full", "own"]).assign(same=CONSTANT[kind]).astype("str")

    found = dedupe_table(frame, fields={"full": "person_name", "own": "mobile", "same": kind})

    assert found.counts["duplicates"] == 0


@pytest.mark.parametrize(
    ("cells", "clusters"),
    [
        ({"company_name": "上海恒曜贸易有限公司", "phone": "021-55501001"}, 1),
        ({"given_name": "Hugo", "family_name": "Lindmar", "date_of_birth": "1966-12-05", "email": "hugo@lindmar.example"}, 1),
        ({"person_name": "张伟"}, 10_000),
    ],
    ids=("firm", "person", "bare name"),
)
def test_copies_are_taken_once(cells: dict[str, str], clusters: int) -> None:
    """Ten thousand copies of a row are one record, or none is another's, and none is compared with another."""
    frame = pd.DataFrame([cells] * 10_000).astype("str")

    found = dedupe_table(frame, fields={name: name for name in cells})

    assert found.counts["candidate_pairs"] == 0
    assert found.counts["clusters"] == clusters
    assert len(found.pairs) < len(frame)


def test_rows_alike_in_all_but_one_cell_cost_no_more_than_their_block() -> None:
    """Ten thousand rows of one name and number, each with a remark of its own, are compared with near ones only."""
    rows = [("上海恒曜贸易有限公司", "021-55501001", f"备注{n:05d}") for n in range(10_000)]
    frame = pd.DataFrame(rows, columns=["name", "phone", "remark"]).astype("str")

    found = dedupe_table(frame, fields={"name": "company_name", "phone": "phone", "remark": "text"}, max_block=20)

    assert 0 < found.counts["candidate_pairs"] <= 3 * 20 * len(frame)


@pytest.mark.parametrize("doubles", [1, pytest.param(20, marks=pytest.mark.soak)])
@pytest.mark.parametrize("of", ["firms", "people"])
def test_a_few_doubles_are_found_among_many_who_are_distinct(of: str, doubles: int) -> None:
    """Rows typed a second time with a cell left out, among five thousand that stand there once, are found again."""
    rows = distinct_firms(5_000) if of == "firms" else distinct_people(5_000)
    whole = rows[rows.notna().all(axis=1)].head(doubles)
    again = whole.assign(**{"城市": None} if of == "firms" else {"email": None})

    clusters = dedupe_table(pd.concat([rows, again], ignore_index=True).astype("str")).frame["cluster_id"]

    assert (clusters.iloc[5_000:].to_numpy() == clusters.loc[whole.index].to_numpy()).all()
    assert false_pairs(clusters) == doubles


def false_pairs(clusters: "pd.Series[int]") -> int:
    """Return how many pairs stand in one cluster."""
    sizes = clusters.value_counts()
    return int((sizes * (sizes - 1) // 2).sum())
