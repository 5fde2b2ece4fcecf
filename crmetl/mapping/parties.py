"""Lists of people, `Name <address>; …`: one child record each."""

import numpy as np
import pandas as pd


def split_parties(cells: "pd.Series[str]") -> pd.DataFrame:
    """
    Return one line per person and row.

    Args:
        cells: `Name <address>; …`, `address`, or a bare name.

    Returns:
        Columns `row` (position), `address`, `name`; an address that a cell repeats comes once; a bare name stands as the
        address, too: it is the handle.

    >>> split_parties(pd.Series(["王芳 <wf@a.cn>; b@b.cn"], dtype="str")).to_numpy().tolist()
    [[0, 'wf@a.cn', '王芳'], [0, 'b@b.cn', nan]]
    """
    listed = pd.Series(cells.to_numpy(), index=np.arange(len(cells)), dtype="str").dropna()
    texts = listed.str.split(r"[;；]", regex=True).explode().astype("str").str.strip()
    texts = texts[texts.ne("") & texts.notna()]
    found = texts.str.extract(r"^(?P<name>.*?)\s*<(?P<address>[^<>]*)>$")
    address, name = found["address"].str.strip(), found["name"].str.strip(" \"'")
    address, name = address.where(address.ne("")), name.where(name.ne(""))
    plain = address.fillna(name).fillna(texts)
    people = pd.DataFrame({"row": texts.index.to_numpy(dtype=np.int64), "address": plain.to_numpy(), "name": name.to_numpy()})
    people = people.astype({"address": "str", "name": "str"})
    again = people.assign(address=people["address"].str.casefold()).duplicated(["row", "address"])
    return people[~again].reset_index(drop=True)
