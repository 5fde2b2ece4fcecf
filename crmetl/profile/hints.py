"""What the heading of a column says about its semantic type."""

import re
from typing import Final

from crmetl.clean.headings import HEADINGS, spelled

OWN: Final = {
    "datetime": r"时间|time(?:stamp)?$",
    "date": r"日期|日$|建档|date|since$| at$",
    "currency": r"币种|货币|currency",
    "percent": r"比例|折扣率|税率|percent|%",
    "money": r"金额|单价|总额|价格|成交|合计|余额|万元|\(元\)|amount|price|total|revenue|balance",
    "quantity": r"数量|件数|台数|qty|quantity|序号|行号|^no$|line",
    "owner": r"业务员|跟进人|客户经理|负责人|销售(?:员|代表)|受理人|归属|owner|account ?manager|sales ?(?:rep|person)",
    "id_code": r"编[号码]|代码|单号|订单号|工号|登录名|规格|型号|\bid\b|\bcode\b|number|login|sku",
    "text": r"职务|职位|岗位|部门|产品|品名|主题|job|title|department|position|product|subject",
    "choice": r"状态|类型|类别|行业|等级|级别|来源|情况|status|type|kind|category|industry|level|stage",
    "long_text": r"备注|描述|说明|内容|remark|comment|note|description",
    "boolean": r"是否|在职|有效|^is |active|enabled",
}
"""Semantic type -> headings of columns that say nothing of who somebody is, as `spelled` writes them."""

HINTS: Final[tuple[tuple[str, str], ...]] = (
    *((kind, HEADINGS[kind]) for kind in ("uscc", "tax_id", "email", "date_of_birth")),
    *((kind, OWN[kind]) for kind in ("datetime", "date")),
    *((kind, HEADINGS[kind]) for kind in ("mobile", "phone", "postcode", "url")),
    *((kind, OWN[kind]) for kind in ("currency", "percent", "money", "quantity")),
    *((kind, HEADINGS[kind]) for kind in ("country", "region", "city", "address")),
    *((kind, OWN[kind]) for kind in ("owner", "id_code", "text", "choice", "long_text")),
    ("company_name", f"{HEADINGS['company_name']}|{HEADINGS['customer_name']}"),
    ("person_name", f"{HEADINGS['person_name']}|{HEADINGS['full_name']}|^name$"),
    ("boolean", OWN["boolean"]),
)
"""Semantic type -> heading, in either language; the first that fits a heading speaks, so the narrow stand before the wide."""

_HINTS = tuple((kind, re.compile(pattern)) for kind, pattern in HINTS)


def hinted(heading: str) -> str | None:
    """
    Return the type that a heading speaks of; of a two-level heading the lower level is asked first.

    >>> hinted("联系方式/邮箱"), hinted("客户编号"), hinted("Customer Since"), hinted("甲")
    ('email', 'id_code', 'date', None)
    """
    levels = [*reversed(heading.split("/")), heading]
    return next((kind for level in levels for kind, pattern in _HINTS if pattern.search(spelled(level))), None)
