"""
Plant a night's dirt in a loaded CRM: `python sample_data/dirt.py [URL]`, by default the demo's `sqlite:///crm.db`.

What people and forms do to a CRM between two nights, on rows that are there: nothing is taken from life, the same CRM gets the
same dirt. Afterwards `crmetl nightly` has something to do.
"""

import argparse
import uuid
from collections.abc import Callable, Iterator
from typing import Any

from sqlalchemy import Connection, MetaData, Table, create_engine, insert, select, update

HERE = uuid.uuid5(uuid.NAMESPACE_URL, "crmetl sample dirt")
WIDE = {code: chr(code + 0xFEE0) for code in range(0x21, 0x7F)}
FAMILIES = ("wide_digits", "blanks_in_name", "mail_capitals", "duplicate", "invalid_mail", "short_region", "unknown_status")
"""The first three are safe to mend; a duplicate is merged if it scores enough; the last three need a person."""

NEWCOMER = "贺新来"
"""The person who comes with the duplicate; where they are, the dirt has been planted."""

Row = dict[str, Any]


def plant(url: str) -> dict[str, list[str]]:
    """Plant dirt of every family; return family -> keys of the rows that have it, nothing where it was planted before."""
    engine = create_engine(url)
    tables = MetaData()
    with engine.begin() as connection:
        tables.reflect(connection, only=["account", "contact"])
        account, contact = tables.tables["account"], tables.tables["contact"]
        if connection.execute(select(contact.c.id).where(contact.c.full_name == NEWCOMER)).first():
            return {}
        firms, people = (_rows(connection, table) for table in (account, contact))
        told = {
            "wide_digits": _spoil(connection, account, _some(firms, 3, "phone", _chinese), "phone", _as_typed),
            "blanks_in_name": _spoil(connection, account, _some(firms, 3, "name", _pure), "name", _blanks),
            "mail_capitals": _spoil(connection, contact, _some(people, 2, "email"), "email", _shouting),
            "duplicate": _twice(connection, account, contact, _some(firms, 1, "uscc", lambda row: row["phone"] and row["owner_id"])),
            "invalid_mail": _spoil(connection, contact, _some(people, 2, "email"), "email", lambda cell: cell.replace("@", "@@")),
            "short_region": _spoil(connection, account, _some(firms, 2, "region", _province), "region", lambda cell: cell[:2]),
            "unknown_status": _spoil(connection, account, _some(firms, 1, "status"), "status", lambda _: "重点跟进"),
        }
    engine.dispose()
    return told


def _rows(connection: Connection, table: Table) -> Iterator[Row]:
    """Yield live rows in the order of their keys, each once: a row gets dirt of one family only."""
    found = connection.execute(select(table).where(table.c.status == "active").order_by(table.c.id)).mappings()
    return iter([dict(row) for row in found])


def _some(rows: Iterator[Row], number: int, column: str, fits: Callable[[Row], Any] = lambda _: True) -> list[Row]:
    """Take the next rows whose column is filled, and that fit."""
    found: list[Row] = []
    for row in rows:
        if row[column] and fits(row):
            found.append(row)
            if len(found) == number:
                break
    return found


def _spoil(connection: Connection, table: Table, rows: list[Row], column: str, how: Callable[[str], str]) -> list[str]:
    for row in rows:
        connection.execute(update(table).where(table.c.id == row["id"]).values({column: how(row[column])}))
    return [row["id"] for row in rows]


def _twice(connection: Connection, account: Table, contact: Table, rows: list[Row]) -> list[str]:
    """Enter a customer a second time, as a colleague does who did not look first, and hang a new person on it."""
    keys = [str(uuid.uuid5(HERE, row["id"])) for row in rows]
    for row, key in zip(rows, keys, strict=True):
        connection.execute(insert(account).values({**row, "id": key, "remark": None, "website": None, "custom": None}))
        person = {"id": str(uuid.uuid5(HERE, key)), "account_id": key, "full_name": NEWCOMER, "mobile": "+8613955509999"}
        connection.execute(insert(contact).values({**person, "status": "active"}))
    return keys


def _chinese(row: Row) -> bool:
    return str(row["phone"]).startswith("+86") and ";" not in str(row["phone"])


def _pure(row: Row) -> bool:
    return len(row["name"]) > 7 and all("\u4e00" <= char <= "\u9fff" for char in row["name"])


def _province(row: Row) -> bool:
    return str(row["region"]).endswith("省") and len(row["region"]) == 3


def _as_typed(phone: str) -> str:
    """Write a number as an input method in Chinese mode does."""
    digits = phone.removeprefix("+86")
    return (digits if digits.startswith("1") else "0" + digits).translate(WIDE)


def _blanks(name: str) -> str:
    return f" {name[:4]} {name[4:]}　"


def _shouting(mail: str) -> str:
    local, _, domain = mail.partition("@")
    return f"{local}@{domain.upper()}"


def main() -> None:
    """Read the command line and plant."""
    line = argparse.ArgumentParser(description=__doc__.strip().splitlines()[0] if __doc__ else None)
    line.add_argument("url", nargs="?", default="sqlite:///crm.db", help="the CRM's database (default: sqlite:///crm.db)")
    planted = plant(line.parse_args().url)
    for family, keys in planted.items():
        print(f"{family:<16}{len(keys):>3}")
    if not planted:
        print("planted before; nothing to do")


if __name__ == "__main__":
    main()
