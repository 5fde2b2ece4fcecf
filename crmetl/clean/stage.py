"""The stage `clean`: every column by the rules of its type, every change recorded, nothing destroyed."""

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

import numpy as np
import pandas as pd
import pyarrow as pa

from crmetl.batch import CHANGE, CUSTOM, FINDING, Batch, StageResult, stack
from crmetl.clean.kind import Cleaned, Context
from crmetl.clean.place import city_by_phone, could_be_several
from crmetl.clean.rules import CleanRules, ColumnRule
from crmetl.faults.clean import CURRENCY_CONFLICT
from crmetl.faults.kind import Fault, Severity
from crmetl.text import Text

STAGE_RULES: Final[Mapping[str, Text]] = {
    "blank": Text("空白单元格按空值处理", "a cell of blanks counts as empty"),
    "placeholder": Text("占位内容按空值处理", "a filler counts as empty"),
    "kept_as_origin": Text("无法读取的内容移到原文里保留", "text that cannot be read is kept as origin"),
    "filled_from_money": Text("由金额里的币种补上币种", "the currency was told by the amount"),
    "filled_from_person_name": Text("由姓名里的称呼补上称呼", "the salutation was told by the name"),
    "filled_from_address": Text("由地址补上省市、邮编", "region, city or postcode was told by the address"),
    "filled_from_city": Text("由城市补上省份", "the region was told by the city"),
    "filled_from_region": Text("由省份栏补上城市", "the city was told by the region's cell"),
}
"""Names that stand in CHANGE beside those of `RULES`: what the stage does itself."""

_FIRST: Final = ("country", "currency", "region", "city")
"""Types that others are read by, or that others may fill."""
_CONVERTED: Final = "converted"


@dataclass(frozen=True)
class _Answers:
    """What a column's cells were read as: a code a row (-1 where empty), and for each code the text and the outcome."""

    name: str
    rule: ColumnRule
    codes: "np.ndarray[Any, np.dtype[np.intp]]"
    texts: Sequence[str]
    outcomes: Sequence[Cleaned | Fault]

    def where(self, codes: Iterable[int]) -> "np.ndarray[Any, np.dtype[np.bool_]]":
        """Return a flag a row: its code is one of `codes`."""
        flags = np.zeros(len(self.texts) + 1, dtype=bool)
        flags[list(codes)] = True
        return np.asarray(flags[self.codes], dtype=bool)

    def rows(self, values: Sequence[str | None], index: "pd.Index[Any]") -> "pd.Series[str]":
        """Return the value of each row's code; NA where the cell is empty."""
        known = pa.array(values, pa.large_string()).take(pa.array(self.codes, mask=self.codes < 0))
        return pd.Series(pd.array(known, dtype="str"), index=index)


@dataclass
class _Work:
    """The columns as they are being cleaned, and what is gathered on the way."""

    batch: Batch
    rules: CleanRules
    cells: dict[str, "pd.Series[str]"]
    changes: list[pd.DataFrame] = field(default_factory=list)
    findings: list[pd.DataFrame] = field(default_factory=list)
    kept: defaultdict[int, dict[str, dict[str, str]]] = field(default_factory=lambda: defaultdict(dict))
    held: "np.ndarray[Any, np.dtype[np.bool_]]" = field(default_factory=lambda: np.zeros(0, dtype=bool))


def clean(batch: Batch, *, rules: CleanRules) -> StageResult:
    """
    Bring every cell into the canonical form of its type.

    Args:
        batch: Mapped records; columns as in `Batch`; columns that the rules do not name stay untouched.
        rules: Of `clean_rules`.

    Returns:
        kept: Cells in canonical form. A cell that cannot be read stays (`note`), or is NA with its text below `origin` in
            `custom` (`blank`); numbers read by the column's unit or decimal mark are marked below `converted`, so that cleaning
            again changes nothing. Empty fields that another cell tells of are filled; such columns and `custom` are there even
            if all NA.
        held: Records with a fault of severity `hold`, cleaned as far as possible.
        findings, changes: As declared; the rule of a change is the names of its rules joined by `+`.
    Cost: one call of a rule per unique value and column; a chunk, the whole and one record at a time give the same.
    """
    frame = batch.frame
    blank = pd.Series(pd.NA, index=frame.index, dtype="str")
    work = _Work(batch, rules, {name: frame[name] for name in frame.columns}, held=np.zeros(len(frame), dtype=bool))
    for name in (*_told(work), CUSTOM):
        work.cells.setdefault(name, blank)
    for name in in_order(rules, work.cells):
        _clean_column(work, name, rules.columns[name])
    work.cells[CUSTOM] = _with_kept(work)
    done = replace(batch, frame=frame.assign(**work.cells))
    held = pd.Series(work.held, index=frame.index)
    return StageResult(
        kept=done.take(~held),
        held=done.take(held),
        findings=stack(work.findings, FINDING),
        changes=stack(work.changes, CHANGE),
    )


