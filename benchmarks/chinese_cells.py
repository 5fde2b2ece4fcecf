"""How branch offices write invented customers into their workbooks: names, people, numbers and addresses with their dirt."""

from dataclasses import dataclass, field
from random import Random
from typing import TypeVar

from benchmarks.chinese_words import NOTES, POSTS, SHAPES, SURNAMES, TITLES, WEST_FORMS, Trade, heard, latin
from sample_data.estate.places import City
from sample_data.estate.script import traditional, wide

Thing = TypeVar("Thing")
FIELDS = ("客户名称", "联系人", "手机", "电话", "邮箱", "地址", "城市", "统一社会信用代码")


@dataclass(frozen=True)
class Sheet:
    """A branch's workbook: its weight, the share of full names and of English ones, the share of cells left empty."""

    weight: int
    full: float
    english: float
    lost: tuple[float, ...]


SHEETS = (
    Sheet(26, 0.55, 0.01, (0.02, 0.08, 0.12, 0.45, 0.55, 0.35, 0.2, 0.86)),
    Sheet(24, 0.3, 0.02, (0.03, 0.06, 0.1, 0.6, 0.6, 0.45, 0.35, 0.93)),
    Sheet(18, 0.6, 0.01, (0.02, 0.1, 0.2, 0.35, 0.65, 0.3, 0.12, 0.85)),
    Sheet(12, 0.45, 0.01, (0.04, 0.12, 0.15, 0.5, 0.7, 0.5, 0.25, 0.9)),
    Sheet(12, 0.5, 0.14, (0.02, 0.04, 0.1, 0.55, 0.3, 0.5, 0.4, 1.0)),
    Sheet(8, 0.92, 0.01, (0.0, 0.3, 0.45, 0.25, 0.6, 0.15, 0.1, 0.4)),
)
SHEET_WEIGHTS = [one.weight for one in SHEETS]


@dataclass(frozen=True)
class Place:
    """Where a firm is: road and number, building and room."""

    city: City
    district: str
    road: str
    number: int
    building: str
    room: str


@dataclass(frozen=True)
class Firm:
    """
    One true account.

    Attributes:
        pattern: How the register composes the name.
        office: What a branch's name ends in, such as 上海分公司.
        former: Brand and trade before the firm was renamed.
        landline: Area code and number with a dash.
        place: Now; `before` is where it was.
    """

    brand: str
    trade: Trade
    form: str
    city: City
    pattern: str
    place: Place
    landline: str
    code: str
    domain: str
    office: str = ""
    former: tuple[str, Trade] | None = None
    before: Place | None = None
    closed: bool = False


@dataclass(frozen=True)
class Abroad:
    """A Western customer, or rather its name, place and numbers."""

    brand: str
    trade: str
    form: int
    city: str
    dial: str
    landline: str
    domain: str
    street: str


@dataclass(frozen=True)
class Person:
    """One true contact; `older` is the mobile before this one, `spare` a second one."""

    family: str
    given: str
    mobile: str
    mail: str
    title: str = "先生"
    older: str = ""
    spare: str = ""
    direct: str = ""
    english: str = field(default="")

    @property
    def name(self) -> str:
        """Return surname and given name."""
        return self.family + self.given


def weighted(rng: Random, pairs: tuple[tuple[Thing, int], ...]) -> Thing:
    """Return one of the things by its weight."""
    return rng.choices([one for one, _ in pairs], [weight for _, weight in pairs])[0]


def misheard(rng: Random, text: str) -> str:
    """Return a text with one character of the same sound in place of another; as it was where none is known."""
    spots = [at for at, glyph in enumerate(text) if heard(glyph)]
    if not spots:
        return text
    at = rng.choice(spots)
    return text[:at] + rng.choice(heard(text[at])) + text[at + 1 :]


def misread(rng: Random, text: str) -> str:
    """Return a text with one character taken for another by its shape, or lost, or two swapped."""
    spots = [at for at, glyph in enumerate(text) if glyph in SHAPES]
    if spots and rng.random() < 0.75:
        at = rng.choice(spots)
        return text[:at] + SHAPES[text[at]] + text[at + 1 :]
    at = rng.randrange(len(text) - 1) if len(text) > 1 else 0
    return (
        text[:at] + text[at + 1 : at + 2] + text[at] + text[at + 2 :]
        if rng.random() < 0.5 or len(text) < 3
        else text[:at] + text[at + 1 :]
    )


