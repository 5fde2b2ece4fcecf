"""The catalogue of cleaning rules: every name that may stand in a change, what it means, and the function behind it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from crmetl.clean.choice import boolean, language
from crmetl.clean.company import company_display
from crmetl.clean.countries import country
from crmetl.clean.currency import currency
from crmetl.clean.email import email_case, email_repair, email_valid
from crmetl.clean.garbled import ungarble
from crmetl.clean.identity import organisation_code, registration_number, tax_id, uscc
from crmetl.clean.kind import Context
from crmetl.clean.person import person_display, person_title
from crmetl.clean.phone import phone_stored_as_number
from crmetl.clean.place import address_display, postcode
from crmetl.clean.prose import url
from crmetl.clean.registry import TYPES
from crmetl.clean.script import tidy
from crmetl.faults.kind import Fault
from crmetl.text import Text

Scalar = Callable[[str], str | Fault]


@dataclass(frozen=True)
class Rule:
    """
    A cleaning rule.

    Attributes:
        name: As it stands in the column `rule` of changes.
        family: Semantic type, or group of types, that it belongs to.
        function: Text -> text or fault; pure, total, idempotent, never empty for a text that is not.
        meaning: What it does, for the reader of a report.
        example: An invented cell that it changes.
    """

    name: str
    family: str
    function: Scalar
    meaning: Text
    example: str


def _reading(kind: str, context: Context | None = None) -> Scalar:
    """Return the reading of a type as a rule; a cell that says nothing stays as it is."""

    def read(raw: str) -> str | Fault:
        found = TYPES[kind].parse(raw, context or Context())
        return found if isinstance(found, Fault) else found.value or raw

    return read


def _title(raw: str) -> str:
    return person_title(raw)[0]


def _visible(raw: str) -> str:
    return tidy(raw) or raw


_CHOICES: Final = Context(choices={"active": "active", "正常": "active"})
_OWNERS: Final = Context(choices={"zhangwei": "zhangwei", "张伟": "zhangwei"}, unassigned="pool")

_ALL: Final = (
    Rule("tidy", "all", _visible,
         Text("去掉多余空白、不可见字符，全角改半角", "blanks, invisible characters and wide letters tidied"),
         "０２１－６１２３\u200b4567 "),
    Rule("ungarble", "text", ungarble, Text("修复乱码", "text of a wrong encoding repaired"), "涓婃捣鍗庝俊绉戞妧"),
    Rule("id_code", "id_code", _reading("id_code"), Text("编号去掉多余的 .0", "a code freed of the .0 of a number"),
         "10023.0"),
    Rule("url", "url", url, Text("网址统一写法", "web address in its usual form"), "HTTP：//WWW.HuaXin.com/"),
    Rule("company_display", "company_name", company_display,
         Text("公司名统一括号和空格", "brackets and blanks of a company name"), "华信(上海) 公司"),
    Rule("person_display", "person_name", person_display, Text("姓名统一写法", "a person's name in its usual form"), "张 三"),
    Rule("person_title", "person_name", _title, Text("称呼从姓名中分出", "title parted from the name"), "王建国先生"),
    Rule("phone", "phone", _reading("phone"), Text("电话改为国际格式", "phone in international form"), "021-61234567转8012"),
    Rule("phone_lost_zero", "phone", phone_stored_as_number, Text("补回被表格吃掉的零", "the lost leading zero put back"),
         "13912345678.0"),
    Rule("phone_area_inferred", "phone", _reading("phone", Context(city="上海市")),
         Text("按城市推断区号", "area code inferred from the city"), "61234567"),
    Rule("phone_masked", "phone", _reading("mobile"), Text("脱敏号码统一写法", "masked number in its usual form"),
         "139 **** 5678"),
    Rule("phone_first", "phone", _reading("phone"),
         Text("多个号码取第一个，原文保留", "the first of several numbers; text kept"), "021-61234567/13912345678"),
    Rule("email_repair", "email", email_repair, Text("修复邮箱书写错误", "slips in an e-mail address repaired"),
         "zhang＠huaxin。com"),
    Rule("email_case", "email", email_case, Text("邮箱域名改小写", "e-mail domain in lower case"), "Li.Na@HuaXin.COM"),
    Rule("email_first", "email", _reading("email"),
         Text("多个邮箱取第一个，原文保留", "the first of several addresses; text kept"), "a@huaxin.com; b@huaxin.com"),
    Rule("email_valid", "email", email_valid, Text("按标准写邮箱", "e-mail address as the standard writes it"),
         "用户@例子。中国"),
    Rule("country", "country", country, Text("国家改为两位代码", "country as its code"), "UK"),
    Rule("region", "region", _reading("region"), Text("省份改为正式名称", "official name of the province"), "广西"),
    Rule("city", "city", _reading("city"), Text("城市改为正式名称", "official name of the city"), "襄樊"),
    Rule("address_display", "address", address_display,
         Text("地址写在一行，去掉多余空格", "address on one line without surplus blanks"), "地址：上海市 张江路 100 号"),
    Rule("postcode", "postcode", postcode, Text("邮编统一写法", "postcode in its usual form"), "200040.0"),
    Rule("date", "date", _reading("date"), Text("日期改为 年-月-日", "date as year-month-day"), "2024年3月5日"),
    Rule("date_without_time", "date", _reading("date"), Text("日期栏去掉时刻", "time of day left out of a date"),
         "2024/3/5 15:05"),
    Rule("datetime", "datetime", _reading("datetime"), Text("时间统一写法", "time in its usual form"), "2024-3-5 下午3:05"),
    Rule("number", "money", _reading("money"), Text("数字去掉符号和千分位", "number without signs and thousands marks"),
         "¥1,234.50"),
    Rule("number_unit", "money", _reading("quantity"), Text("按单位换算（万、亿、千）", "number converted by its unit"),
         "12.5万"),
    Rule("money_capital", "money", _reading("money"), Text("大写金额改为数字", "amount in capital numerals"), "壹万贰仟元整"),
    Rule("currency", "currency", currency, Text("币种改为三位代码", "currency as its code"), "人民币"),
    Rule("uscc", "uscc", uscc,
         Text("信用代码统一写法，混淆字符经校验后修复", "credit code; confused characters repaired if the check holds"),
         "911101O8551385082q"),
    Rule("organisation_code", "uscc", organisation_code, Text("组织机构代码统一写法", "organisation code in its usual form"),
         "55138508-2"),
    Rule("registration_number", "uscc", registration_number, Text("注册号统一写法", "registration number in its usual form"),
         "1101 0800 0000 016"),
    Rule("tax_id", "tax_id", tax_id, Text("税号统一写法", "tax number in its usual form"), "GB 980 7806 84"),
    Rule("choice", "choice", _reading("choice", _CHOICES), Text("按对照表取值", "value by its table"), "正常"),
    Rule("owner", "owner", _reading("owner", _OWNERS), Text("负责人按对照表取登录名", "owner's login by its table"), "张伟"),
    Rule("owner_unassigned", "owner", _reading("owner", _OWNERS),
         Text("未知负责人交给待分配用户", "unknown owner to the user for unassigned"), "老刘"),
    Rule("boolean", "boolean", boolean, Text("改为 yes 或 no", "as yes or no"), "是"),
    Rule("language", "language", language, Text("语言改为代码", "language as its code"), "中文"),
)  # fmt: skip

RULES: Final[Mapping[str, Rule]] = MappingProxyType({one.name: one for one in _ALL})
"""Name -> rule; a test holds every name that a type emits against it, and the laws run over all of it."""
