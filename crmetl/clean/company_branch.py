"""What stands in brackets or behind a Chinese company's name: a branch, a place, another name, or a note."""

import re
from dataclasses import dataclass
from typing import Final

from crmetl.clean.company_words import FORMS, NOISE, TRADES, place_last, region_word, trade_of
from crmetl.clean.divisions import CITIES, PROVINCES, region_prefix

_BRACKET: Final = re.compile(r"[(（\[【〔{]([^()（）\[\]【】〔〕{}]*)(?:[)）\]】〕}]|$)")
_DASHED: Final = re.compile(r"^(.{2,}?)\s*[-—–_/]+\s*([\u4e00-\u9fff]{2,8})$")
BRACKETS: Final = re.compile(r"[()（）\[\]【】〔〕{}<>《》「」『』]")
_ALIAS: Final = re.compile(
    r"^(?:原名称?|原公司名?|原(?![材装创件料木油始厂味代])|曾用名称?|前身|旧称|旧名|更名前|更名为|已更名为?|改名为|又名|现名称?|现更名为?"
    r"|现(?![代货场金浇]))[\s:：为是称]*(.{2,})$"
)
_NOTE: Final = re.compile(r"^(?:原|曾用名|旧|前身|已|现|注|备注|简称|老客户|新客户|暂|待)")
_OFFICES: Final = (
    "分公司", "分行", "支行", "分店", "分厂", "分部", "分院", "分校", "分局", "分所", "分中心", "办事处", "代表处", "联络处",
)  # fmt: skip
_UNITS: Final = (
    "营业部", "门市部", "事业部", "项目部", "销售部", "经营部", "服务部", "营业厅", "营业所", "校区", "院区", "厂区", "园区",
    "店", "站", "馆", "所", "仓", "库", "大队", "中队", "支队",
)  # fmt: skip
_COUNTERS: Final = frozenset({"营业部", "门市部", "销售部", "服务部", "营业厅", "营业所"})
"""Where a firm deals with customers: with a place before it, it is one of several, wherever the firm sits."""
_OFFICE_WRONG: Final = {"分公": "分公司", "办事": "办事处", "营业部分": "营业部", "门市部分": "门市部"}
"""The end of a branch as narrow cells leave it, and as it is said by analogy with `分公司`."""
_WHOLE: Final = (
    "总店", "总部", "本部", "本店", "总站", "总所", "总公司", "连锁店", "网店", "淘宝店", "天猫店", "京东店", "旗舰店",
    "研究所", "事务所",
)  # fmt: skip
"""These are the firm itself, or what it is."""
_HEADS: Final = re.compile(
    r"^(.+?(?:集团|银行|厂|中心|研究院|事务所|医院|大学|学院|学校|中学|小学|局|法院|检察院|合作社))(.{1,14})$"
)
_NUMBER: Final = re.compile(r"第?[一二三四五六七八九十\d]+$")
_STREET: Final = re.compile(r"(?:路|街|巷|道|区|城|广场|大厦|村|镇|桥|门|里|湾|苑|[东西南北中])$")
_PART: Final = re.compile(r".{1,8}(?:部|院|厂|店|站|所|处|科|室|队|校|库|区|中心|工会|食堂)$")


@dataclass(frozen=True, slots=True)
class Bracketed:
    """A name without its brackets, and what stood in them: places before its end and at it, a branch, a form, another name."""

    text: str
    region: str
    behind: str
    branch: str
    form: str
    alias: str


def brackets(text: str) -> Bracketed:
    """
    Take the brackets out of a name; one that a narrow cell left open is closed at the end.

    >>> brackets("字节跳动(北京)科技(原巨乾电子)").alias, brackets("华信科技有限公司(泉州)").behind
    ('巨乾电子', '泉州')
    >>> brackets("华信小吃(春熙店)").branch, brackets("华信科技(北京").behind, brackets("华信科技-北京").behind
    ('春熙店', '北京', '北京')
    """
    if BRACKETS.search(text) is None:
        found = _DASHED.match(text)
        place = found[2] if found and region_word(found[2]) else ""
        return Bracketed(found[1] if found and place else text, "", place, "", "", "")
    region = behind = branch = form = alias = ""

    def settle(found: re.Match[str]) -> str:
        nonlocal region, behind, branch, form, alias
        inner = whole_office(NOISE.sub("", found[1]))
        other = _ALIAS.match(inner)
        last = not text[found.end() :].strip()
        place = "" if other else region_word(inner)
        if other:
            alias = alias or other[1]
        elif place and (not last or place == "中国"):
            region = region or place
        elif place:
            behind = inner
        elif _is_branch(inner):
            branch = branch or inner
        elif inner in FORMS:
            form = form or FORMS[inner]
        elif not found.start() or (inner in TRADES and not _NOTE.match(inner)):
            return inner
        return ""

    return Bracketed(BRACKETS.sub("", _BRACKET.sub(settle, text)), region, behind, branch, form, alias)


def whole_office(text: str) -> str:
    """
    Return a text without blanks, with the end of a branch as it should be.

    >>> whole_office("华信印务南京分公"), whole_office("萧山区营业部分"), whole_office("分公")
    ('华信印务南京分公司', '萧山区营业部', '分公')
    """
    for wrong, right in _OFFICE_WRONG.items():
        if text.endswith(wrong) and len(text) > len(wrong) + 1:
            return text.removesuffix(wrong) + right
    return text