def _told(work: _Work) -> Iterator[str]:
    """Yield the fields that cells of this batch may fill, whether or not they do in this chunk."""
    for name, rule in work.rules.columns.items():
        if name in work.cells and not rule.evidence:
            yield from (told for told in rule.type.tells if told in work.rules.columns)


def in_order(rules: CleanRules, present: Collection[str]) -> list[str]:
    """Return the columns to clean, those first by which others are read."""
    told = {name for rule in rules.columns.values() for name in rule.type.tells}

    def rank(name: str) -> int:
        kind = rules.columns[name].type.name
        if kind in _FIRST:
            return _FIRST.index(kind)
        return 4 if name in told else 5 if kind == "address" else 6

    return sorted((name for name in rules.columns if name in present), key=rank)


def _sibling(work: _Work, name: str, kind: str) -> "pd.Series[str] | None":
    """Return the column of a type that stands beside `name`: of the same record, else of its parent's evidence."""
    prefix = name.rpartition(".")[0]
    beside = [other for other, rule in work.rules.columns.items() if rule.type.name == kind and other in work.cells]
    same = [other for other in beside if other.rpartition(".")[0] == prefix]
    found = same or ([] if prefix else beside)
    return work.cells[found[0]] if found else None


def _cells(column: "pd.Series[str]") -> list[str | None]:
    """Return the texts of a column; None where it is empty."""
    cells: list[str | None] = pa.array(column.array, pa.large_string()).to_pylist()
    return cells


def _contexts(work: _Work, name: str, rule: ColumnRule) -> list[tuple[str, "pd.Series[Any]"]]:
    """Return what each cell is read by beside its text: kind -> a value a row; nothing where all cells share one context."""
    told = [(str(kind), _areas(work, name) if kind == "area" else _sibling(work, name, kind)) for kind in rule.type.row]
    found: list[tuple[str, pd.Series[Any]]] = [(kind, one) for kind, one in told if one is not None and one.notna().any()]
    if rule.context.unit or rule.context.decimal:
        found.append(("settled", _settled(work, name)))
    return found


def _areas(work: _Work, name: str) -> "pd.Series[str] | None":
    """Return the city of the area code in the record's numbers, for the rows whose address could be in several cities."""
    addresses = work.cells[name]
    known = [one for one in addresses.dropna().unique() if could_be_several(one)]
    city = _sibling(work, name, "city")
    rows = addresses.isin(known) & (city.isna() if city is not None else True) if known else None
    columns = numbers_beside(name, work.rules, work.cells)
    if rows is None or not columns or not rows.any():
        return None
    phones = zip(*(_cells(work.cells[one][rows]) for one in columns), strict=True)
    found = [city_by_phone(one, told) or None for one, told in zip(addresses[rows], phones, strict=True)]
    return pd.Series(found, index=addresses.index[rows], dtype="str").reindex(addresses.index)


def numbers_beside(name: str, rules: CleanRules, present: Collection[str]) -> list[str]:
    """Return the columns of telephone numbers of the record that a column tells of."""
    prefix = name.rpartition(".")[0]
    return [
        one
        for one, rule in rules.columns.items()
        if rule.type.name in ("phone", "mobile") and one in present and one.rpartition(".")[0] == prefix
    ]


def context_of(base: Context, told: Mapping[str, str | None]) -> Context:
    """Return a column's context with what stands beside a cell; a city that stands there counts before an area code."""
    known: dict[str, Any] = {kind: value for kind, value in told.items() if value}
    area = known.pop("area", None)
    return replace(base, **({"city": area} if area else {}) | known) if known or area else base


