"""
From the files of a dirty estate to cleaned cells: how many equal the truth, per family of dirt.

    python -m benchmarks.cells --customers 2000 [--seed 11]

The estate is the sample's generator with more dirt on top (`benchmarks/cells_dirt.py`), written to workbooks and text files,
read, mapped, cleaned and validated by the sample project's own mappings. The truth of a cell is what the generator knows, written
in the form that the CRM wants, without this project's rules. Outcomes:

- right: equals the truth; where the dirt leaves a good cell that says less (a short name), equals the cell as written;
- told: not the truth, and a finding says so at this cell (for dirt that leaves no way back this is the aim);
- as found: not the truth and not told, but the cell's own letters stand as they were;
- wrong: another value, and nobody is told.
"""

import argparse
import shutil
import tempfile
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random
from unittest.mock import patch

import pandas as pd

from benchmarks.cells_dirt import AS_WRITTEN, LOST, MORE
from crmetl.flows.journal import Journal
from crmetl.flows.opening import open_project, today
from crmetl.flows.records import checks_of
from crmetl.flows.sources import intake
from crmetl.workspace import create
from sample_data.estate import customer_files, dirt
from sample_data.estate.dirt import Family
from sample_data.estate.rows import COMPANY_CELLS, Cell, Row, plan_rows
from sample_data.estate.script import traditional
from sample_data.estate.world import make_world

ROOT = Path(__file__).parents[1]
SOURCES = {
    "east": "east_customers", "south": "south_customers", "north": "north_customers", "abroad": "overseas_customers",
    "erp": "erp_customers", "event": "fair_visitors",
}  # fmt: skip
FIELDS = {
    "name": ("account", "name"), "landline": ("account", "phone"), "address": ("account", "address"),
    "region": ("account", "region"), "city": ("account", "city"),
    "postcode": ("account", "postcode"), "uscc": ("account", "uscc"), "since": ("account", "since"),
    "person": ("contact", "full_name"), "mobile": ("contact", "mobile"), "email": ("contact", "email"),
}  # fmt: skip
SHOWN = {
    "east": ("name", "person", "landline", "mobile", "email", "address", "since"),
    "south": ("name", "uscc", "person", "mobile", "landline", "email", "address", "region", "city"),
    "north": ("name", "uscc", "address", "landline", "person", "mobile", "email", "since"),
    "abroad": ("name", "person", "email", "landline", "mobile", "address", "city", "region", "postcode", "since"),
    "erp": ("name", "uscc", "address", "landline"),
    "event": ("person", "name", "mobile", "email"),
}
"""Cells that a table shows."""
OFFICIAL = {
    "北京": "北京市", "上海": "上海市", "天津": "天津市", "重庆": "重庆市", "内蒙古": "内蒙古自治区", "广西": "广西壮族自治区",
    "西藏": "西藏自治区", "宁夏": "宁夏回族自治区", "新疆": "新疆维吾尔自治区",
}  # fmt: skip
TOLD_AT = {"contact.mobile": ("contact.mobile", "account.phone"), "account.phone": ("account.phone", "contact.mobile")}
"""Where one column gives both, it is told of at either."""
POLITE = ("先生", "女士", "总", "经理", "工")

Spoilt = dict[tuple[int, str], str]
"""(id of a row, cell) -> family of its dirt."""


def spoiled(tables: dict[str, list[Row]], rng: Random, families: tuple[Family, ...]) -> Spoilt:
    """Put dirt on the rows; return which family fell on which cell."""
    found: Spoilt = {}

    def noting(family: Family) -> Family:
        def spoil(row: Row, cell: str, chance: Random) -> Cell | None:
            value = family.spoil(row, cell, chance)
            if value is not None and value != row.cells.get(cell):
                found[id(row), cell] = family.name
            return value

        return replace(family, spoil=spoil)

    with patch.object(dirt, "FAMILIES", tuple(map(noting, families))), patch.object(dirt, "LEAST", 0):
        dirt.soil([row for rows in tables.values() for row in rows], rng)
    return found


def international(text: str) -> str:
    """Return a number of the generator as the CRM wants it."""
    digits = "".join(one for one in text if one.isdigit())
    return f"+{digits}" if text.startswith("+") else f"+86{digits.removeprefix('0')}"