def _is_branch(text: str) -> bool:
    if text.endswith(_OFFICES):
        return True
    if text.endswith("分"):
        return bool(place_last(text[:-1], 0))
    return text.endswith(_UNITS) and len(text) > 2 and not text.endswith(_WHOLE) and text not in FORMS and text not in TRADES


def branch_of(text: str, *, sited: bool = False) -> tuple[str, str]:
    """
    Part a name, without brackets and blanks, from the branch or the place behind it.

    Args:
        sited: A bracket has told its place already, so that another before a shop's or an office's word is the branch's.

    Returns:
        The name, and what stands behind it; a bare place there (`泉州`) is a branch only where the firm sits elsewhere.

    >>> branch_of("华信科技有限公司北京分公司"), branch_of("华信食品沈阳分"), branch_of("华信超市解放路店")
    (('华信科技有限公司', '北京分公司'), ('华信食品', '沈阳分'), ('华信超市', '解放路店'))
    >>> branch_of("上海华信杭州营业部", sited=True), branch_of("杭州华信营业部", sited=True)
    (('上海华信', '杭州营业部'), ('杭州华信营业部', ''))
    >>> branch_of("华信电器有限公司泉州"), branch_of("华信贸易扬州营业部"), branch_of("华信科技有限公司展会")
    (('华信电器有限公司', '泉州'), ('华信贸易', '扬州营业部'), ('华信科技有限公司', ''))
    >>> branch_of("华信扬州营业部"), branch_of("华信营业部")
    (('华信', '扬州营业部'), ('华信营业部', ''))
    """
    at = text.find("公司", 2)
    if at > 0 and len(text) > at + 2:
        return _behind_form(text, at + 2)
    if text.endswith("分"):
        place = place_last(text[:-1], 2)
        return (text[: -len(place) - 1], f"{place}分") if place else (text, "")
    if text.endswith(_OFFICES):
        return _office(text)
    if text.endswith(_UNITS) and not text.endswith(_WHOLE):
        return _unit(text, sited=sited)
    return text, ""


def _behind_form(text: str, at: int) -> tuple[str, str]:
    """Part a name behind its first `公司`."""
    head, rest = text[:at], text[at:].lstrip("司")
    if head.endswith("分公司"):
        return text, ""
    if rest.strip("公司") == "":
        return head, ""
    if rest.endswith((*_OFFICES, "分")):
        return head, rest
    if rest.endswith(("公司", "集团", "合伙")):
        return text, ""
    if region_word(rest) or place_last(rest, 0) == rest or _PART.fullmatch(rest):
        return head, rest
    return (head, "") if len(rest) <= 4 else (text, "")


def _office(text: str) -> tuple[str, str]:
    unit = next(one for one in _OFFICES if text.endswith(one))
    found = _HEADS.match(text)
    if found and not found[2].startswith(("公司", "有限")):
        return found[1], found[2]
    body = text[: -len(unit)]
    number = _NUMBER.search(body)
    if number and number.start() >= 2:
        return body[: number.start()], number[0] + unit
    if len(body) < 2:
        return text, ""
    place = place_last(body, 2)
    if place:
        return body[: -len(place)], place + unit
    return _after_trade(body, unit) or (body, unit)


def _unit(text: str, *, sited: bool) -> tuple[str, str]:
    """Part a shop, a campus, a station from the name, which ends in a trade or an institution; else it is the firm's form."""
    unit = next(one for one in _UNITS if text.endswith(one))
    found = _HEADS.match(text)
    if found and unit not in ("馆", "仓", "库", "店") and found[2] != unit:
        return found[1], found[2]
    body = text[: -len(unit)]
    place = place_last(body, 2) if sited or unit in _COUNTERS or region_prefix(text)[0] else ""
    return (body[: -len(place)], place + unit) if place else _after_trade(body, unit) or (text, "")


def _after_trade(body: str, unit: str) -> tuple[str, str] | None:
    """Return the name up to its trade and what stands behind that, where it reads as a street, a place or a number."""
    for n in range(1, min(8, len(body) - 3)):
        head, middle = body[:-n], body[-n:]
        if middle in TRADES or trade_of(f"##{middle}")[1]:
            return None
        if trade_of(head)[1] and (n <= 3 or _STREET.search(middle) or _NUMBER.fullmatch(middle) or region_word(middle)):
            return head, middle + unit
    return None


def seats(region: str, behind: str) -> tuple[str, str]:
    """
    Return the place of a firm, and the place behind its name where that is another: its branch.

    Args:
        region: Short name of the place in the name, or "".
        behind: Place behind the name as written.

    >>> seats("北京", "泉州"), seats("", "泉州"), seats("福建", "泉州"), seats("常州", "钟楼区")
    (('北京', '泉州'), ('泉州', ''), ('泉州', ''), ('常州', '钟楼区'))
    """
    place = region_word(behind)
    if not behind or behind == place == region:
        return region, ""
    if not region or region == "中国":
        return place or region, "" if place else behind
    if behind.removesuffix("市") in (region, place) and place == region:
        return region, ""
    within = region in PROVINCES and any(one.province == PROVINCES[region][0].name for one in CITIES.get(place, ()))
    return (place, "") if within and behind.removesuffix("市") == place else (region, behind)
