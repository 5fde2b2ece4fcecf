"""
Splink as a user who knows it sets it up; the peer of `benchmarks.people` and `benchmarks.customers`. Needs `pip install splink`.

    python benchmarks/peer_splink.py table.csv out.csv
    python benchmarks/peer_splink.py table.csv out.csv 0.9 0.99 0.999     # a column of clusters for each cut

Three set-ups by hand, chosen by the columns: people, as Splink's tutorial has them; Chinese customers; places of public lists.
Each has cells cleaned beforehand, blocking rules, comparisons made for each field's type, term frequencies where it offers them,
u from random pairs, m by EM in two sessions, clusters at even odds. Prints nothing but the seconds it took.
"""

import re
import sys
import time
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass

import duckdb
import pandas as pd
import splink.comparison_level_library as cll
import splink.comparison_library as cl
from splink import Linker, SettingsCreator, block_on

try:
    from splink import DuckDBAPI
except ImportError:
    from splink.backends.duckdb import DuckDBAPI

LEGAL_CN = r"(股份有限公司|有限责任公司|集团有限公司|有限公司|公司|经营部|厂)$"
LEGAL = r"\b(co|ltd|inc|llc|limited|company|corp|corporation|incorporated|gmbh|spa|bv|pte|the)\b"
SECOND = r"[/、;，,转]|(?<=\d{7})-\d{3}$"
"""What a second number or an extension begins with."""
ROADS = {"street": "st", "road": "rd", "avenue": "ave", "lane": "ln", "drive": "dr", "court": "ct", "place": "pl", "suite": "ste"}
ROADS |= {"north": "n", "south": "s", "east": "e", "west": "w"}


@dataclass(frozen=True)
class SetUp:
    """
    How a table is matched.

    Attributes:
        cells: Raw cells -> cleaned ones, the columns that the rest names.
        comparisons: Column -> its comparison.
        rules: Blocking rules; the first two tell how often two records match.
        training: Blocking of the EM sessions: the first two whose columns are there.
    """

    cells: Callable[[pd.DataFrame], pd.DataFrame]
    comparisons: dict[str, object]
    rules: tuple[tuple[str, ...], ...]
    training: tuple[tuple[str, ...], ...]


def _folded(cells: pd.Series) -> pd.Series:
    return cells.map(lambda cell: " ".join(unicodedata.normalize("NFKC", cell).lower().split()), na_action="ignore")


def _digits(cells: pd.Series, last: int, behind: str) -> pd.Series:
    first = cells.str.split(behind, regex=True).str[0]
    return first.str.replace(r"\.0$|[^0-9*]", "", regex=True).str[-last:]


def people_cells(raw: pd.DataFrame) -> pd.DataFrame:
    """Return small letters without blanks around them, and the digits of a telephone."""
    cells = raw.apply(lambda column: column.str.strip().str.lower())
    return cells.assign(phone=cells["phone"].str.replace(r"[^0-9]", "", regex=True)) if "phone" in cells else cells


def customer_cells(raw: pd.DataFrame) -> pd.DataFrame:
    """Return customers cleaned: names without brackets and blanks, cores without region and legal form, digits."""
    folded = raw.apply(_folded)
    city = folded["城市"].str.replace(" ", "").str.replace(r"^.{2,3}省", "", regex=True).str.replace(r"市$", "", regex=True)
    towns = "|".join(re.escape(one) for one in city.value_counts().loc[lambda counts: counts > 5].index)
    name = folded["客户名称"].str.replace(r"\((原|曾用名|已?注销|停用).*", "", regex=True)
    western = name.str.match(r"^[ -~]+$", na=False)
    plain = name.where(western, name.str.replace(r"[ ().。]", "", regex=True))
    core = plain.str.replace(LEGAL_CN, "", regex=True).str.replace(rf"({towns})市?", "", regex=True)
    english = plain.str.replace(r"[.,()]", "", regex=True).str.replace(LEGAL, "", regex=True).str.split().str.join(" ")
    person = folded["联系人"].str.replace(r"\(.*|经理|先生|小姐|女士|主任|老师|mr\. ", "", regex=True)
    mail = folded["邮箱"].str.replace(r"^mailto:|;$", "", regex=True)
    address = (
        folded["地址"]
        .str.replace(" ", "")
        .str.replace(r"^.{2,8}?(省|自治区)", "", regex=True)
        .str.replace(r"^.{2,3}市", "", regex=True)
    )
    return pd.DataFrame(
        {
            "name": plain,
            "core": core.where(~western, english),
            "head": core.where(~western, english).str[:2],
            "person": person.where(person.str.match(r"^[ -~]+$", na=False), person.str.replace(" ", "")),
            "mobile": _digits(folded["手机"], 11, SECOND).where(
                lambda cells: ~cells.isin(("13800138000", "13800000000")) & (cells.str.len() > 6)
            ),
            "line": _digits(folded["电话"], 7, SECOND).where(lambda cells: cells.str.len() == 7),
            "email": mail,
            "address": address,
            "road": address.str.extract(r"((?:.{2}区)?.*?\d+)")[0].str.replace(r"^.*区", "", regex=True),
            "city": city,
            "code": folded["统一社会信用代码"].str.replace(" ", "").str.replace("o", "0"),
        }
    )


