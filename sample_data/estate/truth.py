"""The truth files: what a perfect migration would find."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from sample_data.estate import cases, chat, customer_files, mails, orders
from sample_data.estate.lookalikes import Pair
from sample_data.estate.orders import amount
from sample_data.estate.rows import Row
from sample_data.estate.sheets import write_csv

FOLDER = "truth"


def _customers(tables: Mapping[str, Sequence[Row]]) -> Iterable[tuple[str, str, int, str, str]]:
    for table, rows in tables.items():
        for row in rows:
            where = (customer_files.FILES[table], *row.place)
            yield (*where, "account", row.company.id)
            if row.person:
                yield (*where, "contact", row.person.id)


def _dirt(tables: Mapping[str, Sequence[Row]], lines: Sequence[tuple[str, int]]) -> Iterable[tuple[str, str, str, int]]:
    for table, rows in tables.items():
        for row in rows:
            for family in sorted(set(row.families)):
                yield (family, customer_files.FILES[table], *row.place)
    for family, line in lines:
        yield (family, orders.FILE, "", line)


def write_truth(
    out: Path,
    *,
    tables: Mapping[str, Sequence[Row]],
    pairs: Sequence[Pair],
    placed: Sequence[orders.Order],
    order_dirt: Sequence[tuple[str, int]],
    written: Sequence[mails.Written],
    complaints: Sequence[cases.Case],
    said: Sequence[chat.Said],
) -> None:
    """Write every truth file below `out/truth`; UTF-8, a heading, sorted as the sources are."""
    at = out / FOLDER
    write_csv(at / "customers.csv", ("file", "sheet", "row", "entity", "true_id"), _customers(tables))
    write_csv(
        at / "mails.csv",
        ("message_id", "kind", "relevant", "account", "contact", "attachments"),
        (
            (one.message_id, one.kind, "yes" if one.relevant() else "no", one.account, one.contact, one.attachments)
            for one in written
        ),
    )
    write_csv(
        at / "orders.csv",
        ("order_no", "currency", "total", "customer", "printed", "agrees"),
        (
            (
                one.number,
                one.currency,
                amount(one.total),
                one.customer,
                amount(one.printed),
                "yes" if one.total == one.printed else "no",
            )
            for one in placed
        ),
    )
    write_csv(
        at / "lookalikes.csv", ("kind", "entity", "left", "right"), ((one.kind, one.entity, one.left, one.right) for one in pairs)
    )
    write_csv(at / "dirt.csv", ("family", "file", "sheet", "row"), _dirt(tables, order_dirt))
    write_csv(
        at / "cases.csv",
        ("file", "sheet", "row", "case_no", "account", "contact"),
        ((cases.FILE, "2024年", one.row, one.number, one.account, one.contact) for one in complaints),
    )
    write_csv(
        at / "chats.csv",
        ("file", "row", "sender", "system", "account", "contact"),
        ((chat.FILE, one.row, one.sender, "yes" if one.system else "no", one.account, one.contact) for one in said),
    )
