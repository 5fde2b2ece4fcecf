"""Which cleaning rules may be trusted without a person looking on, and the proof that a change of theirs lost nothing."""

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from crmetl.clean.script import half_width, visible
from crmetl.text import Text

Keeps = Callable[[str, str], bool]
"""Cell before and after -> whether everything that was said is still said."""


@dataclass(frozen=True)
class Safety:
    """
    Whether a rule's change may be written without a person.

    Attributes:
        safe: It changes how a cell is written, never what it says, so that a reader of the old cell would not notice.
        why: The reason, for the operator's page.
        keeps: Holds a single change against that claim; a change that fails waits for a person. Given for safe rules only.
    """

    safe: bool
    why: Text
    keeps: Keeps | None = None


_EXTENSION: Final = re.compile(r"转|轉|分机|内线|extension|ext|x")
_COUNTRY: Final = 3
"""Digits of the longest country calling code (ITU-T E.164)."""


def _letters(text: str) -> str:
    """Return the letters and digits of a cell, width apart."""
    return "".join(char for char in half_width(visible(text)) if char.isalnum())


def same_letters(before: str, after: str) -> bool:
    """
    Say whether two cells hold the same letters and digits in the same order: only blanks, width and marks differ.

    >>> same_letters("华信 (上海)", "华信（上海）"), same_letters("地址：南京路1号", "南京路1号")
    (True, False)
    """
    return _letters(before) == _letters(after)


def same_but_case(before: str, after: str) -> bool:
    """
    Say whether two cells hold the same letters and digits, whatever their case.

    >>> same_but_case("91-3100 00ma", "91310000MA"), same_but_case("9131O", "91310")
    (True, False)
    """
    return _letters(before).casefold() == _letters(after).casefold()


def same_mailbox(before: str, after: str) -> bool:
    """
    Say whether two addresses are the same but for width and the case of the domain; a dot counts, so does the local part.

    >>> same_mailbox("Li.Na@HuaXin.COM", "Li.Na@huaxin.com"), same_mailbox("li na@huaxin.com", "lina@huaxin.com")
    (True, False)
    """
    local, at, domain = half_width(visible(before)).strip().rpartition("@")
    return local + at + domain.lower() == after


def same_number(before: str, after: str) -> bool:
    """
    Say whether a number only gained its country code: no label, note or digit is lost, none is guessed.

    >>> same_number("０２１－６１２３４５６７转8", "+862161234567;ext=8"), same_number("13912345678(微信)", "+8613912345678")
    (True, False)
    >>> same_number("13912345678.0", "+8613912345678")
    False
    """
    text = half_width(visible(before)).casefold()
    if any(char.isalpha() for char in _EXTENSION.sub("", text)):
        return False
    said, written = (re.sub(r"\D", "", one) for one in (text, after))
    said = said.lstrip("0")
    return bool(said) and written.endswith(said) and len(written) - len(said) <= _COUNTRY


def _kept(keeps: Keeps, zh: str, en: str) -> Safety:
    return Safety(safe=True, why=Text(zh, en), keeps=keeps)


def _asks(zh: str, en: str) -> Safety:
    return Safety(safe=False, why=Text(zh, en))


_WIDTH: Final = "只动空白、全半角和标点", "only blanks, width and marks change"
_CODE: Final = "只去掉分隔符、改大写；字符有修复的等人看", "only separators and case; a repaired character waits"
_TABLE: Final = "由对照表换成另一种说法，表可能有误", "a table puts other words for it, and a table may be wrong"
_READ: Final = "读法不止一种，读错就成了另一个值", "it can be read in more than one way, and the wrong one is another value"
_ADDS: Final = "补上了没有人写过的内容", "it adds what nobody wrote"
_LESS: Final = "写入后比原来少说了一些", "the cell says less afterwards"

