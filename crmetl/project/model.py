"""The declarations of a project, as the rooms see them; `read` turns the YAML into these."""

from collections.abc import Mapping
from pathlib import Path
from typing import Literal

from pydantic import Field as Declared
from pydantic import JsonValue

from crmetl.schema import Schema
from crmetl.schema.model import Frozen
from crmetl.text import Text

When = Mapping[str, str | tuple[str, ...]]
"""Column (or field) -> value, or values, it must have; all must hold."""

Format = Literal["table", "mbox", "chat"]

MOST_ONCE = 62
"""Sources of one entity that may be declared to hold everybody once: each is a bit of an integer."""

READER: dict[str, JsonValue] = {"reader": True}
"""Marks what the reader fills in and no file may write."""


class Column(Frozen):
    """
    What becomes of one source column.

    Attributes:
        to: `entity.field`, or `entity.reference.field` for evidence to find a parent by; several for a split cell.
            `entity.reference.key` is the parent's key in the source's system.
        drop: Why the column is left out; exactly one of `to` and `drop` is given in a decided column.
        split: `phones`: a cell of several numbers; landlines go to the first phone field, mobiles to the first mobile
            field, further ones become contact points. `parties`: `Name <address>; …`, one child record each
            (`activity_party`), its role the column's name (from, to, cc).
        values: Code table; an unknown value is a finding.
        currency, unit: Of a money column (`unit: 万`).
        decimal: Its mark before the fraction, where it is a comma.
        required: An empty cell holds the row.
        check: Marked by `init` where the draft is unsure; `lint` names it.
    """

    to: tuple[str, ...] = ()
    drop: str | None = None
    split: Literal["phones", "parties"] | None = None
    values: str | None = None
    currency: str | None = None
    unit: str | None = None
    date_order: Literal["ymd", "mdy", "dmy"] | None = None
    decimal: Literal[".", ","] | None = None
    required: bool = False
    check: bool = False


class TableHint(Frozen):
    """
    Where the table stands in a sheet; `auto` is found by the reader and told in the manifest.

    Attributes:
        sheet: Name, or a pattern of names.
        header: Rows of the header as a spreadsheet counts them.
        last_row: Last row of the table, where notes or another table stand below it.
        password: Of an encrypted workbook or archive; `${NAME}` only.
    """

    sheet: str = "*"
    header: Literal["auto"] | tuple[int, ...] = "auto"
    encoding: str | None = None
    delimiter: str | None = None
    last_row: int | None = None
    password: str | None = Declared(default=None, repr=False)


class Database(Frozen):
    """
    A table or query of a database that is read, never written.

    Attributes:
        url: SQLAlchemy's form; secrets by reference. A relative SQLite path is below the source root.
        table: Its name, with the schema before a dot where it needs one.
        query: A SELECT, instead of a table.
    """

    url: str = Declared(repr=False)
    table: str | None = None
    query: str | None = None

    def __str__(self) -> str:
        """Return how people are told it, without the address."""
        return f"database!{self.table or 'query'}"


class ReadLimits(Frozen):
    """What reading one file may cost, where the default is not enough or too much; `crmetl.extract.Limits` says what each is."""

    unpacked_mb: int | None = None
    ratio: int | None = None
    entries: int | None = None
    cell_chars: int | None = None
    message_mb: int | None = None
    memory_mb: int | None = None
    seconds: int | None = None
    rows: int | None = None
    cells: int | None = None


class Made(Frozen):
    """
    How one entity is made from the rows of a source.

    Attributes:
        key: Source columns whose texts, joined by `/`, are the record's key in `system`; none: identity by content.
        on_repeat: What several rows of one key mean: `hold` all when they differ, or `first` (the header repeated on
            each line of an order; the row of the smallest content is taken, whatever the order of files).
        when: Only rows that fit make this record.
    """

    key: tuple[str, ...] = ()
    on_repeat: Literal["hold", "first"] = "hold"
    when: When = Declared(default_factory=dict)


class RowFilter(Frozen):
    """Rows that are left out on purpose, by name, and counted (`mapping` applies those of a source to its raw rows)."""

    rule: str
    when: When
    label: Text | None = None