def place_cells(raw: pd.DataFrame) -> pd.DataFrame:
    """Return places cleaned: names without marks and legal forms, streets in short words, digits."""
    folded = raw.apply(_folded)
    name = folded["name"].str.replace("&", " and ").str.replace(r"'", "").str.replace(r"[^a-z0-9 ]", " ", regex=True)
    name = name.str.replace(LEGAL, " ", regex=True).str.split().str.join(" ")
    words = folded["address"].str.replace(r"[^a-z0-9 ]", " ", regex=True).str.split()
    street = words.map(lambda one: " ".join(ROADS.get(word, word) for word in one), na_action="ignore")
    return pd.DataFrame(
        {
            "name": name,
            "word": name.str.split().str[0],
            "address": street,
            "number": street.str.extract(r"^(\d+)")[0],
            "city": folded["city"],
            "zip": folded["zip"].str[:5],
            "phone": _digits(folded["phone"], 10, "ext"),
            "category": folded["category"],
        }
    )


def _similar(column: str, *steps: float) -> object:
    levels = [cll.NullLevel(column), cll.ExactMatchLevel(column, term_frequency_adjustments=True)]
    return cl.CustomComparison(
        output_column_name=column,
        comparison_levels=[*levels, *(cll.JaroWinklerLevel(column, step) for step in steps), cll.ElseLevel()],
    )