SAFETY: Final[Mapping[str, Safety]] = MappingProxyType({
    "tidy": _kept(same_letters, *_WIDTH),
    "blank": _kept(same_letters, "空白本来就没有内容", "blanks said nothing"),
    "company_display": _kept(same_letters, *_WIDTH),
    "person_display": _kept(same_letters, "只去掉空白；改了大小写或次序的等人看", "only blanks; a change of case or order waits"),
    "address_display": _kept(same_letters, "只动空白和标点；去掉了文字的等人看", "only blanks and marks; a lost word waits"),
    "phone": _kept(same_number, "只加国际区号；少了备注或数字的等人看", "the country code is added; a lost note or digit waits"),
    "email_case": _kept(same_mailbox, "域名不分大小写（RFC 5321）", "the case of a domain means nothing (RFC 5321)"),
    "email_valid": _kept(same_mailbox, "同一个邮箱的标准写法", "the standard's spelling of the same mailbox"),
    "url": _kept(same_but_case, "域名不分大小写；只动空白和末尾的斜线", "a host has no case; blanks and a last slash"),
    "postcode": _kept(same_but_case, "只动空白和大小写；补零的等人看", "only blanks and case; a zero put back waits"),
    "uscc": _kept(same_but_case, *_CODE),
    "organisation_code": _kept(same_but_case, *_CODE),
    "registration_number": _kept(same_but_case, *_CODE),
    "tax_id": _kept(same_but_case, *_CODE),
    "ungarble": _asks("乱码的修复是推断", "what a garbled text was is inferred"),
    "id_code": _asks("编号末尾的 .0 也可能是编号的一部分", "a .0 may belong to the code"),
    "person_title": _asks("称呼也可能是名字的一部分", "a title may belong to the name"),
    "phone_lost_zero": _asks(*_ADDS),
    "phone_area_inferred": _asks(*_ADDS),
    "phone_masked": _asks("脱敏号码本身就要人补全", "a masked number needs a person anyway"),
    "phone_first": _asks(*_LESS),
    "email_repair": _asks("修复是推断：空格也可能原是点号", "the repair is inferred: a blank may have been a dot"),
    "email_first": _asks(*_LESS),
    "country": _asks(*_TABLE),
    "region": _asks(*_TABLE),
    "city": _asks(*_TABLE),
    "date": _asks(*_READ),
    "date_without_time": _asks(*_LESS),
    "datetime": _asks(*_READ),
    "number": _asks(*_READ),
    "number_unit": _asks(*_READ),
    "money_capital": _asks(*_READ),
    "currency": _asks(*_TABLE),
    "choice": _asks(*_TABLE),
    "owner": _asks("负责人归属由人决定", "who owns a customer is for people to say"),
    "owner_unassigned": _asks("负责人归属由人决定", "who owns a customer is for people to say"),
    "boolean": _asks(*_READ),
    "language": _asks(*_TABLE),
    "placeholder": _asks(*_LESS),
    "kept_as_origin": _asks(*_LESS),
    "filled_from_money": _asks(*_ADDS),
    "filled_from_person_name": _asks(*_ADDS),
    "filled_from_address": _asks(*_ADDS),
    "filled_from_city": _asks(*_ADDS),
    "filled_from_region": _asks(*_ADDS),
})  # fmt: skip
"""Rule -> safety; a test holds it against every name that may stand in a change. Traditional characters are never rewritten."""

SAFE_RULES: Final = frozenset(name for name, one in SAFETY.items() if one.safe)
"""What the catalogue calls safe: the default of `nightly.safe`."""


def trusted(rules: Collection[str], before: str | None, after: str | None, *, safe: Collection[str]) -> bool:
    """
    Say whether a change may be written without a person.

    Args:
        rules: Names of the rules that made it.
        before, after: The cell; None where it is empty.
        safe: Names that the project trusts. A rule of the catalogue's own safe ones must also prove that this change lost
            nothing; one that only the project trusts is taken at its word.

    >>> trusted(["tidy", "phone"], "139 1234 5678", "+8613912345678", safe=SAFE_RULES)
    True
    >>> trusted(["choice"], "在用", "active", safe=SAFE_RULES), trusted(["choice"], "在用", "active", safe=["choice"])
    (False, True)
    """
    if not rules or not set(rules) <= set(safe):
        return False
    proofs = [keeps for name in rules if name in SAFETY and (keeps := SAFETY[name].keeps) is not None]
    return len(proofs) < len(rules) or any(keeps(before or "", after or "") for keeps in proofs)
