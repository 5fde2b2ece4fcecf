"""
Splink on a table of people, as its own tutorial sets it up; the peer of `benchmarks.people`. Needs `pip install splink`.

    python benchmarks/peer_splink.py people.csv out.csv

Ten blocking rules by hand, comparisons made for each field's type, term frequencies where it offers them, u from random pairs,
m by EM in two sessions, clusters at even odds. Prints nothing but the seconds it took.
"""

import sys
import time

import duckdb
import splink.comparison_library as cl
from splink import Linker, SettingsCreator, block_on

try:
    from splink import DuckDBAPI
except ImportError:
    from splink.backends.duckdb import DuckDBAPI

FIELDS = ("first_name", "last_name", "dob", "email", "phone", "street", "city", "state", "postcode")
RULES = (
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
)
TRAINING = (("first_name", "last_name"), ("dob",), ("email",), ("postcode",))
"""Blocking of the EM sessions: the first two that the table has."""


def comparisons(fields: set[str]) -> list[object]:
    """Return the comparisons of the fields that the table has."""
    made = {
        "first_name": cl.NameComparison("first_name"),
        "last_name": cl.NameComparison("last_name"),
        "dob": cl.DateOfBirthComparison("dob", input_is_string=True),
        "email": cl.EmailComparison("email"),
        "phone": cl.LevenshteinAtThresholds("phone", [1, 2]),
        "street": cl.JaroWinklerAtThresholds("street", [0.9, 0.8]),
        "city": cl.ExactMatch("city").configure(term_frequency_adjustments=True),
        "state": cl.ExactMatch("state").configure(term_frequency_adjustments=True),
        "postcode": cl.LevenshteinAtThresholds("postcode", [1]),
    }
    return [one for name, one in made.items() if name in fields]


def main() -> int:
    """Match a CSV and write it with its clusters."""
    source, out = sys.argv[1:3]
    start = time.perf_counter()
    base = duckdb.connect()
    base.execute("create table raw as select * from read_csv(?, all_varchar = true)", [source])
    there = {row[0] for row in base.execute("describe raw").fetchall()}
    cells = {name: f"nullif(lower(trim({name})), '')" for name in FIELDS if name in there}
    if "phone" in cells:
        cells["phone"] = "nullif(regexp_replace(phone, '[^0-9]', '', 'g'), '')"
    chosen = ", ".join(f"{cell} as {name}" for name, cell in cells.items())
    base.execute(f"create table people as select row_number() over () - 1 as unique_id, {chosen} from raw")  # noqa: S608 names are ours
    rules = [block_on(*rule) for rule in RULES if set(rule) <= cells.keys()]
    settings = SettingsCreator(
        link_type="dedupe_only",
        comparisons=comparisons(set(cells)),
        blocking_rules_to_generate_predictions=rules,
    )
    api = DuckDBAPI(base)
    linker = Linker(api.register("people"), settings)
    linker.training.estimate_probability_two_random_records_match(rules[:2], recall=0.7)
    linker.training.estimate_u_using_random_sampling(max_pairs=1e6, seed=1)
    for session in [one for one in TRAINING if set(one) <= cells.keys()][:2]:
        linker.training.estimate_parameters_using_expectation_maximisation(block_on(*session))
    found = linker.inference.predict(threshold_match_probability=0.5)
    clusters = linker.clustering.cluster_pairwise_predictions_at_threshold(found, threshold_match_probability=0.5)
    table = clusters.as_duckdbpyrelation() if hasattr(clusters, "as_duckdbpyrelation") else base.table(clusters.physical_name)
    base.register("clusters", table.df() if hasattr(table, "df") else table)
    base.sql(
        "select raw.*, c.cluster_id from (select *, row_number() over () - 1 as n from raw) raw "
        "join clusters c on c.unique_id = raw.n order by raw.n"
    ).write_csv(out, header=True)
    print(round(time.perf_counter() - start, 2))
    return 0


if __name__ == "__main__":
    sys.exit(main())
