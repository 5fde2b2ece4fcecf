"""The stage `clean`: every column by the rules of its type, every change recorded, nothing destroyed."""

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

import numpy as np
import pandas as pd

from crmetl.batch import CHANGE, CUSTOM, FINDING, Batch, StageResult, stack
from crmetl.clean.kind import Cleaned, Context
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
        kept: Cells in canonical form. A cell that cannot be read stays (`note`), or is NA with its text below `origin` in `custom`
            (`blank`); numbers read by the column's unit or decimal mark are marked below `converted`, so that cleaning again changes
            nothing. Empty fields that another cell tells of are filled; such columns and `custom` are there even if all NA.
        held: Records with a fault of severity `hold`, cleaned as far as possible.
        findings, changes: As declared; the rule of a change is the names of its rules joined by `+`.
    Cost: one call of a rule per unique value and column; a chunk, the whole and one record at a time give the same.
    """
    frame = batch.frame
    blank = pd.Series(pd.NA, index=frame.index, dtype="str")
    work = _Work(batch, rules, {name: frame[name] for name in frame.columns}, held=np.zeros(len(frame), dtype=bool))
    for name in (*_told(work), CUSTOM):
        work.cells.setdefault(name, blank)
    for name in _order(work):
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


def _order(work: _Work) -> list[str]:
    told = {name for rule in work.rules.columns.values() for name in rule.type.tells}

    def rank(name: str) -> int:
        kind = work.rules.columns[name].type.name
        if kind in _FIRST:
            return _FIRST.index(kind)
        return 4 if name in told else 5 if kind == "address" else 6

    return sorted((name for name in work.rules.columns if name in work.cells), key=rank)


def _sibling(work: _Work, name: str, kind: str) -> "pd.Series[str] | None":
    """Return the column of a type that stands beside `name`: of the same record, else of its parent's evidence."""
    prefix = name.rpartition(".")[0]
    beside = [other for other, rule in work.rules.columns.items() if rule.type.name == kind and other in work.cells]
    same = [other for other in beside if other.rpartition(".")[0] == prefix]
    found = same or ([] if prefix else beside)
    return work.cells[found[0]] if found else None


def _contexts(work: _Work, name: str, rule: ColumnRule) -> list[tuple[str, list[Any]]]:
    """Return what each cell is read by beside its text: kind -> a value a row; nothing where all cells share one context."""
    told = [(kind, _sibling(work, name, kind)) for kind in rule.type.row]
    found = [
        (kind, one.to_numpy(dtype=object, na_value=None).tolist()) for kind, one in told if one is not None and one.notna().any()
    ]
    return [*found, ("settled", _settled(work, name))] if rule.context.unit or rule.context.decimal else found


def _context(base: Context, kinds: Sequence[str], values: Sequence[Any]) -> Context:
    told = {kind: value for kind, value in zip(kinds, values, strict=True) if value}
    if told.pop("settled", False):
        told |= {"unit": None, "decimal": None}
    return replace(base, **told) if told else base


def _grouped(
    raw: "pd.Series[str]", parts: Sequence[tuple[str, list[Any]]]
) -> "tuple[np.ndarray[Any, Any], list[tuple[Any, ...]]]":
    """Return a code a row, and for each code the text and what it is read by; -1 where the cell is empty."""
    seen: dict[tuple[Any, ...], int] = {}
    cells = raw.to_numpy(dtype=object, na_value=None).tolist()
    rows = zip(cells, *(values for _, values in parts), strict=True)
    codes = [-1 if key[0] is None else seen.setdefault(key, len(seen)) for key in rows]
    return np.array(codes, dtype=np.intp), list(seen)


def _settled(work: _Work, name: str) -> list[bool]:
    """Say which cells were converted before; they are not converted twice."""
    texts = work.cells[CUSTOM].to_numpy(dtype=object, na_value=None).tolist()
    return [text is not None and _CONVERTED in text and name in _json(text).get(_CONVERTED, {}) for text in texts]


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
        texts = list(uniques)
        outcomes = [rule.type.parse(text, rule.context) for text in texts]
    else:
        codes, keys = _grouped(work.cells[name], parts)
        kinds = [kind for kind, _ in parts]
        contexts = {rest: _context(rule.context, kinds, rest) for rest in {key[1:] for key in keys}}
        texts = [key[0] for key in keys]
        outcomes = [rule.type.parse(key[0], contexts[key[1:]]) for key in keys]
    if outcomes:
        _record(work, name, rule, codes, texts, outcomes)


def _faults(outcome: Cleaned | Fault) -> tuple[Fault, ...]:
    return (outcome,) if isinstance(outcome, Fault) else outcome.notes


def _severity(work: _Work, rule: ColumnRule, fault: Fault) -> Severity:
    found = work.rules.severities.get(fault.code, fault.severity)
    return "note" if rule.evidence and found == "hold" else found


