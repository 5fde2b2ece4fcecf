"""A mapping to start from: what the headings and the contents of a file suggest, marked where it is a guess."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from crmetl.mapping.scaffold import packaged
from crmetl.mapping.synonyms import meaning, unit_of
from crmetl.mapping.write import word
from crmetl.schema import Schema

FAMILIES: dict[str, tuple[str, ...]] = {
    "account": ("account", "contact"),
    "sales_order": ("sales_order", "order_line"),
    "crm_case": ("crm_case",),
    "campaign_member": ("campaign_member", "campaign", "account", "contact"),
    "crm_user": ("crm_user",),
    "activity": ("activity",),
}
"""What a table can be about -> the entities that its rows make; the first refers to the customers."""

KEYS = {"sales_order.order_no", "crm_case.case_no", "crm_user.login", "campaign.name"}
"""Fields that identify their record within its source."""

EVIDENCE = ("key", "name", "uscc", "phone", "full_name", "mobile", "email")
"""What a parent can be found by."""

BY_TYPE = {
    "company_name": "account.name", "person_name": "contact.full_name", "mobile": "contact.mobile", "phone": "account.phone",
    "email": "contact.email", "uscc": "account.uscc", "url": "account.website", "address": "account.address",
    "postcode": "account.postcode",
}  # fmt: skip
"""Semantic type of a column's contents -> field, where the heading says nothing."""


class ProfiledColumn(Protocol):
    """What a draft uses of a column's profile."""

    @property
    def name(self) -> str:
        """The heading."""

    @property
    def type(self) -> str:
        """Semantic type of the contents."""

    @property
    def date_order(self) -> str | None:
        """What the dates of the column prove."""

    @property
    def decimal(self) -> str | None:
        """The mark before the fraction that the numbers of the column prove."""


class Profiled(Protocol):
    """What a draft uses of a table's profile."""

    @property
    def columns(self) -> Sequence[ProfiledColumn]:
        """The columns."""


@dataclass
class _Line:
    """One column of the draft: YAML parts, and why it is to be checked."""

    parts: list[str] = field(default_factory=list)
    check: str | None = None


def draft(
    name: str,
    headers: Iterable[str],
    profile: Profiled | None,
    schema: Schema,
    *,
    reads: Sequence[str] = (),
    format: str = "table",  # noqa: A002 the key of the mapping
) -> str:
    """
    Return the YAML of a mapping for a file.

    Args:
        name: Of the source; also its system.
        headers: Columns of the file.
        profile: Of its contents; None: only the headings speak.
        schema: Targets that it lacks are not proposed.
        reads: Globs; none: the name with any ending.
        format: table, mbox or chat.

    Returns:
        A mapping that the reader accepts. Guesses carry `check: true` and a comment; columns of unknown meaning stand
        there undecided.
    """
    if format != "table":
        return _fixed(name, headers, format, reads)
    names = list(dict.fromkeys(headers))
    found = [meaning(one) for one in names]
    drafting = _Drafting(_about([one.target for one in found if one and one.sure]), schema)
    types = {one.name: one.type for one in profile.columns} if profile else {}
    lines = {one: drafting.line(one, types.get(one)) for one in names}
    for one in profile.columns if profile else ():
        _proven(lines[one.name], one)
    _split_phones(lines, drafting)
    top = [
        f"source: {word(name)}",
        f"system: {word(name)}   # the system that gave the numbers; its orders refer to its customers",
        f"reads: [{', '.join(word(one) for one in reads or (f'{name}.*',))}]",
        *_entities(drafting.keys),
        "columns:" if lines else "columns: {}",
    ]
    return "\n".join([*top, *(f"  {word(one)}: {_text(line)}" for one, line in lines.items())]) + "\n"


def _fixed(name: str, headers: Iterable[str], kind: str, reads: Sequence[str]) -> str:
    """Return the mapping of a mailbox or chat, whose columns are always the same; columns it does not know come undecided."""
    text = (
        packaged(f"{kind}.yaml").replace("source: NAME", f"source: {word(name)}").replace("system: NAME", f"system: {word(name)}")
    )
    text = text.replace("reads: NAME", f"reads: [{', '.join(word(one) for one in reads or (f'{name}.*',))}]")
    more = [one for one in headers if f"\n  {word(one)}: " not in text]
    lines = "".join(f"  {word(one)}: {_text(_Line())}\n" for one in more)
    return text.replace("columns:\n", f"columns:\n{lines}")


def _about(targets: list[str]) -> str:
    """Return what the table is about: customers are named in every table, so that they count half."""
    votes = dict.fromkeys(FAMILIES, 0.0)
    for target in targets:
        entity = target.split(".")[0]
        for family, entities in FAMILIES.items():
            if entity in entities:
                votes[family] += 0.5 if entity in FAMILIES["account"] and family == "account" else 0.0
                votes[family] += 1.0 if entity not in FAMILIES["account"] else 0.0
    return max(votes, key=lambda one: (votes[one], one == "account"))