CUSTOMER_NAME = cl.CustomComparison(
    output_column_name="name",
    comparison_levels=[
        cll.NullLevel("name"),
        cll.ExactMatchLevel("name", term_frequency_adjustments=True),
        cll.ExactMatchLevel("core", term_frequency_adjustments=True),
        cll.CustomLevel("starts_with(core_l, core_r) or starts_with(core_r, core_l)", "One core begins the other"),
        cll.JaroWinklerLevel("core", 0.92),
        cll.JaroWinklerLevel("core", 0.8),
        cll.ElseLevel(),
    ],
)
PERSON = cl.CustomComparison(
    output_column_name="person",
    comparison_levels=[
        cll.NullLevel("person"),
        cll.ExactMatchLevel("person", term_frequency_adjustments=True),
        cll.LevenshteinLevel("person", 1),
        cll.CustomLevel("substr(person_l, 1, 1) = substr(person_r, 1, 1)", "Same surname"),
        cll.ElseLevel(),
    ],
)
MOBILE = cl.CustomComparison(
    output_column_name="mobile",
    comparison_levels=[
        cll.NullLevel("mobile"),
        cll.ExactMatchLevel("mobile"),
        cll.CustomLevel(
            "(contains(mobile_l, '*') or contains(mobile_r, '*')) and left(mobile_l, 3) = left(mobile_r, 3) "
            "and right(mobile_l, 4) = right(mobile_r, 4)",
            "Masked",
        ),
        cll.LevenshteinLevel("mobile", 1),
        cll.ElseLevel(),
    ],
)
PEOPLE = SetUp(
    people_cells,
    {
        "first_name": cl.NameComparison("first_name").configure(term_frequency_adjustments=True),
        "last_name": cl.NameComparison("last_name").configure(term_frequency_adjustments=True),
        "dob": cl.DateOfBirthComparison("dob", input_is_string=True),
        "email": cl.EmailComparison("email"),
        "phone": cl.LevenshteinAtThresholds("phone", [1, 2]),
        "street": cl.JaroWinklerAtThresholds("street", [0.9, 0.8]),
        "city": cl.ExactMatch("city").configure(term_frequency_adjustments=True),
        "state": cl.ExactMatch("state").configure(term_frequency_adjustments=True),
        "postcode": cl.LevenshteinAtThresholds("postcode", [1]),
    },
    (
        ("first_name", "last_name"),
        ("last_name", "dob"),
        ("first_name", "dob"),
        ("email",),
        ("phone",),
        ("street", "postcode"),
        ("last_name", "postcode"),
        ("first_name", "postcode"),
        ("dob", "postcode"),
        ("last_name", "street"),
    ),
    (("first_name", "last_name"), ("dob",), ("email",), ("postcode",)),
)
CUSTOMERS = SetUp(
    customer_cells,
    {
        "name": CUSTOMER_NAME,
        "person": PERSON,
        "mobile": MOBILE,
        "line": cl.LevenshteinAtThresholds("line", [1]),
        "email": cl.EmailComparison("email"),
        "address": _similar("address", 0.92, 0.8),
        "city": cl.ExactMatch("city").configure(term_frequency_adjustments=True),
        "code": cl.LevenshteinAtThresholds("code", [1]),
    },
    (
        ("core", "city"),
        ("mobile",),
        ("core",),
        ("line",),
        ("email",),
        ("code",),
        ("road", "city"),
        ("person", "city"),
        ("head", "city"),
    ),
    (("mobile",), ("core", "city"), ("line",)),
)
PLACES = SetUp(
    place_cells,
    {
        "name": _similar("name", 0.95, 0.88, 0.8),
        "address": _similar("address", 0.95, 0.88, 0.8),
        "city": _similar("city", 0.9),
        "zip": cl.ExactMatch("zip").configure(term_frequency_adjustments=True),
        "phone": cl.LevenshteinAtThresholds("phone", [1]),
    },
    (("name", "city"), ("phone",), ("address", "city"), ("number", "zip"), ("word", "zip"), ("word", "city"), ("name",)),
    (("phone",), ("name", "city"), ("address", "city")),
)


def set_up(columns: set[str]) -> SetUp:
    """Return the set-up for a table with these columns."""
    return CUSTOMERS if "客户名称" in columns else PLACES if "category" in columns else PEOPLE


def main() -> int:
    """Match a CSV and write it with its clusters, at even odds or at each of the cuts."""
    source, out, *cuts = sys.argv[1:]
    start = time.perf_counter()
    base = duckdb.connect()
    raw = base.execute("select * from read_csv(?, all_varchar = true)", [source]).df()
    how = set_up(set(raw.columns))
    cells = how.cells(raw).replace("", None)
    base.register("cleaned", cells.assign(unique_id=range(len(cells))))
    base.execute("create table records as select * from cleaned")
    there = set(cells.columns)
    rules = [block_on(*rule) for rule in how.rules if set(rule) <= there]
    settings = SettingsCreator(
        link_type="dedupe_only",
        comparisons=[one for name, one in how.comparisons.items() if name in there],
        blocking_rules_to_generate_predictions=rules,
    )
    api = DuckDBAPI(base)
    linker = Linker(api.register("records"), settings)
    linker.training.estimate_probability_two_random_records_match(rules[:2], recall=0.7)
    linker.training.estimate_u_using_random_sampling(max_pairs=1e6, seed=1)
    for session in [one for one in how.training if set(one) <= there][:2]:
        linker.training.estimate_parameters_using_expectation_maximisation(block_on(*session))
    found = linker.inference.predict(threshold_match_probability=0.5)
    labels = {}
    for name, cut in [("cluster_id", 0.5)] if not cuts else [(cut, float(cut)) for cut in cuts]:
        clusters = linker.clustering.cluster_pairwise_predictions_at_threshold(found, threshold_match_probability=cut)
        table = clusters.as_duckdbpyrelation() if hasattr(clusters, "as_duckdbpyrelation") else base.table(clusters.physical_name)
        labels[name] = table.df().set_index("unique_id")["cluster_id"].reindex(raw.index)
    raw.assign(**labels).to_csv(out, index=False)
    print(round(time.perf_counter() - start, 2))
    return 0


if __name__ == "__main__":
    sys.exit(main())