def slipped(rng: Random, digits: str) -> str:
    """Return digits with one wrong, lost or swapped."""
    at, how = rng.randrange(3, len(digits) - 1) if len(digits) > 5 else 0, rng.random()
    if how < 0.6:
        return digits[:at] + rng.choice("0123456789") + digits[at + 1 :]
    return digits[:at] + digits[at + 1] + digits[at] + digits[at + 2 :] if how < 0.85 else digits[:at] + digits[at + 1 :]


def registered(firm: Firm, brand: str, trade: Trade, form: str, *, region: bool = True) -> str:
    """Return the name as the register composes it."""
    if not region:
        return brand + trade.full + form
    return firm.pattern.format(r=firm.city.name, p=firm.city.province, b=brand, t=trade.full, f=form)


def _form(rng: Random, form: str) -> str:
    if form == "有限公司" and rng.random() < 0.06:
        return rng.choice(("有限责任公司", "有限责任公司", "公司", "(中国)有限公司", "有限公司司", "有限公"))
    return "有限公司" if form == "有限责任公司" and rng.random() < 0.4 else form


def _shortened(rng: Random, firm: Firm, brand: str, trade: Trade) -> str:
    city = firm.city.name
    forms = (
        (brand + trade.short, 30),
        (brand + trade.full, 12),
        (city + brand + trade.short, 16),
        (city + brand, 8),
        (brand, 8),
        (f"{brand}{trade.short}（{city}）", 8),
        (f"{brand}（{city}）", 3),
        (city + brand + trade.full, 15),
    )
    return weighted(rng, forms)


def english(rng: Random, firm: Firm) -> str:
    """Return the English name of a Chinese firm."""
    sounds = latin(firm.brand)
    brand = " ".join(one.title() for one in sounds) if rng.random() < 0.2 else "".join(sounds).title()
    city, how = "".join(latin(firm.city.name)).title(), rng.random()
    body = f"{brand} {firm.trade.english}"
    body = f"{city} {body}" if how < 0.5 else f"{brand} ({city}) {firm.trade.english}" if how < 0.58 else body
    tail = rng.choice((" Co., Ltd.", " Co., Ltd.", " Co.,Ltd", " Co Ltd", " CO.,LTD.", " Company Limited", "", ""))
    return (body + tail).upper() if rng.random() < 0.2 else body + tail


def _noted(rng: Random, firm: Firm, name: str) -> str:
    how = rng.random()
    if firm.former and how < 0.25:
        old, trade = firm.former
        return name + rng.choice(
            (f"（原{old}{trade.short}）", f"(原{registered(firm, old, trade, firm.form)})", f"（曾用名：{old}）")
        )
    if firm.closed and how < 0.35:
        return name + rng.choice(("（已注销）", "(注销)", "（停用）"))
    return f"{name}（{rng.choice(NOTES)}）" if how > 0.985 else name


def company(rng: Random, firm: Firm, sheet: Sheet) -> str:
    """Return the name of a firm as somebody of the branch wrote it."""
    if not firm.office and rng.random() < sheet.english:
        return english(rng, firm)
    brand, trade, how = firm.brand, firm.trade, rng.random()
    if firm.former and rng.random() < 0.3:
        brand, trade = firm.former
    if len(brand) > 1 and how < 0.05:
        brand = misheard(rng, brand) if how < 0.032 else misread(rng, brand)
    if rng.random() < sheet.full:
        name = registered(firm, brand, trade, _form(rng, firm.form), region=rng.random() < 0.85)
    else:
        name = _shortened(rng, firm, brand, trade)
    if firm.office and rng.random() < 0.96:
        town = firm.office.removesuffix("公司").removesuffix("分").removesuffix("办事处")
        name += firm.office if rng.random() < 0.85 else rng.choice((f"（{firm.office}）", f"-{town}", f"({town})", f"{town}分"))
    name = _noted(rng, firm, name)
    return _typed(rng, name.replace(firm.city.name, firm.city.name + "市", 1) if rng.random() < 0.08 else name)


