"""Builds the whole estate: the world, its files, the truth."""

from pathlib import Path
from random import Random

from sample_data.estate import customer_files
from sample_data.estate.cases import write_cases
from sample_data.estate.chat import write_chat
from sample_data.estate.dirt import soil
from sample_data.estate.mails import write_mails
from sample_data.estate.orders import write_orders
from sample_data.estate.rows import plan_rows
from sample_data.estate.truth import write_truth
from sample_data.estate.world import make_world


def build(out: Path, size: int, seed: int) -> dict[str, int]:
    """
    Write an estate below `out` and return how much of what there is.

    Args:
        size: Customers; at least 100, so that every kind of look-alike finds room.
        seed: Each part draws from its own stream, so that a change to one leaves the others' bytes alone.
    """
    world = make_world(size, Random(f"{seed} world"))
    tables = plan_rows(world, Random(f"{seed} rows"))
    soil([row for rows in tables.values() for row in rows], Random(f"{seed} dirt"))
    for name, rows in tables.items():
        customer_files.WRITERS[name](out / customer_files.FILES[name], rows, Random(f"{seed} {name}"))
    customer_files.users(out / customer_files.LOGINS)
    placed, order_dirt = write_orders(out, world, tables["erp"], Random(f"{seed} orders"))
    written = write_mails(out, world, placed, Random(f"{seed} mails"))
    complaints = write_cases(out, world, Random(f"{seed} cases"))
    said = write_chat(out, world, Random(f"{seed} chat"))
    write_truth(
        out,
        tables=tables,
        pairs=world.pairs,
        placed=placed,
        order_dirt=order_dirt,
        written=written,
        complaints=complaints,
        said=said,
    )
    return {
        "customers": len(world.companies),
        "contacts": sum(map(len, world.people.values())),
        "rows": sum(map(len, tables.values())),
        "orders": len(placed),
        "mails": len(written),
        "complaints": len(complaints),
        "messages": len(said),
    }