def _context(base: Context, kinds: Sequence[str], values: Sequence[Any]) -> Context:
    told = dict(zip(kinds, values, strict=True))
    settled = told.pop("settled", False)
    found = context_of(base, told)
    return replace(found, unit=None, decimal=None) if settled else found


def _grouped(
    raw: "pd.Series[str]", parts: Sequence[tuple[str, "pd.Series[Any]"]]
) -> "tuple[np.ndarray[Any, np.dtype[np.intp]], list[str], list[tuple[Any, ...]]]":
    """Return a code a row, -1 where the cell is empty; and for each code, in the order of their first rows, text and context."""
    codes, texts = pd.factorize(raw)
    rest = np.zeros(len(raw), dtype=np.int64)
    contexts: list[tuple[Any, ...]] = [()]
    for _, values in parts:
        told, distinct = pd.factorize(values)
        kinds = [*distinct.tolist(), None]
        rest, pairs = pd.factorize(rest * len(kinds) + np.where(told < 0, len(kinds) - 1, told))
        contexts = [(*contexts[pair // len(kinds)], kinds[pair % len(kinds)]) for pair in pairs.tolist()]
    filled = codes >= 0
    whole = np.full(len(raw), -1, dtype=np.intp)
    whole[filled], pairs = pd.factorize(codes[filled].astype(np.int64) * len(contexts) + rest[filled])
    at, beside = np.divmod(pairs, len(contexts))
    return whole, texts.take(at).tolist(), [contexts[one] for one in beside.tolist()]


def _settled(work: _Work, name: str) -> "pd.Series[bool]":
    """Say which cells were converted before; they are not converted twice."""
    texts = _cells(work.cells[CUSTOM])
    return pd.Series([text is not None and _CONVERTED in text and name in _json(text).get(_CONVERTED, {}) for text in texts])


def _json(text: str) -> dict[str, Any]:
    """Return what `custom` holds; a text that is no JSON object is kept as `text`."""
    try:
        found = json.loads(text)
    except ValueError:
        return {"text": text}
    return found if isinstance(found, dict) else {"text": text}


def _clean_column(work: _Work, name: str, rule: ColumnRule) -> None:
    parts = _contexts(work, name, rule)
    if not parts:
        codes, uniques = pd.factorize(work.cells[name])
        texts = uniques.tolist()
        outcomes = [rule.type.parse(text, rule.context) for text in texts]
    else:
        codes, texts, beside = _grouped(work.cells[name], parts)
        kinds = [kind for kind, _ in parts]
        contexts = {one: _context(rule.context, kinds, one) for one in set(beside)}
        outcomes = [rule.type.parse(text, contexts[one]) for text, one in zip(texts, beside, strict=True)]
    if outcomes:
        _record(work, _Answers(name, rule, codes, texts, outcomes))


def _severity(work: _Work, rule: ColumnRule, fault: Fault) -> Severity:
    found = work.rules.severities.get(fault.code, fault.severity)
    return "note" if rule.evidence and found == "hold" else found


def _said(text: str, outcome: Cleaned | Fault) -> tuple[str | None, tuple[str, ...], tuple[Fault, ...], bool]:
    """Return the value, the names of the rules that made it, the faults, and whether it tells less than the text."""
    if isinstance(outcome, Fault):
        return text, (), (outcome,), False
    return outcome.value, outcome.rules, outcome.notes, outcome.lossy


def _unchanged(text: str, outcome: Cleaned | Fault) -> bool:
    return type(outcome) is Cleaned and not (outcome.rules or outcome.notes or outcome.lossy) and outcome.value == text


def _record(work: _Work, read: _Answers) -> None:
    """Write the column, its changes and findings, and what its cells tell of others."""
    after: list[str | None] = [*read.texts]
    rules = [""] * len(after)
    changed: list[int] = []
    faults: defaultdict[Fault, list[int]] = defaultdict(list)
    kept: set[int] = set()
    answers = enumerate(zip(read.texts, read.outcomes, strict=True))
    for n, (text, outcome) in [one for one in answers if not _unchanged(*one[1])]:
        value, names, notes, lossy = _said(text, outcome)
        if lossy and read.rule.evidence:
            continue  # a parent may be found by any of several addresses, so none is cut off
        for fault in notes:
            faults[fault].append(n)
            if value is not None and _severity(work, read.rule, fault) == "blank":
                value, names = None, ("kept_as_origin",)
                kept.add(n)
        if lossy:
            kept.add(n)
        if value != text:
            changed.append(n)
            after[n], rules[n] = value, "+".join(names)
    before = work.cells[read.name]
    if changed:
        work.cells[read.name] = read.rows(after, before.index)
        _change(work, read.name, before, read.where(changed), read.rows(rules, before.index))
    for fault, places in faults.items():
        _find(work, read.name, fault, _severity(work, read.rule, fault), read.where(places))
    if not read.rule.evidence:
        _keep(work, read, kept)
        _tell(work, read)


def _change(
    work: _Work, name: str, before: "pd.Series[str]", mask: "np.ndarray[Any, Any]", rules: "pd.Series[str] | str"
) -> None:
    count = int(mask.sum())
    if not count:
        return
    work.changes.append(
        pd.DataFrame(
            {
                "rid": before.index[mask].astype("str"),
                "entity": _repeated(work.batch.entity, count),
                "column": _repeated(name, count),
                "before": before[mask].array,
                "after": work.cells[name][mask].array,
                "rule": _repeated(rules, count) if isinstance(rules, str) else rules[mask].array,
            }
        )
    )


def _repeated(text: str, count: int) -> "pd.Series[str]":
    return pd.Series(pd.array(pa.repeat(pa.scalar(text, pa.large_string()), count), dtype="str"))


def _find(work: _Work, name: str, fault: Fault, severity: Severity, mask: "np.ndarray[Any, np.dtype[np.bool_]]") -> None:
    rows = pd.Series(mask, index=work.batch.frame.index)
    work.findings.append(work.batch.findings(rows, name, fault, severity))
    if severity == "hold":
        work.held |= mask


def _keep(work: _Work, read: _Answers, kept: Collection[int]) -> None:
    """Note what goes into `custom`: texts that the value does not tell whole, and how numbers were converted."""
    answers = enumerate(read.outcomes)
    converted = {n: one.converted for n, one in answers if isinstance(one, Cleaned) and one.converted and one.value}
    if not kept and not converted:
        return
    for row, code in enumerate(read.codes.tolist()):
        if code in kept:
            work.kept[row].setdefault("origin", {})[read.name] = read.texts[code]
        if code in converted:
            work.kept[row].setdefault(_CONVERTED, {})[read.name] = converted[code]


def _tell(work: _Work, read: _Answers) -> None:
    """Fill the empty fields that the cells tell of."""
    for told in read.rule.type.tells:
        values = [one.also.get(told) if isinstance(one, Cleaned) else None for one in read.outcomes]
        if told not in work.rules.columns or not any(values):
            continue
        before, said = work.cells[told], read.rows(values, work.batch.frame.index)
        mask = (before.isna() & said.notna()).to_numpy()
        if mask.any():
            work.cells[told] = before.where(~mask, said)
            _change(work, told, before, mask, f"filled_from_{read.rule.type.name}")
        if told == "currency":
            _conflicts(work, told, before, said)


def _conflicts(work: _Work, name: str, before: "pd.Series[str]", said: "pd.Series[str]") -> None:
    differs = (before.notna() & said.notna() & (before.fillna("") != said.fillna(""))).to_numpy()
    if differs.any():
        severity = work.rules.severities.get(CURRENCY_CONFLICT.code, CURRENCY_CONFLICT.severity)
        _find(work, name, CURRENCY_CONFLICT, severity, differs)


def _with_kept(work: _Work) -> "pd.Series[str]":
    """Return `custom` with what was kept; texts kept by an earlier cleaning stay."""
    custom = work.cells[CUSTOM]
    if not work.kept:
        return custom
    texts = _cells(custom)
    for row, parts in work.kept.items():
        held = _json(text) if (text := texts[row]) else {}
        for part, more in parts.items():
            held[part] = {**held.get(part, {}), **more}
        texts[row] = json.dumps(held, ensure_ascii=False, sort_keys=True)
    return pd.Series(texts, index=custom.index, dtype="str")