class Source(Frozen):
    """
    One mapping of `sources/*.yaml`.

    Attributes:
        source: Its name.
        system: The system that gave the keys; orders of one system refer to its customers.
        key: Short for `entities: {first entity: {key: [..]}}`.
        reads: Globs below the source root, or databases.
        limits: What reading one file may cost.
        rank: Trust, 1 is most trusted; decides survivorship `first`.
        set: `entity.field` -> constant.
        entities: Entity -> how it is made; entities named in `columns` and not here are made with the defaults.
        rows: Row filters.
        file: Path of the YAML, for messages; given by the reader, not by the file.
        places: Key path (`columns.客户名称`) -> `file:line:column`; given by the reader.
    """

    source: str
    label: Text | None = None
    system: str
    reads: tuple[str | Database, ...]
    format: Format = "table"
    table: TableHint = TableHint()
    limits: ReadLimits = ReadLimits()
    on_new_column: Literal["evolve", "hold", "stop"] = "hold"
    optional: bool = False
    rank: int = 50
    as_of: str | None = None
    columns: Mapping[str, Column]
    set: Mapping[str, str] = Declared(default_factory=dict)
    entities: Mapping[str, Made] = Declared(default_factory=dict)
    rows: tuple[RowFilter, ...] = ()
    internal_domains: tuple[str, ...] = ()
    file: str = Declared(default="", json_schema_extra=READER)
    places: Mapping[str, str] = Declared(default_factory=dict, repr=False, json_schema_extra=READER)

    def made(self) -> tuple[str, ...]:
        """Return the entities that a row may give, in the order of their first mention."""
        named = [target.split(".")[0] for column in self.columns.values() for target in column.to]
        return tuple(dict.fromkeys([*named, *(one.split(".")[0] for one in self.set), *self.entities]))


class Comparison(Frozen):
    """
    One field that dedupe compares.

    Attributes:
        field: Field of the entity, or `child.field` of an entity made from the same row (`contact.mobile`).
        type: Semantic type, the field's own where None.
        weights: Level name -> weight in bits; overrides the trained or default weight.
    """

    field: str
    type: str | None = None
    weights: Mapping[str, float] = Declared(default_factory=dict)


class PairKind(Frozen):
    """
    A kind of pairs that matching learns beside plain matches; all by semantic type of the compared fields.

    Attributes:
        are: `one`: pairs of this kind are one record (two contacts of one customer); `two`: look-alikes.
        own: Types whose levels are learnt for this kind; all others compare as among strangers.
        tied: Types that compare as among plain matches.
        apart: Of `own`, those that are thought to differ before anything was learnt.
        whole: Of `own`, those that such pairs have in common wholly.
        levels: Type -> the only levels that a pair of this kind shows.
        differs: Type -> largest share of matches that may differ there.
        asks: Each group of types must be among the compared ones, in one of its types at least.
        never: None of these types may be among them.
    """

    are: Literal["one", "two"]
    own: tuple[str, ...] = ()
    tied: tuple[str, ...] = ()
    apart: tuple[str, ...] = ()
    whole: tuple[str, ...] = ()
    levels: Mapping[str, tuple[str, ...]] = Declared(default_factory=dict)
    differs: Mapping[str, float] = Declared(default_factory=dict)
    asks: tuple[tuple[str, ...], ...] = ()
    never: tuple[str, ...] = ()


class MatchSpec(Frozen):
    """
    Matching of one entity.

    Attributes:
        cut, review: Merge at or above `cut` bits, ask a person at or above `review`; None: the model's own.
        within: Only records with the same resolved parent are compared (contacts of one account).
        vetoes: Fields whose two different valid values forbid a merge.
        existing: What to do with two CRM rows that turn out to be one: `review`, or `merge` as operations of the plan.
        among_existing: A plan compares the CRM's rows with each other too, not only where a new record leads to them; so it
            does with `existing: merge`. A night always does.
        most_in_cluster: Distinct contents of one cluster; a larger one is cut at its weakest links, and a person is asked.
        most_growth: Distinct new contents that one CRM row takes in by one run; where there are more, they are held.
        one_to_one: Sources that hold everybody once: two of their records are never one.
        kinds: Kinds of pairs beside those that are built in, or in their place; `false` leaves a built-in one out.
    """

    comparisons: tuple[Comparison, ...]
    cut: float | None = None
    review: float | None = None
    within: str | None = None
    vetoes: tuple[str, ...] = ()
    existing: Literal["review", "merge"] = "review"
    among_existing: bool = False
    max_block: int = 60
    most_in_cluster: int = Declared(default=50, ge=2)
    most_growth: int = Declared(default=20, ge=1)
    one_to_one: tuple[str, ...] = Declared(default=(), max_length=MOST_ONCE)
    kinds: Mapping[str, PairKind | bool] = Declared(default_factory=dict)


