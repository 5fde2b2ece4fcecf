"""
Rows per second of CPU through `map_rows`: plain columns, a keyed account, splitting.

Run: `python benchmarks/mapping.py [rows]`.
"""

import sys
from pathlib import Path
from time import process_time

import numpy as np
import pandas as pd

from crmetl.mapping import map_rows, map_rules, repeats
from crmetl.project import Column, Made, Project, Source, Target
from crmetl.schema import Schema
from crmetl.text import Text

CHUNK = 20_000
FIELDS = (
    "name name_en uscc tax_id phone email website country region city address postcode industry status remark".split()  # noqa: SIM905 reads as a line
)


def project(source: Source) -> Project:
    fields = {name: {"type": "text"} for name in FIELDS}
    label = Text("客户", "Account")
    point = {"account": {"type": "reference", "to": "account"}, "kind": {"type": "text"}, "value": {"type": "text"}}
    person = {"account": {"type": "reference", "to": "account"}, "full_name": {"type": "text"}, "mobile": {"type": "mobile"}}
    schema = Schema.model_validate(
        {
            "entities": {
                "account": {"label": label, "fields": {**fields, "phone": {"type": "phone"}}},
                "contact": {"label": label, "fields": person},
                "contact_point": {"label": label, "fields": point},
            }
        }
    )
    here = Path()
    return Project(
        root=here, name=label, source_root=here, runs=here, target=Target(url="sqlite://"), schema=schema, sources=(source,)
    )


def rows(number: int) -> pd.DataFrame:
    index = pd.Index([f"{one:024x}" for one in range(number)], dtype="str", name="id")
    counter = pd.Series(np.arange(number), index=index).astype("str").astype("str")
    columns = {f"c{at}": "值" + str(at) + counter for at in range(15)}
    phones = {"phones": "021-6123" + counter.str.zfill(7).str.slice(3) + " / 139" + counter.str.zfill(8)}
    place = {"_source": pd.Series("bench", index=index, dtype="str"), "_row": "a.csv!R" + counter}
    return pd.DataFrame({**columns, "key": "K" + counter, "person": "王" + counter, **phones, **place})


def measure(name: str, source: Source, chunks: list[pd.DataFrame]) -> None:
    rules = map_rules(project(source), source)
    map_rows(chunks[0], rules=rules)
    start = process_time()
    frames = [map_rows(one, rules=rules) for one in chunks]
    mapped = process_time() - start
    decision = repeats((one.records["account"].frame for one in frames), entity="account", rules=rules)
    for one in frames:
        decision.settle(one.records["account"])
    both = process_time() - start
    number = sum(len(one) for one in chunks)
    print(f"{name:24} map {number / mapped:>10,.0f} rows/s   with repeats {number / both:>10,.0f} rows/s")


def main() -> None:
    number = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    whole = rows(number)
    chunks = [whole.iloc[at : at + CHUNK] for at in range(0, number, CHUNK)]
    plain = {f"c{at}": Column(to=(f"account.{field}",)) for at, field in enumerate(FIELDS)}
    rest = {name: Column(drop="not asked for") for name in ("key", "person", "phones")}
    measure("15 plain columns", Source(source="s", system="s", reads=("*",), columns={**plain, **rest}), chunks)
    keyed = Source(source="s", system="s", reads=("*",), columns={**plain, **rest}, entities={"account": Made(key=("key",))})
    measure("the same, keyed", keyed, chunks)
    split = {
        "phones": Column(to=("account.phone", "contact.mobile"), split="phones"),
        "person": Column(to=("contact.full_name",)),
    }
    measure("and phones, a contact", keyed.model_copy(update={"columns": {**plain, **split}}), chunks)


if __name__ == "__main__":
    main()
