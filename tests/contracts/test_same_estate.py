"""One generated estate in every database: the same rows, crosswalk and last values; and the same emptiness after it."""

import random
from contextlib import ExitStack
from pathlib import Path

from crmetl.load import MemoryTarget, apply, open_target, rollback
from tests.contracts.servers import SERVERS, demand, own_database
from tests.diff.crm import NOW, SCHEMA, Estate, Rows, dump, propose

SAMPLES = {
    "company_name": "上海甲公司 𠮷 Ltd. {n}",
    "person_name": "王😀{n}",
    "city": "北京  {n} ",
    "phone": "+8613800{n:06d}",
    "long_text": "第一行\n第二行\t{n} \\N",
    "text": 'O\'Neil "%s" {n}',
    "id_code": "U{n}",
    "date": "{year}-02-28",
    "datetime": "2024-03-31T0{digit}:30:00.{n:06d}+08:00",
    "money": "{n}{n}.00{digit}",
    "quantity": "{n}.5",
    "choice": "active",
}
"""Semantic type -> what a generated cell of it looks like."""


def cell(kind: str, n: int, chance: random.Random) -> str | None:
    """Return a cell; one in eight is blank."""
    if chance.random() < 0.125:
        return None
    if kind == "boolean":
        return chance.choice(["yes", "no"])
    return SAMPLES[kind].format(n=n, digit=n % 9 + 1, year=1900 + n)


def rows(entity: str, prefix: str, count: int, chance: random.Random) -> Rows:
    """Return rows with every field of an entity that refers to nothing; required ones are filled."""
    plain = {name: one for name, one in SCHEMA.entities[entity].fields.items() if one.type not in ("reference", "owner")}
    return {
        f"{prefix}{n}": {
            name: SAMPLES[one.type].format(n=n, digit=1, year=1900 + n) if one.required else cell(one.type, n, chance)
            for name, one in plain.items()
            if not one.computed
        }
        for n in range(count)
    }


def estate() -> Estate:
    """Return 20 users, 200 accounts, 300 contacts and 300 notes, the same in every run."""
    chance = random.Random(7)
    users, accounts = rows("crm_user", "u", 20, chance), rows("account", "a", 200, chance)
    owned = {
        rid: {**cells, "owner": f"@u{n % 20}", "main_contact": f"@c{n}", "custom": f'{{"n":{n}}}'}
        for n, (rid, cells) in enumerate(accounts.items())
    }
    contacts = {
        rid: {**cells, "account": f"@a{n % 200}"} for n, (rid, cells) in enumerate(rows("contact", "c", 300, chance).items())
    }
    notes = {rid: {**cells, "account": f"@a{n % 200}"} for n, (rid, cells) in enumerate(rows("note", "n", 300, chance).items())}
    return {"crm_user": users, "account": owned, "contact": contacts, "note": notes}


def test_one_estate_is_the_same_in_every_database(tmp_path: Path) -> None:
    """Loaded, planned again and rolled back: nothing tells one database from the other, nor from the target in memory."""
    for kind in SERVERS:
        demand(kind)
    generated, memory = estate(), MemoryTarget(SCHEMA)
    plan = propose(generated, memory)
    apply(plan, target=memory, run="r1", now=NOW)
    expected = dump(memory)
    assert [20, 200, 300, 300] == [len(expected[name]) for name in ("crm_user", "account", "contact", "note")]

    with ExitStack() as stack:
        urls = [f"sqlite:///{tmp_path}/crm.db", *(stack.enter_context(own_database(kind)) for kind in SERVERS)]
        for url in urls:
            with open_target(url, SCHEMA) as target:
                applied = apply(plan, target=target, run="r1", now=NOW, batch=64)
                assert "applied" == applied.status
                assert expected == dump(target)
                assert propose(generated, target).empty()
                taken = rollback("r1", target=target, now=NOW)
                assert 0 == len(taken.kept) + len(taken.failed)
                assert not any(dump(target).values())