class Values(Frozen):
    """
    Code tables.

    Attributes:
        tables: Table -> source text -> canonical value.
        placeholders: Texts that mean nothing.
        unassigned: Login of the user who gets records of unknown owners; None: such records are held.
    """

    tables: Mapping[str, Mapping[str, str]] = Declared(default_factory=dict)
    placeholders: tuple[str, ...] = ()
    unassigned: str | None = None


class Gate(Frozen):
    """
    A condition written before the day; closed means no approval.

    Attributes:
        measure: `held_share`, `held`, `dropped_share`, `findings` (with `code`), `undecided`, `money_difference`.
        limit: Largest value that passes; shares as fractions of 1.
    """

    name: str
    measure: Literal["held_share", "held", "dropped_share", "dropped", "findings", "undecided", "conflict", "money_difference"]
    limit: float
    entity: str | None = None
    stage: str | None = None
    code: str | None = None
    label: Text | None = None


class EntityFilter(Frozen):
    """
    Records treated apart after cleaning, by name (deregistered customers).

    Attributes:
        then: `inactive`: kept, fields of `set` written. `drop`: left out with their children. `retire`: as `drop`, and
            retired in the CRM where it is there.
    """

    rule: str
    when: When
    then: Literal["inactive", "drop", "retire"]
    set: Mapping[str, str] = Declared(default_factory=dict)
    label: Text | None = None


class Target(Frozen):
    """The CRM's database: a SQLAlchemy URL, or a `${VARIABLE}` or `file:` reference to one."""

    url: str


class Caps(Frozen):
    """
    What one night may change at most; merges are counted apart, for they are harder to look over.

    Attributes:
        updates, merges: Most records; updates_share, merges_share: of the records of the entity, as fractions of 1.
    """

    updates: int = Declared(default=500, ge=0)
    updates_share: float = Declared(default=0.01, ge=0, le=1)
    merges: int = Declared(default=20, ge=0)
    merges_share: float = Declared(default=0.001, ge=0, le=1)


class Nightly(Frozen):
    """
    The nightly cleansing of the CRM itself.

    Attributes:
        entities: Entities that are looked at; none named: those of `rules/match.yaml`.
        safe: Cleaning rules whose changes are written without a person, by code; None: those that the catalogue calls safe.
        merge: Two CRM rows that score so many bits, with no veto and no other doubt, are merged without a person; None: never.
        caps: Above any of them nothing at all is written.
    """

    entities: tuple[str, ...] = ()
    safe: tuple[str, ...] | None = None
    merge: float | None = None
    caps: Caps = Caps()


class EntryCheck(Frozen):
    """
    The duplicate check before a record is saved.

    Attributes:
        block: Bits from which the answer is `block`; None: the model's cut. From the model's review line on it is `warn`.
        candidates: Most candidates that an answer names.
    """

    block: float | None = None
    candidates: int = Declared(default=5, ge=1, le=50)


class Retention(Frozen):
    """How long run folders are kept: `days`, and the newest `runs` whatever their age."""

    days: int = Declared(default=90, ge=0)
    runs: int = Declared(default=10, ge=1)


class Project(Frozen):
    """
    All declarations.

    Attributes:
        store: Where the project keeps what it remembers between runs: decisions, corrections.
        root: The project's folder; `source_root`, `runs` and SQLite paths are relative to it.
        declared_paths: `source_root` and `runs` as written, for the fingerprint: it must not change with the folder.
        fingerprint: sha256 of the content of all declarations, whatever their layout in files.
    """

    root: Path
    name: Text
    locale: Literal["zh", "en"] = "zh"
    country: str = "CN"
    source_root: Path
    runs: Path
    target: Target
    schema_: Schema = Declared(alias="schema")
    sources: tuple[Source, ...]
    match: Mapping[str, MatchSpec] = Declared(default_factory=dict)
    values: Values = Values()
    gates: tuple[Gate, ...] = ()
    filters: Mapping[str, tuple[EntityFilter, ...]] = Declared(default_factory=dict)
    approval: bool = True
    stale_limit: float = 0.01
    chunk: int = 20_000
    severities: Mapping[str, Literal["note", "blank", "hold"]] = Declared(default_factory=dict)
    nightly: Nightly = Nightly()
    entry: EntryCheck = EntryCheck()
    keep: Retention = Retention()
    store: Target = Target(url="sqlite:///.crmetl/store.db")
    declared_paths: tuple[str, str] = ("", "")
    fingerprint: str = ""
