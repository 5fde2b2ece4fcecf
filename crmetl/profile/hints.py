"""What the heading of a column says about its type."""

import re

HINTS: tuple[tuple[str, str], ...] = (
    ("uscc", r"信用代码|uscc"),
    ("tax_id", r"税号|纳税人|识别号|tax\s*(?:id|no|number)|vat"),
    ("email", r"邮箱|邮件|e-?mail"),
    ("date_of_birth", r"生日|出生|birth"),
    ("datetime", r"时间|time(?:stamp)?$"),
    ("date", r"日期|日$|建档|date|since$|_at$"),
    ("mobile", r"手机|移动电话|mobile|cell"),
    ("phone", r"电话|座机|传真|固话|phone|tel\b|fax"),
    ("postcode", r"邮编|邮政编码|post\s*code|zip"),
    ("url", r"网址|网站|主页|website|url"),
    ("currency", r"币种|货币|currency"),
    ("percent", r"比例|折扣率|税率|percent|%"),
    ("money", r"金额|单价|总额|价格|成交|合计|余额|万元|[(（]元[)）]|amount|price|total|revenue|balance"),
    ("quantity", r"数量|件数|台数|qty|quantity|序号|行号|^no\.?$|line"),
    ("country", r"国家|国别|country"),
    ("region", r"省份?$|省/|州$|state|province|region"),
    ("city", r"城市|市$|city|town"),
    ("address", r"地址|住址|address|street"),
    ("owner", r"业务员|跟进人|客户经理|负责人|销售(?:员|代表)|受理人|归属|owner|account\s*manager|sales\s*(?:rep|person)"),
    ("id_code", r"编[号码]|代码|单号|订单号|工号|登录名|规格|型号|\bid\b|\bcode\b|number|login|sku"),
    ("text", r"职务|职位|岗位|部门|产品|品名|主题|job|title|department|position|product|subject"),
    ("choice", r"状态|类型|类别|行业|等级|级别|来源|情况|status|type|kind|category|industry|level|stage"),
    ("long_text", r"备注|描述|说明|内容|remark|comment|note|description"),
    (
        "company_name",
        r"公司|单位|企业|客户名|客户全称|开票名称|抬头|客户/名称|company|organi[sz]ation|customer\s*name|account\s*name|^客户$",
    ),
    ("person_name", r"联系人|姓名|称呼|人员|contact|full\s*name|^name$"),
    ("boolean", r"是否|在职|有效|^is[_ ]|active|enabled"),
)
"""Semantic type -> heading, in either language; the first that fits a heading speaks, so the narrow stand before the wide."""

_HINTS = tuple((kind, re.compile(pattern, re.IGNORECASE)) for kind, pattern in HINTS)


def hinted(heading: str) -> str | None:
    """
    Return the type that a heading speaks of; of a two-level heading the lower level is asked first.

    >>> hinted("联系方式/邮箱"), hinted("客户编号"), hinted("Customer Since"), hinted("甲")
    ('email', 'id_code', 'date', None)
    """
    levels = [*reversed(heading.split("/")), heading]
    return next((kind for level in levels for kind, pattern in _HINTS if pattern.search(level.strip())), None)