def _typed(rng: Random, name: str) -> str:
    if "（" in name and rng.random() < 0.5:
        name = name.replace("（", "(").replace("）", ")" if rng.random() < 0.95 else "）")
    how = rng.random()
    if how < 0.02:
        return traditional(name)
    if how < 0.05:
        at = rng.randrange(1, len(name)) if len(name) > 1 else 0
        return name[:at] + rng.choice((" ", "　", "  ")) + name[at:]
    if how < 0.06:
        return name + rng.choice((" ", "。", "."))
    return name[: max(8, len(name) - 3)] if how < 0.067 else wide(name) if how < 0.1 else name


def abroad(rng: Random, firm: Abroad) -> str:
    """Return the name of a Western customer as somebody wrote it."""
    brand, how = firm.brand, rng.random()
    if how < 0.05:
        at = rng.randrange(1, len(brand) - 1)
        brand = brand[:at] + (brand[at + 1] + brand[at] + brand[at + 2 :] if how < 0.025 else brand[at + 1 :])
    name = f"{brand} {firm.trade}" if rng.random() < 0.9 else brand
    name += f" {rng.choice(WEST_FORMS[firm.form])}" if rng.random() < 0.7 else ""
    return name.upper() if rng.random() < 0.12 else f"The {name}" if rng.random() < 0.02 else name


def contact(rng: Random, one: Person) -> str:
    """Return a Chinese contact as somebody wrote them."""
    how, name = rng.random(), one.name
    if how < 0.64:
        return name
    if how < 0.83:
        return one.family + (one.title if rng.random() < 0.8 else weighted(rng, TITLES))
    if how < 0.88:
        return name + rng.choice(
            (
                one.title if one.title not in "总工" else "经理",
                f"({rng.choice(POSTS)})",
                f" {one.title}",
                f"（{rng.choice(POSTS)}）",
            )
        )
    if how < 0.92:
        family, given = "".join(latin(one.family)).title(), "".join(latin(one.given)).title()
        return rng.choice((f"{family} {given}", f"{given} {family}", f"{family}{given.lower()}", f"{one.english} {family}"))
    if how < 0.96:
        return one.family + rng.choice((" ", "  ", "　")) + one.given
    return misheard(rng, name) if how < 0.98 else traditional(name)


def western(rng: Random, one: Person) -> str:
    """Return a Western contact as somebody wrote them."""
    how = rng.random()
    if how < 0.72:
        return f"{one.given} {one.family}"
    forms = (
        f"{one.family}, {one.given}",
        f"{one.given[0]}. {one.family}",
        f"Mr. {one.family}",
        one.given,
        f"{one.given}  {one.family}",
    )
    return rng.choice(forms)


def mobile(rng: Random, one: Person) -> str:
    """Return a mobile number as typed, now and then an older one, two at once, masked or wrong."""
    digits = one.older if one.older and rng.random() < 0.4 else one.mobile
    how = rng.random()
    if how < 0.025:
        digits = slipped(rng, digits)
    elif how < 0.05:
        return digits[:3] + "****" + digits[-4:]
    elif how < 0.08 and one.spare:
        return digits + rng.choice(("/", "、", ";", " / ", "，", " ")) + one.spare
    elif how < 0.09:
        return rng.choice(("13800000000", "无", "13800138000", "0", "暂无"))
    a, b, c = digits[:3], digits[3:7], digits[7:]
    forms = (
        (digits, 64),
        (f"{a} {b} {c}", 10),
        (f"{a}-{b}-{c}", 9),
        (rng.choice(("+86 ", "+86", "86-", "0086", "(+86)", "+86-")) + digits, 7),
        (rng.choice((f" {digits}", f"{digits} ", wide(digits), f"{digits}.0", f"{a} {digits[3:]}")), 10),
    )
    return weighted(rng, forms)