def _chinese(text: str) -> bool:
    return "\u4e00" <= text[:1] <= "\u9fff"


def wanted(cell: str, value: Cell) -> str:
    """Return a clean cell of the generator in the form of the CRM."""
    if cell in ("mobile", "landline"):
        return international(str(value))
    if cell == "since":
        return str(value)
    if cell == "region" and _chinese(str(value)):
        return OFFICIAL.get(str(value), f"{value}省")
    if cell == "city" and _chinese(str(value)):
        return str(value) if str(value).endswith("市") else f"{value}市"
    return str(value)


@dataclass(frozen=True)
class Read:
    """
    What the run made of the cells: (place, field) -> value, and the places and fields that it tells of.

    Attributes:
        records: Place and entity of the records; rows that were held before cleaning, or merged by their key, gave none.
    """

    cells: dict[tuple[str, str], str]
    told: frozenset[tuple[str, str]]
    records: frozenset[tuple[str, str]]


def run(folder: Path) -> Read:
    """Read, map, clean and validate the customer files of a folder."""
    project = open_project(folder / "mappings").project
    some = tuple(one for one in project.sources if one.source in SOURCES.values())
    journal = Journal(create(project.runs, "cells"), project.schema_)
    intake(project.model_copy(update={"sources": some}), journal, checks=checks_of(project, today().date()))
    done = journal.workspace.folder
    values: dict[tuple[str, str], str] = {}
    records: set[tuple[str, str]] = set()
    for entity in ("account", "contact"):
        for path in sorted(done.glob(f"*/{entity}/*.parquet")):
            if path.parts[-3] not in ("valid", "held"):
                continue
            frame = pd.read_parquet(path)
            records |= {(place, entity) for place in frame["_row"]}
            for field in {name for kind, name in FIELDS.values() if kind == entity} & set(frame.columns):
                known = frame[frame[field].notna()]
                values |= {(place, f"{entity}.{field}"): text for place, text in zip(known["_row"], known[field], strict=True)}
    findings = pd.concat([pd.read_parquet(path) for path in sorted((done / "findings").glob("*.parquet"))])
    told = zip(findings["place"], findings["entity"] + "." + findings["column"].fillna(""), strict=True)
    unread = {(place, "account") for place in findings.loc[findings["code"] == "KEY_REPEATED", "place"]}
    return Read(values, frozenset((str(place), str(field)) for place, field in told), frozenset(records - unread))


def letters(text: str) -> str:
    """Return what a cell says, without width, blanks, marks and case."""
    return "".join(one for one in unicodedata.normalize("NFKC", text).casefold() if one.isalnum())


@dataclass(frozen=True)
class Judged:
    """One cell: its family of dirt (`clean` where it has none), its cell, how it came out; and the texts, for a closer look."""

    family: str
    cell: str
    outcome: str
    texts: tuple[str, str, str]


def truth_of(row: Row, clean: Row, cell: str, family: str) -> str:
    """Return what a cell should be once cleaned: what it was before the dirt, and what the dirt says beside it."""
    dirty, truth = str(row.cells[cell]), wanted(cell, clean.cells[cell])
    if family in AS_WRITTEN:
        return dirty
    if family == "two_phones" and row.person:
        return international(row.person.mobile)  # the first of the two, which need not be the one that stood there
    if family == "traditional":
        return traditional(truth)
    if family == "area_code" and (tail := dirty.partition("转")[2]):
        return f"{truth};ext={tail}"
    if family == "extension":
        return f"{truth};ext={''.join(one for one in dirty.removeprefix(str(clean.cells[cell])) if one.isdigit())}"
    return truth


def _asked(row: Row, clean: Row, cell: str) -> bool:
    """Say whether a cell has a truth, and a place of its own in the file."""
    if (row.lead and cell in COMPANY_CELLS) or not clean.cells.get(cell) or "phones" in row.cells:
        return False
    # In the east one cell holds both numbers, and the mobile stands in it.
    return not (row.table == "east" and cell == "landline" and row.cells.get("mobile"))


