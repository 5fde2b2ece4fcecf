"""Lists of people, `Name <address>; …`: one child record each."""

import pandas as pd

from crmetl.batch import text_frame

PARTY = ("id", "address", "name")


def split_parties(cells: "pd.Series[str]") -> pd.DataFrame:
    """
    Return one line per person and row.

    Args:
        cells: Index is the row id; `Name <address>; …`, `address`, or a bare name.

    Returns:
        Columns PARTY; an address that a cell repeats comes once; a bare name stands as address, too: it is the handle.

    >>> split_parties(pd.Series(["王芳 <wf@a.cn>; b@b.cn"], index=["r1"], dtype="str")).to_numpy().tolist()
    [['r1', 'wf@a.cn', '王芳'], ['r1', 'b@b.cn', nan]]
    """
    texts = cells.dropna().str.split(r"[;；]", regex=True).explode().astype("str").str.strip()
    texts = texts[texts.ne("")]
    if not len(texts):
        return text_frame(PARTY)
    found = texts.str.extract(r"^(?P<name>.*?)\s*<(?P<address>[^<>]*)>$")
    address, name = found["address"].str.strip(), found["name"].str.strip(" \"'")
    address, name = address.where(address.ne("")), name.where(name.ne(""))
    plain = address.fillna(name).fillna(texts)
    people = pd.DataFrame({"id": texts.index.astype("str"), "address": plain.to_numpy(), "name": name.to_numpy()})
    again = pd.DataFrame({"id": people["id"], "address": people["address"].str.casefold()}).duplicated()
    return people[~again].astype("str").reset_index(drop=True)
