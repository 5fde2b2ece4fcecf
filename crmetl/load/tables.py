"""SQLAlchemy tables from the schema: portable types, physical names, references with an index."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import (
    Boolean,
    Column,
    Date,
    DateTime,
    ForeignKeyConstraint,
    Index,
    MetaData,
    Numeric,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
)
from sqlalchemy.dialects import mysql
from sqlalchemy.schema import SchemaItem
from sqlalchemy.types import TypeEngine

from crmetl.load.relations import LONG, MATCHKEY, RECORD, WALK, Relation
from crmetl.plan.canonical import PLACES

COLLATION = "utf8mb4_nopad_bin"
"""
MariaDB's byte order: no folding of case, width or accents, and no padding with blanks, which `utf8mb4_bin` does when it
compares. A source key is what it is; two texts are equal when all their bytes are.
"""

MARIADB = {"mysql_charset": "utf8mb4", "mysql_collate": COLLATION, "mysql_engine": "InnoDB"}

CLUSTERED = (WALK, RECORD, MATCHKEY)
"""Tables that SQLite keeps in the order of their key, without a second tree for it: half the writing."""

LONGTEXT = Text().with_variant(mysql.LONGTEXT(), "mysql", "mariadb")
KEY_LENGTH = 64

FIXED: dict[str, TypeEngine[Any]] = {
    **{kind: Numeric(18, places).with_variant(Text(), "sqlite") for kind, places in PLACES.items()},
    "date": Date().with_variant(Text(), "sqlite"),
    "date_of_birth": Date().with_variant(Text(), "sqlite"),
    "datetime": DateTime().with_variant(mysql.DATETIME(fsp=6), "mysql", "mariadb").with_variant(Text(), "sqlite"),
    "boolean": Boolean(),
    "custom": LONGTEXT,
    LONG: LONGTEXT,
    "long_text": LONGTEXT,
    "key": String(KEY_LENGTH),
    "reference": String(KEY_LENGTH),
    "owner": String(KEY_LENGTH),
}
"""
Semantic type -> column type; any other is text of the declared length. SQLite's NUMERIC is a binary float and its DATE would
read 20240305 as a number, so that money and dates are text there.
"""


def column_type(relation: Relation, name: str) -> TypeEngine[Any]:
    """Return the portable type of a column."""
    kind = relation.kinds[name]
    if kind in FIXED:
        return FIXED[kind]
    length = relation.lengths.get(name)
    return String(length) if length else Text()


def tables(known: Mapping[str, Relation]) -> dict[str, Table]:
    """Return logical name -> table, all in one MetaData, parents first."""
    metadata = MetaData()
    return {name: _table(metadata, one, known) for name, one in known.items()}


def _table(metadata: MetaData, relation: Relation, known: Mapping[str, Relation]) -> Table:
    columns = [
        Column(physical, column_type(relation, name), nullable=name not in relation.required)
        for name, physical in relation.columns.items()
    ]
    keys = PrimaryKeyConstraint(*(relation.columns[name] for name in relation.keys))
    references = [_reference(relation, column, known[to]) for column, to in relation.references.items()]
    items: list[SchemaItem] = [*columns, keys, *references, *_indexes(relation)]
    options: dict[str, Any] = MARIADB | ({"sqlite_with_rowid": False} if relation.name in CLUSTERED else {})
    table: Table = Table(relation.table, metadata, *items, **options)
    return table


def _reference(relation: Relation, column: str, parent: Relation) -> ForeignKeyConstraint:
    """Return a foreign key; one that leads to a later table is added after both exist, where the database can."""
    late = column not in relation.required and parent.name != relation.name
    name = f"fk_{relation.table}_{relation.columns[column]}"[:63]
    target = f"{parent.table}.{parent.columns[parent.keys[0]]}"
    return ForeignKeyConstraint([relation.columns[column]], [target], name=name, use_alter=late and _later(relation, parent))


def _later(relation: Relation, parent: Relation) -> bool:
    return relation.name in parent.references.values()


def _indexes(relation: Relation) -> list[Index]:
    """Return the indexes; columns of unlimited text are left out, for MariaDB has none on them."""
    found = []
    for columns in relation.indexed:
        short = [name for name in columns if isinstance(column_type(relation, name), String) and _limited(relation, name)]
        if short:
            physical = [relation.columns[name] for name in short]
            found.append(Index(f"ix_{relation.table}_{'_'.join(physical)}"[:63], *physical))
    return list({one.name: one for one in found}.values())


def _limited(relation: Relation, name: str) -> bool:
    return (relation.lengths.get(name) or KEY_LENGTH) <= 200 and not isinstance(column_type(relation, name), Text)
