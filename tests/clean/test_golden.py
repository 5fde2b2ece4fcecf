"""Golden pairs: what each type makes of the cells that people really write."""

import csv
from pathlib import Path

import pytest

from crmetl.clean import TYPES, Context, choices_of, company_parts
from crmetl.faults.kind import Fault

GOLDEN = Path(__file__).parents[1] / "golden" / "clean"


def pairs() -> list[tuple[str, dict[str, str]]]:
    """Return (semantic type, row) of every golden file that is named after a type."""
    found = []
    for path in sorted(GOLDEN.glob("*.csv")):
        if path.stem in TYPES:
            with path.open(encoding="utf-8", newline="") as file:
                found += [(path.stem, row) for row in csv.DictReader(file)]
    return found


def context(row: dict[str, str]) -> Context:
    """Return the context that the further columns of a golden file tell."""
    told = {name: value for name, value in row.items() if value and name not in ("raw", "expected", "code", "choices")}
    table = dict(pair.split("=") for pair in row["choices"].split(";")) if row.get("choices") else None
    return Context(**told, choices=choices_of(table) if table else None)  # type: ignore[arg-type]


@pytest.mark.parametrize(("kind", "row"), pairs(), ids=lambda one: one if isinstance(one, str) else one["raw"][:20])
def test_a_cell_is_read_as_the_golden_file_says(kind: str, row: dict[str, str]) -> None:
    """A cell gives the expected canonical text and the expected faults."""
    found = TYPES[kind].parse(row["raw"], context(row))

    value, codes = ("", [found.code]) if isinstance(found, Fault) else (found.value or "", [one.code for one in found.notes])
    assert (row["expected"], row["code"]) == (value, " ".join(codes))


def parts() -> list[dict[str, str]]:
    with (GOLDEN / "company_parts.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize("row", parts(), ids=lambda row: row["raw"])
def test_a_company_name_is_parsed_as_the_golden_file_says(row: dict[str, str]) -> None:
    """Region, brand, trade, legal form and branch stand where they belong."""
    found = company_parts(row["raw"])

    assert row == {
        "raw": row["raw"],
        "region": found.region,
        "brand": found.brand,
        "trade": found.trade,
        "form": found.form,
        "branch": found.branch,
        "alias": found.alias,
    }


TOPICS = {
    "text": ("text", "url"),
    "company": ("company_name", "company_parts"),
    "person": ("person_name",),
    "phone": ("phone",),
    "email": ("email",),
    "place": ("address", "region", "city", "country", "postcode"),
    "date": ("date", "datetime"),
    "number": ("money", "quantity", "currency"),
    "identity": ("uscc", "tax_id", "id_code"),
    "choice": ("choice", "boolean"),
}


def count(name: str) -> int:
    with (GOLDEN / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return len(list(csv.DictReader(file)))


@pytest.mark.parametrize("topic", TOPICS)
def test_each_topic_has_forty_pairs(topic: str) -> None:
    """A topic is shown by at least forty cells, and all together by six hundred."""
    assert sum(map(count, TOPICS[topic])) >= 40
    assert sum(count(one) for names in TOPICS.values() for one in names) >= 600


def test_every_golden_file_belongs_to_a_topic() -> None:
    """No file of pairs is left out of the count."""
    assert {path.stem for path in GOLDEN.glob("*.csv")} == {one for names in TOPICS.values() for one in names}