def landline(rng: Random, number: str) -> str:
    """Return a landline as typed: with or without its area code, with an extension, two at once or wrong."""
    area, own = number.split("-")
    if rng.random() < 0.02:
        own = slipped(rng, own)
    how = rng.random()
    if how < 0.46:
        return f"{area}-{own}"
    if how < 0.6:
        return own
    forms = (
        area + own, f"({area}){own}", f"（{area}）{own}", f"{area} {own}", f"+86-{area[1:]}-{own}", f"{area}-{own[:4]} {own[4:]}",
        f"{area}-{own}转{rng.randint(801, 868)}", f"{area}-{own}-{rng.randint(801, 868)}", f"{area}－{own}",
        f"{area}-{own}/{own[:-1]}{rng.randrange(10)}",
    )  # fmt: skip
    return rng.choice(forms)


def mail(rng: Random, address: str) -> str:
    """Return an e-mail address as typed."""
    how = rng.random()
    if how < 0.93 or "@" not in address:
        return address
    name, host = address.split("@")
    if how < 0.95 and len(name) > 3:
        at = rng.randrange(1, len(name) - 1)
        return f"{name[:at]}{name[at + 1]}{name[at]}{name[at + 2 :]}@{host}"
    return rng.choice(
        (
            address.upper(),
            address.replace("@", "＠"),
            f" {address}",
            f"{address};",
            f"mailto:{address}",
            address.title(),
            f"{name}@",
        )
    )


def address(rng: Random, one: Place) -> str:
    """Return an address as typed: with more or less in front and behind, with a slip now and then."""
    road, number, how = one.road, str(one.number), rng.random()
    if how < 0.015:
        number = str(one.number + rng.choice((-10, 1, 10, 100)))
    elif how < 0.03:
        road = misheard(rng, road)
    city, how = one.city, rng.random()
    whole = "" if city.province == city.name else city.province + ("壮族自治区" if city.province == "广西" else "省")
    if how < 0.3:
        front = f"{whole}{city.name}市{one.district}"
    elif how < 0.65:
        front = f"{city.name}市{one.district}"
    elif how < 0.75:
        front = f"{city.name}{one.district.removesuffix('区')}"
    else:
        front = one.district if how < 0.88 else city.name + "市" if how < 0.93 else ""
    text = f"{front}{road}{number}" + (rng.choice(("号", "号", "号", "号", "")) if not one.building else "号")
    if one.building and rng.random() < 0.75:
        text += one.building
    if one.room and rng.random() < 0.7:
        floor, room = one.room[:-2], one.room
        text += rng.choice(
            (f"{room}室", f"{room}室", f"{room}", f"{floor}楼{room}室", f"{floor}楼", f"{floor}F-{room}", f"{floor}层{room}号")
        )
    how = rng.random()
    return wide(text) if how < 0.03 else traditional(text) if how < 0.04 else text.replace("号", "号 ", 1) if how < 0.08 else text


def town(rng: Random, city: City) -> str:
    """Return a city as typed."""
    how = rng.random()
    if how < 0.5:
        return city.name
    if how < 0.88:
        return city.name + "市"
    forms = (f"{city.province}{city.name}", f"{city.province}省{city.name}市", f"{city.name} ", "".join(latin(city.name)).title())
    return rng.choice(forms) if city.province != city.name else city.name + "市"


def code(rng: Random, whole: str) -> str:
    """Return a credit code as typed: O for 0, one character wrong, small letters, blanks."""
    how = rng.random()
    if how < 0.02:
        return whole.replace("0", "O") if how < 0.005 else whole[:8] + whole[8:].replace("0", "O", 1)
    if how < 0.035:
        at = rng.randrange(8, 18)
        return whole[:at] + rng.choice("0123456789ABCDEFGH") + whole[at + 1 :]
    if how < 0.065:
        return whole.lower()
    return f"{whole[:8]} {whole[8:]}" if how < 0.08 else f" {whole}" if how < 0.09 else whole


def surname(rng: Random) -> str:
    """Return a surname, skewed as real ones are."""
    return rng.choices(_FAMILIES, _FAMILY_WEIGHTS)[0]


_FAMILIES = [one.rstrip("0123456789") for one in SURNAMES]
_FAMILY_WEIGHTS = [int(one[len(name) :]) for one, name in zip(SURNAMES, _FAMILIES, strict=True)]