def _record(
    work: _Work,
    name: str,
    rule: ColumnRule,
    codes: "np.ndarray[Any, np.dtype[np.intp]]",
    texts: Sequence[str],
    outcomes: Sequence[Cleaned | Fault],
) -> None:
    """Write the column, its changes and findings, and what its cells tell of others."""
    after: list[str | None] = []
    rules: list[str] = []
    faults: defaultdict[Fault, list[int]] = defaultdict(list)
    kept: list[int] = []
    for n, (text, outcome) in enumerate(zip(texts, outcomes, strict=True)):
        value, names = (text, ()) if isinstance(outcome, Fault) else (outcome.value, outcome.rules)
        for fault in _faults(outcome):
            faults[fault].append(n)
            if _severity(work, rule, fault) == "blank" and value is not None:
                value, names = None, ("kept_as_origin",)
                kept.append(n)
        if isinstance(outcome, Cleaned) and outcome.lossy and value is not None:
            kept.append(n)
        after.append(value)
        rules.append("+".join(names))
    changed = np.fromiter((one != text for one, text in zip(after, texts, strict=True)), dtype=bool, count=len(texts))
    before = work.cells[name]
    if changed.any():
        work.cells[name] = _taken(after, codes, before.index)
        _change(work, name, before, _chosen(changed, codes), _taken(rules, codes, before.index))
    for fault, places in faults.items():
        _find(work, name, fault, _severity(work, rule, fault), _among(places, codes, len(texts)))
    if not rule.evidence:
        _keep(work, name, codes, texts, kept, outcomes)
        _tell(work, rule, codes, outcomes)


def _taken(values: Sequence[str | None], codes: "np.ndarray[Any, Any]", index: "pd.Index[Any]") -> "pd.Series[str]":
    """Return the value of each row's code; NA for code -1."""
    table = np.array([*values, None], dtype=object)
    return pd.Series(table[codes], index=index, dtype="str")


def _chosen(flags: "np.ndarray[Any, Any]", codes: "np.ndarray[Any, Any]") -> "np.ndarray[Any, np.dtype[np.bool_]]":
    return np.append(flags, False)[codes]


def _among(places: Sequence[int], codes: "np.ndarray[Any, Any]", count: int) -> "np.ndarray[Any, np.dtype[np.bool_]]":
    flags = np.zeros(count, dtype=bool)
    flags[list(places)] = True
    return _chosen(flags, codes)


def _change(work: _Work, name: str, before: "pd.Series[str]", mask: "np.ndarray[Any, Any]", rules: "pd.Series[str]") -> None:
    count = int(mask.sum())
    if not count:
        return
    work.changes.append(
        pd.DataFrame(
            {
                "rid": before.index[mask].astype("str"),
                "entity": pd.Series([work.batch.entity] * count, dtype="str"),
                "column": pd.Series([name] * count, dtype="str"),
                "before": before[mask].array,
                "after": work.cells[name][mask].array,
                "rule": rules[mask].array,
            }
        )
    )


def _find(work: _Work, name: str, fault: Fault, severity: Severity, mask: "np.ndarray[Any, np.dtype[np.bool_]]") -> None:
    rows = pd.Series(mask, index=work.batch.frame.index)
    work.findings.append(work.batch.findings(rows, name, fault, severity))
    if severity == "hold":
        work.held |= mask


def _keep(
    work: _Work,
    name: str,
    codes: "np.ndarray[Any, Any]",
    texts: Sequence[str],
    kept: Sequence[int],
    outcomes: Sequence[Cleaned | Fault],
) -> None:
    """Note what goes into `custom`: texts that the value does not tell whole, and how numbers were converted."""
    converted = {n: one.converted for n, one in enumerate(outcomes) if isinstance(one, Cleaned) and one.converted and one.value}
    if not kept and not converted:
        return
    lossy = set(kept)
    for row, code in enumerate(codes.tolist()):
        if code in lossy:
            work.kept[row].setdefault("origin", {})[name] = texts[code]
        elif code in converted:
            work.kept[row].setdefault(_CONVERTED, {})[name] = converted[code]


def _tell(work: _Work, rule: ColumnRule, codes: "np.ndarray[Any, Any]", outcomes: Sequence[Cleaned | Fault]) -> None:
    """Fill the empty fields that the cells tell of."""
    for told in rule.type.tells:
        if told not in work.rules.columns:
            continue
        values = [one.also.get(told) if isinstance(one, Cleaned) else None for one in outcomes]
        if not any(values):
            continue
        before, said = work.cells[told], _taken(values, codes, work.batch.frame.index)
        mask = (before.isna() & said.notna()).to_numpy()
        work.cells[told] = before.where(~mask, said)
        _change(work, told, before, mask, pd.Series(f"filled_from_{rule.type.name}", index=before.index, dtype="str"))
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
    texts = custom.to_numpy(dtype=object, na_value=None)
    for row, parts in work.kept.items():
        held = _json(texts[row]) if texts[row] else {}
        for part, more in parts.items():
            held[part] = {**held.get(part, {}), **more}
        texts[row] = json.dumps(held, ensure_ascii=False, sort_keys=True)
    return pd.Series(texts, index=custom.index, dtype="str")
