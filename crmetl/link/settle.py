"""Settling the references of a chunk: each alone, or a contact and its account together."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from crmetl.link.choice import NOBODY, Choice, candidates, decide, forget, narrow
from crmetl.link.forms import PHONES
from crmetl.link.index import People
from crmetl.link.seek import (
    Columns,
    Sought,
    by_badge,
    by_brand,
    by_codes,
    by_domain,
    by_email,
    by_key,
    by_name,
    by_person,
    by_phone,
    by_place,
    by_signature,
    by_signer,
    by_switchboard,
    email_hits,
    name_hits,
)

OUTRANKS_NAME = ("key", "code", "email", "phone", "contact")
"""Evidence that is taken before a company's name; where the name leads elsewhere, a person should look."""


@dataclass(frozen=True)
class Settled:
    """
    What became of one reference of each row.

    Attributes:
        choice: References as places.
        left_empty: Rows whose organisation is certain and which several of its people fit.
        disagrees: Rows whose company name leads elsewhere than the evidence that decided.
    """

    choice: Choice
    left_empty: npt.NDArray[np.bool_]
    disagrees: npt.NDArray[np.bool_]


def settle_alone(sought: Sought, start: Choice) -> Settled:
    """Settle a reference by its own evidence, the strongest first."""
    return _settled(sought, _weak(sought, _strong(sought, start)))


def settle_pair(
    person: Sought,
    people: Choice,
    organisation: Sought,
    start: Choice,
    *,
    crowd: People,
    bodies: Columns = (),
    must: bool = False,
) -> tuple[Settled, Settled]:
    """
    Settle a contact and its account together.

    What names the account outright (key, code, address, number, whole name) goes first; then the contact, and the account
    it belongs to; only then what merely points to an account (brand and place, domain). A contact that belongs to another
    account than the one named stays: one person may stand for two companies.

    Args:
        person: The contact and its evidence.
        people: What is known of the contact.
        organisation: The account and its evidence.
        start: What is known of the account.
        crowd: The contacts of these accounts.
        bodies: Texts of messages, whose signature may name the account.
        must: The contact is required, so that it may not be left empty where several fit.

    Returns:
        Contact, account.
    """
    above = crowd.above
    account = _strong(organisation, start)
    contact = by_codes(person, by_key(person, people))
    heard = email_hits(person, contact)
    contact = by_phone(person, narrow(contact, "email", heard))
    contact = _within(contact, account, above)
    account = narrow(account, "contact", _accounts(contact, above))
    account = by_switchboard(organisation, account, person.of(*PHONES))
    account = _weak(organisation, account, person.of("email"))
    account = by_badge(organisation, account, person, crowd)
    account = by_signature(organisation, account, bodies)
    contact = _first_listed(_within(contact, account, above), account, heard, above)
    contact = by_signer(by_person(person, contact, crowd, account), crowd, account, bodies)
    unclear = contact.unclear & ~account.wanting & (not must)
    return Settled(forget(contact, unclear), unclear, np.zeros_like(unclear)), _settled(organisation, account)


def _strong(sought: Sought, choice: Choice) -> Choice:
    """Take what names the parent outright."""
    for step in (by_key, by_codes, by_email, by_phone, by_name, by_place):
        choice = step(sought, choice)
    return choice


def _weak(sought: Sought, choice: Choice, emails: Columns = ()) -> Choice:
    """Take what merely points to it."""
    return by_domain(sought, by_place(sought, by_brand(sought, choice)), emails)


def _settled(sought: Sought, choice: Choice) -> Settled:
    decided = np.isin(choice.by, OUTRANKS_NAME)
    named = name_hits(sought, decided)
    other = np.zeros_like(decided)
    other[named["row"].to_numpy()] = True
    same = choice.ref[named["row"].to_numpy()] == named["ref"].to_numpy()
    other[named["row"].to_numpy()[same]] = False
    return Settled(choice, np.zeros_like(decided), other)


def _within(contact: Choice, account: Choice, above: Mapping[int, int]) -> Choice:
    """Keep those of several contacts that belong to the account, or to one of its candidates."""
    several = contact.several.assign(above=over(contact.several["ref"], above))
    chosen = several[several["above"].eq(pd.Series(account.ref[several["row"].to_numpy()], index=several.index))]
    possible = several.merge(account.several.rename(columns={"ref": "above"}), on=["row", "above"])
    return narrow(contact, "account", pd.concat([chosen, possible])[["row", "ref"]], alone=False)


def _accounts(contact: Choice, above: Mapping[int, int]) -> pd.DataFrame:
    """Return the accounts of contacts, and of the candidates of rows all of whose candidates have one."""
    rows = np.flatnonzero(~contact.wanting)
    every = pd.concat([candidates(rows, contact.ref[rows]), contact.several])
    every = every.assign(ref=over(every["ref"], above))
    alone = every.loc[every["ref"].eq(NOBODY), "row"]
    return every[~every["row"].isin(alone)]


def _first_listed(contact: Choice, account: Choice, heard: pd.DataFrame, above: Mapping[int, int]) -> Choice:
    """
    Take the contact of the first address of a mail that leads to this account, where addresses lead to several of its people.

    Several people of one address stay several: that is a shared mailbox, and nobody's in particular.
    """
    open_rows = contact.several.merge(heard, on=["row", "ref"])
    here = over(open_rows["ref"], above).eq(pd.Series(account.ref[open_rows["row"].to_numpy()], index=open_rows.index))
    listed = open_rows[here]
    first = listed[listed["at"].eq(listed.groupby("row")["at"].transform("min"))].drop_duplicates(["row", "ref"])
    return decide(contact, "email", first[~first["row"].duplicated(keep=False)])


def over(people: "pd.Series[int]", above: Mapping[int, int]) -> "pd.Series[int]":
    """Return the places of the organisations of people; NOBODY where it is not known."""
    return pd.Series([above.get(one, NOBODY) for one in people.tolist()], index=people.index, dtype="int64")
