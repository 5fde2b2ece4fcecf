"""CPU per row of `validate` on customer rows of 15 fields, clean and dirty; run: python benchmarks/validate.py [rows]."""

import sys
import time
from datetime import date

import numpy as np
import pandas as pd

from crmetl.batch import KEY, PLACE, SOURCE, Batch
from crmetl.schema import Field
from crmetl.validate import FieldRule, ValidateRules, validate, validate_one

CHUNK = 20_000
FIELDS = {
    "name": Field(type="company_name", required=True, max=200),
    "name_en": Field(type="company_name", max=200),
    "uscc": Field(type="uscc", max=18),
    "phone": Field(type="phone", max=40),
    "email": Field(type="email", max=120),
    "website": Field(type="url", max=200),
    "country": Field(type="country", max=2),
    "region": Field(type="region", max=60),
    "city": Field(type="city", max=60),
    "address": Field(type="address", max=300),
    "postcode": Field(type="postcode", max=12),
    "status": Field(type="choice", choices="status", default="active", max=20),
    "since": Field(type="date"),
    "credit": Field(type="money"),
    "remark": Field(type="long_text"),
}


def customers(rows: int, dirty: float) -> Batch:
    """Return invented customers; a share of the cells of each checked column is empty, too long or of no shape."""
    number = pd.Series(np.arange(rows)).astype("str")
    frame = pd.DataFrame(dict.fromkeys(FIELDS, "值" + number)).assign(
        country="CN",
        status=pd.Series(["active", "inactive", "lead"] * (rows // 3 + 1))[:rows].to_numpy(),
        since=pd.Series(pd.date_range("2001-01-01", periods=5000).astype("str").to_numpy()[np.arange(rows) % 5000]),
        credit=number + ".25",
    )
    spoilt = np.random.default_rng(7).random((rows, len(FIELDS))) < dirty
    for place, name in enumerate(FIELDS):
        frame[name] = frame[name].mask(pd.Series(spoilt[:, place]), "坏" * 250).astype("str")
    lineage = {SOURCE: "bench", PLACE: "客户.xlsx!Sheet1!R" + number, KEY: number}
    return Batch("account", frame.assign(**lineage).set_index(pd.Index("r" + number, dtype="str", name="rid")))


def main(rows: int) -> None:
    """Print µs of CPU per row."""
    choices = frozenset({"active", "inactive", "lead"})
    fields = tuple(
        FieldRule(name, one.type, one.required, one.max, choices if one.choices else None, one.default)
        for name, one in FIELDS.items()
    )
    rules = ValidateRules("account", date(2024, 5, 1), fields, one_of=(("phone", "email"),))
    validate(customers(10, 0.0), rules=rules)
    for name, dirty in (("clean", 0.0), ("1 % of cells bad", 0.01)):
        whole = customers(rows, dirty)
        start = time.process_time()
        results = [validate(Batch("account", whole.frame[at : at + CHUNK]), rules=rules) for at in range(0, rows, CHUNK)]
        spent = time.process_time() - start
        held = sum(len(one.held) for one in results)
        print(f"{name:18} {rows:,} rows in chunks of {CHUNK:,}: {spent / rows * 1e6:.1f} µs a row, {held:,} held")
    records = customers(1000, 0.01).frame[list(FIELDS)].to_dict("records")
    start = time.process_time()
    for record in records:
        validate_one({name: cell if isinstance(cell, str) else None for name, cell in record.items()}, rules)
    print(f"one at a time: {(time.process_time() - start) / len(records) * 1e6:.0f} µs a record")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000)