@dataclass
class _Drafting:
    """
    The draft of one file on its way through the columns.

    Attributes:
        about: What the table is about.
        schema: Of the project.
        keys: Entity -> columns of its key.
        used: Target -> the first column that fills it.
    """

    about: str
    schema: Schema
    keys: dict[str, list[str]] = field(default_factory=dict)
    used: dict[str, str] = field(default_factory=dict)

    def line(self, heading: str, kind: str | None) -> _Line:
        """Return what to propose for one column, by its heading, or else by the type of its contents."""
        found = meaning(heading)
        target = _resolve(found.target, self.about, self.schema) if found else None
        check = None if found and found.sure else "表头相近 the heading only resembles a known one"
        if target is None and kind in BY_TYPE:
            target, check = _resolve(BY_TYPE[kind], self.about, self.schema), f"按内容推断 by its contents ({kind})"
            target = None if target in self.used else target
        if target is None:
            return _Line()
        if target.endswith(".key") and target.count(".") == 1:
            return self._key(target.split(".")[0], heading, check)
        self._identifies(target, heading)
        if target in self.used:
            check = f"与 {self.used[target]} 填同一字段 fills the same field"
        self.used.setdefault(target, heading)
        return _Line([f"to: {target}", *_options(heading, target, self.about, self.schema)], check)

    def _key(self, entity: str, heading: str, check: str | None) -> _Line:
        if entity in self.keys:
            return _Line()
        self.keys[entity] = [heading]
        return _Line(["drop: kept as the source key"], check)

    def _identifies(self, target: str, heading: str) -> None:
        if target in KEYS:
            self.keys.setdefault(target.split(".", maxsplit=1)[0], [heading])
        if target == "order_line.line_no" and "sales_order" in self.keys:
            self.keys["order_line"] = [self.keys["sales_order"][0], heading]


def _resolve(target: str, about: str, schema: Schema) -> str | None:
    """Return where a meaning goes in a table of this kind: a field of its own records, or evidence of a parent."""
    entity, name = target.split(".")
    main = FAMILIES[about][0]
    if main not in schema.entities:
        return None
    if entity in FAMILIES[about]:
        known = entity in schema.entities and (name == "key" or name in schema.entities[entity].fields)
        return target if known else None
    own = schema.entities[main].fields
    if name in own and own[name].type != "reference":
        return f"{main}.{name}"
    reference = next(
        (ref for ref, to in schema.entities[main].references().items() if to == entity and own[ref].type == "reference"), None
    )
    parent = schema.entities.get(entity)
    if reference is None or parent is None or name not in EVIDENCE or not (name == "key" or name in parent.fields):
        return None
    return f"{main}.{reference}.{name}"


def _options(heading: str, target: str, about: str, schema: Schema) -> list[str]:
    parts = target.split(".")
    if len(parts) == 3:
        return []
    one = schema.entities[parts[0]].fields[parts[1]]
    options = []
    if one.type == "choice" and one.choices:
        options.append(f"values: {one.choices}")
    if one.type == "owner":
        options.append("values: owners")
    if one.type == "money" and "万" in (unit_of(heading) or ""):
        options.append("unit: 万")
    if one.required and parts[0] == FAMILIES[about][0] and one.type in ("company_name", "id_code"):
        options.append("required: true")
    return options


def _proven(line: _Line, column: ProfiledColumn) -> None:
    """Declare what the cells prove and no single one tells: day first, a comma before the fraction."""
    shared = line.check is not None and "same field" in line.check
    if not line.parts or not line.parts[0].startswith("to: ") or shared:
        return
    if column.date_order:
        line.parts.append(f"date_order: {column.date_order}")
    if column.decimal == ",":
        line.parts.append('decimal: ","')


def _split_phones(lines: dict[str, _Line], drafting: _Drafting) -> None:
    """Let a customer's phone column also fill the person's mobile where no other column does."""
    if "contact" not in FAMILIES[drafting.about]:
        return
    for line in lines.values():
        if line.parts[:1] == ["to: account.phone"]:
            if "contact.mobile" not in drafting.used:
                line.parts[0] = "to: [account.phone, contact.mobile]"
            line.parts.append("split: phones")
        elif line.parts[:1] == ["to: contact.mobile"]:
            line.parts.append("split: phones")


def _entities(keys: dict[str, list[str]]) -> list[str]:
    repeated = {"campaign", *({"sales_order"} if "order_line" in keys else ())}
    written = []
    for entity, columns in keys.items():
        key = word(columns[0]) if len(columns) == 1 else "[" + ", ".join(word(one) for one in columns) + "]"
        written.append(f"  {entity}: {{key: {key}{', on_repeat: first' if entity in repeated else ''}}}")
    return ["entities:", *written] if written else []


def _text(line: _Line) -> str:
    if not line.parts:
        return "{}   # 待定 not decided: `to` a field, or `drop` with a reason"
    if line.check is None:
        return "{" + ", ".join(line.parts) + "}"
    return "{" + ", ".join([*line.parts, "check: true"]) + f"}}   # check: {line.check}"
