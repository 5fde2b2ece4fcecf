"""From scored candidates to the answer: the decision, its reasons, and sentences that hold no value of any record."""

from collections.abc import Sequence
from datetime import datetime

from crmetl.clean import TYPES
from crmetl.dedupe.compare.levels import MISSING, SHARED
from crmetl.dedupe.onerecord import Match
from crmetl.flows.entry.candidates import NUMBERS, Found, Ready, band
from crmetl.flows.entry.verdict import Band, Candidate, Decision, IndexState, Reason, Verdict
from crmetl.flows.opening import now
from crmetl.project import Project
from crmetl.report.words import COMPARED, LEVELS, word
from crmetl.text import Text

FEW = 3
"""A number that more records of other names hold is a switchboard's or a filler: it is no reason to look."""

NAMES = ("company_name", "person_name")
"""Types of the cell that a record is called by."""

DUPLICATE = Reason("duplicate", Text("CRM 中已有这条记录", "the CRM holds this record already"))
SIMILAR = Reason("similar", Text("CRM 中有相似的记录，请先看一眼", "the CRM holds a similar record; look at it first"))
CONTRADICTED = Reason(
    "contradicted",
    Text("相似，但有一处明确矛盾（如信用代码不同）", "similar, but one thing contradicts it, such as another credit code"),
)
BESIDE = Reason(
    "other_parent", Text("另一家客户名下有相同的号码或邮箱", "a record of another customer has the same number or mailbox")
)
SHARES = Reason(
    "shared_number",
    Text(
        "名称对不上，但号码与已有记录相同，请先看一眼",
        "another name, but a number that the CRM holds; look at it first",
    ),
)
NOTHING = Reason("nothing_similar", Text("没有相似的记录", "nothing similar is there"))


def answer(found: Found, ready: Ready, project: Project) -> Verdict:
    """
    Return the answer to one record.

    `block` if one candidate reaches the cut without a contradiction; `warn` if one reaches the review line, or if few hold the
    same number under another name; `unknown` if nothing could be told; else `allow`.
    """
    near = [one for one in found.matches if band(one, ready, found.beside) != "allow"] or _sharing(found, ready)
    bands = {_band(one, ready, found) for one in near}
    decision: Decision = "block" if "block" in bands else "warn" if bands else "unknown" if found.blind else "allow"
    return Verdict(
        decision=decision,
        reasons=(*_reasons(near, decision, ready, found), *found.doubts),
        candidates=tuple(_candidate(one, ready, found, project) for one in near[: project.entry.candidates]),
        rules_version=version_of(ready),
        index_age_s=age_of(ready),
    )


def _sharing(found: Found, ready: Ready) -> list[Match]:
    """Return the records of another name with the same number; none where so many hold it that it tells nothing."""
    numbers = {field for field, kind in ready.index.fields if kind in NUMBERS}
    holders = [one for one in found.matches if any(part.field in numbers and part.level == SHARED for part in one.parts)]
    return holders if len(holders) <= FEW else []


def _band(match: Match, ready: Ready, found: Found) -> Band:
    """Return what a candidate that is named decides: at least that a person should look."""
    alone = band(match, ready, found.beside)
    return "warn" if alone == "allow" else alone


def _reasons(near: Sequence[Match], decision: Decision, ready: Ready, found: Found) -> list[Reason]:
    if decision == "block":
        return [DUPLICATE]
    if decision == "warn":
        told = [
            SHARES if alone == "allow" else CONTRADICTED if one.vetoed else BESIDE if one.key in found.beside else SIMILAR
            for one in near
            for alone in [band(one, ready, found.beside)]
        ]
        return list(dict.fromkeys(told))
    return [NOTHING] if decision == "allow" else []


def _candidate(one: Match, ready: Ready, found: Found, project: Project) -> Candidate:
    told = [part for part in one.parts if part.level != MISSING]
    because = [_sentence(label_of(project, ready.index.entity, part.field), part.level, part.mbit) for part in told]
    start, whole = ready.model.prior / 1000, one.score / 1000
    total = Text(f"起点 {start:+.1f}，合计 {whole:+.1f} 比特", f"start {start:+.1f}, {whole:+.1f} bits in all")
    return Candidate(one.key, one.score, _band(one, ready, found), (*because, total), _name(one.key, ready, found, project))


def _sentence(label: Text, level: str, mbit: int) -> Text:
    named, bits = word(LEVELS, level), f"{mbit / 1000:+.1f}"
    return Text(f"{label.zh}{named.zh} {bits}", f"{label.en} {named.en} {bits}")


def label_of(project: Project, entity: str, column: str) -> Text:
    """Return what people call a compared column."""
    if column in COMPARED:
        return COMPARED[column]
    head, _, name = column.rpartition(".")
    one = project.schema_.entities[head or entity].fields[name]
    label = one.label or Text(name, name)
    if not head:
        return label
    whose = project.schema_.entities[head].label
    return Text(f"{whose.zh}{label.zh}", f"{whose.en} {label.en}".capitalize())


def _name(key: str, ready: Ready, found: Found, project: Project) -> str | None:
    """Return a candidate's name as a report may show it."""
    fields = project.schema_.entities[ready.index.entity].fields
    for field, kind in ready.index.fields:
        name = found.faces[key][0].get(field)
        if kind in NAMES and "." not in field and name is not None:
            return TYPES[kind].mask(name) if fields[field].personal is not False else name
    return None


def version_of(ready: Ready) -> str:
    """Return a print of what an answer was made with: the rules, and the model of this build."""
    return f"{ready.index.version[:12]}-{ready.index.build}"


def age_of(ready: Ready) -> float:
    """Return the seconds since the index was built."""
    return round(max((now() - datetime.fromisoformat(ready.index.built_at)).total_seconds(), 0.0), 1)


def state_of(ready: Ready) -> IndexState:
    """Return the state of an index."""
    index = ready.index
    return IndexState(
        "ready" if ready.fits else "outdated", index.build, index.rows, index.built_at, age_of(ready), version_of(ready)
    )
