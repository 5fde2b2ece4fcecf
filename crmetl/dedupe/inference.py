"""Which columns of a table are compared, and as what."""

import re

import numpy as np
import pandas as pd

from crmetl.clean import TYPES

HEADERS: tuple[tuple[str, str], ...] = (
    ("given_name", r"given.?names?|first.?names?|forenames?|^名$"),
    ("family_name", r"sur.?names?|last.?names?|family.?names?|^姓$"),
    ("company_name", r"compan(y|ies)|organi[sz]ation|^account$|(account|customer).?name|firm|客户|公司|单位|企业|名称"),
    ("date_of_birth", r"birth|\bdob\b|生日|出生"),
    ("email", r"e.?mail|邮箱|邮件"),
    ("mobile", r"mobile|cell|手机"),
    ("phone", r"phone|\btel\b|telephone|电话|座机"),
    ("postcode", r"post.?code|zip|邮编|邮政编码"),
    ("uscc", r"uscc|credit.?code|信用代码"),
    ("id_code", r"soc.?sec|ssn|passport|national.?id|identity|身份证|证件"),
    ("url", r"web|url|site|网址|网站"),
    ("city", r"city|town|suburb|locality|城市|市"),
    ("region", r"state|province|county|region|省"),
    ("country", r"country|国家"),
    ("address", r"address|street|addr|地址"),
    ("person_name", r"full.?name|contact|person|^name$|姓名|联系人"),
)
"""Type -> headers that name it, the most telling first."""

_ROW_KEYS = re.compile(
    r"^((unique|rec|record|row|customer|client|account|contact)[ _]?(id|no|code)|id|uuid|cluster(_id)?|truth|entity"
    r"|(客户|单位|公司|联系人|订单)?(编号|序号|行号|代码))$",
    re.IGNORECASE,
)
"""Columns that number the rows: equal numbers in two rows mean nothing."""


def infer_fields(frame: pd.DataFrame) -> dict[str, str]:
    """
    Return column -> semantic type for the columns worth comparing, from headers first, then from contents.

    Args:
        frame: Text columns.
    """
    out = {}
    for name in map(str, frame.columns):
        if _ROW_KEYS.match(name.strip()):
            continue
        kind = _by_header(name) or _by_content(frame[name])
        if kind:
            out[name] = kind
    return out


def _by_header(name: str) -> str | None:
    return next((kind for kind, pattern in HEADERS if re.search(pattern, name.replace("_", " ").strip(), re.IGNORECASE)), None)


def _by_content(cells: "pd.Series[str]") -> str | None:
    """Return the one type of telling shape that nine of ten values have."""
    sample = cells.dropna().drop_duplicates().head(200).tolist()
    if len(sample) < 3:
        return None
    telling = ("uscc", "email", "mobile", "phone", "url", "company_name")
    return next((kind for kind in telling if np.mean([TYPES[kind].looks_like(one) for one in sample]) >= 0.9), None)
