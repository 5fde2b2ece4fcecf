"""
Whole columns in the form in which they are compared: cells of common shapes at once, all others one by one.

What is read at once is exactly what `SemanticType` gives, cell by cell (`tests/clean/test_arrays.py`): the shapes are narrower
than what the types accept, and everything that could be a placeholder goes the slow way.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from crmetl.clean.email import REFUSED_ENDINGS
from crmetl.clean.garbled import LEADS
from crmetl.clean.kind import Context, SemanticType
from crmetl.clean.phone import phone_within
from crmetl.clean.placeholder import DUMMY_LOCALS, DUMMY_NAMES, DUMMY_PHONES, NOTHING_SAID, is_placeholder
from crmetl.clean.script import tidy
from crmetl.faults.kind import Fault

NOWHERE: Final = ""
"""Country of a table of which nothing tells that it is Chinese."""
_NUMBERS: Final = frozenset({"phone", "mobile"})

Settled = tuple[pa.Array, pa.Array]
"""Which values are settled, and the forms (of the others they mean nothing)."""


def comparable_one(raw: str, kind: SemanticType, context: Context) -> str | None:
    """
    Return a cell as it is compared: canonical; what cannot be read as it is, in lower case; None where it says nothing.

    A telephone number of no country is compared as it is dialled within its own.

    >>> from crmetl.clean import TYPES
    >>> comparable_one("JOHN", TYPES["given_name"], Context()), comparable_one("n/a", TYPES["city"], Context())
    ('John', None)
    >>> from crmetl.clean import TYPES
    >>> comparable_one("+1 (694) 705-1501", TYPES["phone"], Context(country=NOWHERE))
    '6947051501'
    """
    if kind.name in _NUMBERS and context.country == NOWHERE:
        text = tidy(raw)
        if not text or is_placeholder(text, kind.name, context.placeholders):
            return None
        return phone_within(text) or text.casefold()
    read = kind.parse(raw, context)
    return raw.strip().casefold() if isinstance(read, Fault) else read.value


def comparable(values: pa.Array, kind: SemanticType, context: Context) -> pa.Array:
    """
    Return the form of each cell in which it is compared.

    Args:
        values: Different cells, `large_string`, none null.

    >>> from crmetl.clean import TYPES
    >>> comparable(pa.array(["1970-02-03", "3 Feb 1970", "-"], pa.large_string()), TYPES["date_of_birth"], Context()).to_pylist()
    ['1970-02-03', '1970-02-03', None]
    """
    quick = _QUICK.get(kind.name)
    settled, forms = quick(values, context) if quick else (pa.array([False] * len(values), pa.bool_()), values)
    if context.placeholders:
        settled = pc.and_not(settled, pc.is_in(pc.utf8_lower(values), value_set=_set(context.placeholders)))
    return _filled(values, settled, forms, lambda one: comparable_one(one, kind, context))


def normal_forms(values: pa.Array, kind: SemanticType) -> pa.Array:
    """
    Return the normal form of each canonical value; the value itself where it has none.

    >>> from crmetl.clean import TYPES
    >>> normal_forms(pa.array(["12, High St", "A@b.org"], pa.large_string()), TYPES["address"]).to_pylist()
    ['12 high st', 'a b org']
    """
    quick = _NORMAL.get(kind.name)
    plain = pc.string_is_ascii(values)
    settled, forms = (plain, quick(values)) if quick else (pa.array([False] * len(values), pa.bool_()), values)
    if quick:
        settled = pc.and_(settled, pc.greater(pc.binary_length(forms), 0))
    return _filled(values, settled, forms, lambda one: kind.normal(one) or one)


def _filled(values: pa.Array, settled: pa.Array, forms: pa.Array, one_by_one: Callable[[str], str | None]) -> pa.Array:
    """Return the forms, those that are not settled read one by one."""
    left = pc.invert(settled)
    if not pc.any(left).as_py():
        return forms
    read = pa.array([one_by_one(one) for one in values.filter(left).to_pylist()], pa.large_string())
    return pc.replace_with_mask(forms, left, read)


def _set(texts: Iterable[str]) -> pa.Array:
    return pa.array(sorted(texts), pa.large_string())


_SAYS_NOTHING: Final = _set(NOTHING_SAID)
_SAYS_NO_NAME: Final = _set(NOTHING_SAID | DUMMY_NAMES)
_SAYS_NO_NUMBER: Final = _set(NOTHING_SAID | DUMMY_PHONES)


def _shaped(values: pa.Array, shape: str, but: pa.Array) -> pa.Array:
    """Say which values have a shape and are none of the texts in lower case."""
    return pc.and_not(pc.match_substring_regex(values, shape), pc.is_in(pc.ascii_lower(values), value_set=but))


def _name(values: pa.Array, _context: Context) -> Settled:
    return _shaped(values, r"^[A-Z][a-z]{2,30}(?:[ -][A-Z][a-z]{2,30}){0,3}$", _SAYS_NO_NAME), values


def _day(values: pa.Array, _context: Context) -> Settled:
    shape = r"^(?:19[1-689][0-9]|19[0-9][1-9]|20[0-9][0-9])-(?:0[1-9]|1[0-2])-(?:0[2-9]|1[0-9]|2[0-8])$"
    return pc.match_substring_regex(values, shape), values


_MAIL: Final = r"^[A-Za-z0-9_](?:[.+-]?[A-Za-z0-9_]){2,28}@(?:[a-z0-9](?:-?[a-z0-9]){0,18}\.){1,2}[a-z]{2,12}$"
_REFUSED: Final = _set(REFUSED_ENDINGS)


def _mail(values: pa.Array, _context: Context) -> Settled:
    shaped = pc.match_substring_regex(values, _MAIL)
    ending = pc.replace_substring_regex(values, r"^.*\.", "")
    local = pc.ascii_lower(pc.replace_substring_regex(values, "@.*$", ""))
    doubtful = pc.or_(pc.is_in(ending, value_set=_REFUSED), pc.is_in(local, value_set=_set(DUMMY_LOCALS)))
    return pc.and_not(shaped, doubtful), values


def _address(values: pa.Array, _context: Context) -> Settled:
    western = r"[0-9A-Za-z#](?: ?[0-9A-Za-z#./'-]){2,60}[A-Za-z]"
    chinese = r"[\x{4e00}-\x{9fff}0-9A-Za-z#-]{3,60}[\x{4e00}-\x{9fff}A-Za-z]"
    shaped = _shaped(values, f"^(?:{western}|{chinese})$", _SAYS_NOTHING)
    doubtful = pc.or_(pc.match_substring(values, "地址"), pc.match_substring_regex(values, f"[{LEADS}]"))
    return pc.and_not(shaped, doubtful), values


def _number(values: pa.Array, context: Context) -> Settled:
    if context.country == "CN":
        shaped = _shaped(values, r"^1[3-9][0-9]{9}$", _SAYS_NO_NUMBER)
        return shaped, pc.binary_join_element_wise(_CHINA, values, _NO_TEXT)
    if context.country != NOWHERE:
        return pa.array([False] * len(values), pa.bool_()), values
    digits = pc.replace_substring_regex(values, "[^0-9]", "")
    shaped = pc.match_substring_regex(values, r"^[+(]?[0-9](?:[ ()-]{0,2}[0-9]){6,12}$")
    told_apart = pc.match_substring_regex(digits, r"^(?:0*86|0{6}|1{6}|2{6}|3{6}|4{6}|5{6}|6{6}|7{6}|8{6}|9{6})")
    dummy = pc.or_(pc.is_in(digits, value_set=_SAYS_NO_NUMBER), told_apart)
    extended = pc.match_substring_regex(values, r"[0-9]{7}[- ][0-9]{1,5}$")
    blanks = pc.match_substring_regex(values, "  |[(][^0-9]|[^0-9][)]")
    return pc.and_not(shaped, pc.or_(pc.or_(dummy, extended), blanks)), pc.utf8_slice_codeunits(digits, -10)


_CHINA: Final = pa.scalar("+86", pa.large_string())
_NO_TEXT: Final = pa.scalar("", pa.large_string())
_QUICK: Final[Mapping[str, Callable[[pa.Array, Context], Settled]]] = {
    "given_name": _name,
    "family_name": _name,
    "date_of_birth": _day,
    "date": _day,
    "email": _mail,
    "address": _address,
    "phone": _number,
    "mobile": _number,
}


def _words(values: pa.Array) -> pa.Array:
    return pc.ascii_trim_whitespace(pc.ascii_lower(pc.replace_substring_regex(values, r"[^0-9A-Za-z]+", " ")))


def _folded(values: pa.Array) -> pa.Array:
    return pc.ascii_lower(pc.replace_substring_regex(values, r"[\s\x0b\x1c-\x1f]+", ""))


def _same(values: pa.Array) -> pa.Array:
    return values


def _number_alone(values: pa.Array) -> pa.Array:
    return pc.replace_substring_regex(values, ";ext=.*$", "")


_NORMAL: Final[Mapping[str, Callable[[pa.Array], pa.Array]]] = {
    "email": pc.ascii_lower,
    "address": _words,
    "postcode": _folded,
    "id_code": _folded,
    "text": _folded,
    "date_of_birth": _same,
    "date": _same,
    "phone": _number_alone,
    "mobile": _number_alone,
}
"""Normal forms of texts of ASCII."""