def judged(row: Row, clean: Row, where: str, families: Spoilt, read: Read) -> Iterator[Judged]:
    """Judge every cell that a row shows."""
    for cell in SHOWN[row.table]:
        if not _asked(row, clean, cell) or (where, FIELDS[cell][0]) not in read.records:
            continue
        family = families.get((id(row), cell), "clean")
        dirty, field = str(row.cells[cell]), ".".join(FIELDS[cell])
        if family == "honorific" and dirty.removeprefix(str(clean.cells["person"])[:1]) in POLITE:
            family = "surname_only"
        truth, found = truth_of(row, clean, cell, family), read.cells.get((where, field), "")
        told = any((where, one) in read.told for one in TOLD_AT.get(field, (field,)))
        yield Judged(family, cell, outcome(family, found, (truth, dirty), told=told), (truth, dirty, found))


def outcome(family: str, found: str, texts: tuple[str, str], *, told: bool) -> str:
    """Return how a cell came out."""
    truth, dirty = texts
    same = letters(found) == letters(truth) if family in AS_WRITTEN else found.casefold() == truth.casefold()
    if same and family not in LOST:
        return "right"
    if told:
        return "told"
    return "as found" if found and letters(found) == letters(dirty) else "right" if same else "wrong"


def main() -> None:
    """Print a line per family: cells, and the share of each outcome; then the cells that came out wrong, by family and cell."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--customers", type=int, default=2000)
    asked.add_argument("--seed", type=int, default=11)
    asked.add_argument("--look", action="store_true", help="show the cells of every family that are not right")
    given = asked.parse_args()
    world = make_world(given.customers, Random(f"{given.seed} world"))
    tables = plan_rows(world, Random(f"{given.seed} rows"))
    clean = {id(row): deepcopy(row) for rows in tables.values() for row in rows}
    families = spoiled(tables, Random(f"{given.seed} more"), MORE) | spoiled(tables, Random(f"{given.seed} dirt"), dirt.FAMILIES)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        shutil.copytree(ROOT / "mappings", folder / "mappings")
        for table, rows in tables.items():
            path = folder / "sample_data" / customer_files.FILES[table]
            path.parent.mkdir(parents=True, exist_ok=True)
            customer_files.WRITERS[table](path, rows, Random(f"{given.seed} {table}"))
        read = run(folder)
    cells = [
        one
        for table, rows in tables.items()
        for row in rows
        for one in judged(row, clean[id(row)], _place(table, row), families, read)
    ]
    _print(cells, look=given.look)


def _place(table: str, row: Row) -> str:
    sheet, line = row.place
    return "!".join(part for part in (customer_files.FILES[table], sheet, f"R{line}") if part)


def _print(cells: list[Judged], *, look: bool) -> None:
    counts: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for one in cells:
        counts[one.family][one.outcome] += 1
        counts["all"][one.outcome] += 1
    print(f"{'family':<20}{'cells':>8}{'right':>9}{'told':>9}{'as found':>10}{'wrong':>9}")
    for family in sorted(counts, key=lambda one: (one == "all", one in LOST, one)):
        found, whole = counts[family], counts[family].total()
        shares = "".join(
            f"{found[one] / whole:>{width}.2%}" for one, width in (("right", 9), ("told", 9), ("as found", 10), ("wrong", 9))
        )
        print(f"{family + ' *' * (family in LOST):<20}{whole:>8,}{shares}")
    kept = [one for one in cells if one.family not in LOST]
    right = sum(one.outcome == "right" for one in kept)
    wrong = sum(one.outcome == "wrong" for one in cells)
    gone = [one for one in cells if one.family in LOST]
    print(f"* no way back; told of: {sum(one.outcome == 'told' for one in gone) / max(1, len(gone)):.2%}")
    print(f"right where there is a way: {right / max(1, len(kept)):.2%}; silently wrong of all: {wrong / max(1, len(cells)):.3%}")
    if look:
        for one in cells:
            if one.outcome in ("as found", "wrong") or (one.outcome == "told" and one.family not in LOST):
                print(one.family, one.cell, one.outcome, *map(repr, one.texts))


if __name__ == "__main__":
    main()
