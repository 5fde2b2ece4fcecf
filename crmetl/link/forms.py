"""The forms in which cells of parents are stored and evidence is asked; what a form is, the semantic types know."""

import re
from collections.abc import Callable
from functools import cache, lru_cache
from typing import Literal, TypeAlias

from crmetl.clean import TYPES, Cleaned
from crmetl.schema import SemanticName

SEPARATOR = "\x1f"
"""Joins the parts of a key; no cleaned cell holds it."""
PHONES: tuple[SemanticName, ...] = ("phone", "mobile")

Form = Literal["normal", "domain"]
Forms: TypeAlias = Callable[[str], tuple[str, ...]]

REMEMBERED = 1 << 15
"""Texts remembered per type and form: those of a chunk, which one kind of evidence after the other asks again."""
_SIGNATURE, _LINE = 8, 80
"""Lines that a signature has at most, and characters that a line of one has at most."""
_NUMBER = re.compile(r"\+?[0-9(（][0-9()（） -]{6,18}[0-9]")
_SPLIT: tuple[SemanticName, ...] = ("email", *PHONES)
"""Types of which an evidence cell may hold several, joined by `;` or as people join them."""
_COMPANY_PERSON = re.compile(
    r"\s*([^-－—–\s][^-－—–]*?[\u4e00-\u9fff）])(?:\s*[-－—–]\s*(?=[^-－—–]*[\u4e00-\u9fff])|\s+(?=[\u4e00-\u9fff]{2,4}\s*$))([^-－—–]+?)\s*"
)
"""`公司-姓名` or `公司 姓名`, as people are asked to name themselves in a group chat."""


def stored(kind: SemanticName, form: Form) -> Forms:
    """Return what a parent's canonical cell is found by."""
    if form == "domain":
        return lambda cell: _domain(kind, cell)
    return lambda cell: _normal(kind, cell)


@cache
def asked(kind: SemanticName, form: Form) -> Forms:
    """Return what one value of an evidence cell is looked up by; the last texts are remembered, for several steps ask them."""
    forms = stored(kind, form)
    return lru_cache(maxsize=REMEMBERED)(lambda value: tuple(key for one in read(kind, value) for key in forms(one)))


def pieces(kind: SemanticName, cell: str) -> list[str]:
    """
    Return the values of an evidence cell, in their order.

    >>> pieces("email", "a@huaxin.com;b@huaxin.com"), pieces("company_name", "甲;乙")
    (['a@huaxin.com', 'b@huaxin.com'], ['甲;乙'])
    >>> pieces("company_name", "华信科技-王芳"), pieces("person_name", "华信科技-王芳"), pieces("company_name", "Rolls-Royce Ltd")
    (['华信科技-王芳', '华信科技'], ['华信科技-王芳', '王芳'], ['Rolls-Royce Ltd'])
    >>> pieces("company_name", "泓彦化工 高立辉"), pieces("company_name", "Acme 贸易 (China)")
    (['泓彦化工 高立辉', '泓彦化工'], ['Acme 贸易 (China)'])
    """
    if kind in _SPLIT:
        return [one for part in cell.split(";") if part.strip() for one in TYPES[kind].split(part)]
    both = _COMPANY_PERSON.fullmatch(cell) if kind in ("company_name", "person_name") else None
    return [cell, both[1 if kind == "company_name" else 2]] if both else [cell]


def read(kind: SemanticName, cell: str) -> tuple[str, ...]:
    """Return the canonical form of an evidence cell; nothing where it cannot be read or says nothing."""
    answer = TYPES[kind].parse(cell)
    return (answer.value,) if isinstance(answer, Cleaned) and answer.value is not None else ()


def _normal(kind: SemanticName, cell: str) -> tuple[str, ...]:
    if kind in PHONES and not cell.startswith("+"):
        # A row that people edit in the CRM may hold a number as they write it.
        return tuple(TYPES[kind].normal(one) for one in read(kind, cell))
    return (TYPES[kind].normal(cell),)


def _domain(kind: SemanticName, cell: str) -> tuple[str, ...]:
    facts = TYPES[kind].facts(cell)
    return () if "free" in facts or not facts.get("domain") else (facts["domain"].removeprefix("www."),)


def signed(text: str) -> tuple[list[str], list[str]]:
    """
    Return the short lines a message ends with, and the numbers that stand in them: its signature, if it has one.

    >>> signed("您好，请报价。" + chr(10) * 2 + "王芳" + chr(10) + "上海华信科技有限公司" + chr(10) + "电话：021-6400 1234")
    (['您好，请报价。', '王芳', '上海华信科技有限公司', '电话：021-6400 1234'], ['021-6400 1234'])
    """
    lines = [line.strip() for line in text.splitlines() if line.strip()][-_SIGNATURE:]
    short = [line for line in lines if len(line) <= _LINE]
    return short, [number.strip() for line in short for number in _NUMBER.findall(line)]


def ending(text: str) -> str:
    """
    Return what `signed` looks at, from which it tells the same as from the whole text; one person's messages share it.

    >>> text = "您好，" + "请报价" * 40 + chr(10) + "王芳 " + chr(10) * 2 + "电话：021-6400 1234"
    >>> ending(text).splitlines(), signed(ending(text)) == signed(text)
    (['王芳', '电话：021-6400 1234'], True)
    """
    return "\n".join(signed(text)[0])
