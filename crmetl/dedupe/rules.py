"""What matching of one entity is asked to do: the project's declarations with the schema's and a pinned model's."""

from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field as declared

from crmetl.dedupe.compare.levels import LEVELS, Level, levels_of
from crmetl.dedupe.learn.kinds import KINDS, Kind
from crmetl.dedupe.model import Model
from crmetl.errors import ProjectError
from crmetl.project import Project
from crmetl.project.model import Comparison, MatchSpec, PairKind
from crmetl.schema import Entity
from crmetl.schema.model import Survive
from crmetl.text import Text

COMPARABLE = (
    "company_name",
    "person_name",
    "given_name",
    "family_name",
    "uscc",
    "phone",
    "mobile",
    "email",
    "url",
    "address",
    "city",
    "date_of_birth",
)
"""Types that a project without `rules/match.yaml` compares, where the schema has a field of theirs."""


@dataclass(frozen=True)
class Compared:
    """
    One comparison, settled.

    Attributes:
        field: Column of the batch, or of the evidence (`contact.mobile`).
        kind: Semantic type whose normal form and levels count.
        weights: Level -> bits fixed by hand.
        siblings: Only records of one parent are compared.
    """

    field: str
    kind: str
    weights: Mapping[str, float] = declared(default_factory=dict)
    siblings: bool = False

    @property
    def levels(self) -> tuple[Level, ...]:
        """Return the levels of its type; a field of another entity is evidence only."""
        return levels_of(self.kind, evidence="." in self.field, siblings=self.siblings)


@dataclass(frozen=True)
class Kept:
    """Which of several values of a field survives, the field's type, and the value that `strictest` likes least."""

    how: Survive
    kind: str
    loosest: str = "no"


@dataclass(frozen=True)
class MatchRules:
    """
    Rules of one entity.

    Attributes:
        comparisons: Fields compared.
        vetoes: Fields of which two different valid values forbid that the records are one.
        within: Reference field; only records with the same value in it are compared.
        cut, review: 1/1000 bit, None: the model's.
        max_block: Largest block compared in full; larger ones are refined by further fields.
        most_in_cluster: Distinct contents of one cluster; a larger one is cut at its weakest links.
        most_growth: Distinct new contents that a CRM row takes in at once; where there are more, they wait for a person.
        one_to_one: Sources that hold everybody once: two of their records are never one.
        ranks: Source -> trust, 1 is most trusted.
        as_of: Source -> ISO date its values are of.
        modified: Field that says when a record was last changed.
        survive: Field -> which value survives.
        model: Pinned model; None: learnt from the records themselves, or where they are few declared weights.
        kinds: Kinds of pairs that are looked for when learning.
    """

    entity: str
    comparisons: tuple[Compared, ...]
    vetoes: tuple[str, ...] = ()
    within: str | None = None
    cut: int | None = None
    review: int | None = None
    max_block: int = 60
    most_in_cluster: int = 50
    most_growth: int = 20
    one_to_one: tuple[str, ...] = ()
    ranks: Mapping[str, int] = declared(default_factory=dict)
    as_of: Mapping[str, str] = declared(default_factory=dict)
    modified: str | None = None
    survive: Mapping[str, Kept] = declared(default_factory=dict)
    model: Model | None = None
    kinds: tuple[Kind, ...] = KINDS

    @property
    def evidence(self) -> tuple[str, ...]:
        """Return the compared columns that belong to other entities (`contact.mobile`)."""
        return tuple(one.field for one in self.comparisons if "." in one.field)


def match_rules(project: Project, entity: str, model: Model | None = None) -> MatchRules:
    """
    Return how records of `entity` are matched.

    Args:
        model: Pinned model of this entity, or None.

    Raises:
        ProjectError: A comparison, veto or `within` names a field that the schema lacks, or the model is another entity's.
    """
    known = project.schema_.entities
    spec = project.match.get(entity) or _default(known[entity])
    problems = [*_unknown(spec, project, entity), *([] if model is None or model.entity == entity else [_foreign(model, entity)])]
    if problems:
        raise ProjectError(problems[0].what, where=problems[0].where, next=problems[0].next, problems=tuple(problems))
    return MatchRules(
        entity=entity,
        comparisons=tuple(
            Compared(one.field, one.type or _type(one.field, project, entity), one.weights, siblings=spec.within is not None)
            for one in spec.comparisons
        ),
        vetoes=spec.vetoes,
        within=spec.within,
        cut=None if spec.cut is None else round(1000 * spec.cut),
        review=None if spec.review is None else round(1000 * spec.review),
        max_block=spec.max_block,
        most_in_cluster=spec.most_in_cluster,
        most_growth=spec.most_growth,
        one_to_one=spec.one_to_one,
        ranks={one.source: one.rank for one in project.sources},
        as_of={one.source: one.as_of for one in project.sources if one.as_of},
        modified=known[entity].modified,
        survive={
            name: Kept(one.survive, one.type, one.loosest) for name, one in known[entity].fields.items() if not one.computed
        },
        model=model,
        kinds=_kinds(spec),
    )


def _kinds(spec: MatchSpec) -> tuple[Kind, ...]:
    """Return the built-in kinds of pairs, changed as declared."""
    own = {name: _kind(name, one) for name, one in spec.kinds.items() if isinstance(one, PairKind)}
    built_in = [own.pop(one.name, one) for one in KINDS if spec.kinds.get(one.name) is not False]
    return (*built_in, *own.values())


def _kind(name: str, one: PairKind) -> Kind:
    return Kind(
        name,
        same=one.are == "one",
        own=frozenset(one.own),
        tied=frozenset(one.tied),
        apart=frozenset(one.apart),
        whole=frozenset(one.whole),
        levels={kind: frozenset(names) for kind, names in one.levels.items()},
        differs=dict(one.differs),
        asks=one.asks,
        never=one.never,
    )


def _default(entity: Entity) -> MatchSpec:
    fields = [name for kind in COMPARABLE for name, one in entity.fields.items() if one.type == kind]
    codes = tuple(name for name, one in entity.fields.items() if one.type == "uscc")
    return MatchSpec(comparisons=tuple(Comparison(field=name) for name in fields), vetoes=codes)


def _type(name: str, project: Project, entity: str) -> str:
    owner, _, own = name.rpartition(".")
    return project.schema_.entities[owner or entity].fields[own].type


def _unknown(spec: MatchSpec, project: Project, entity: str) -> list[ProjectError]:
    known = project.schema_.entities
    asked = [*(one.field for one in spec.comparisons), *spec.vetoes, *([spec.within] if spec.within else [])]
    absent = [name for name in asked if not _there(name, known, entity)]
    strange = [(one.field, one.type) for one in spec.comparisons if one.type is not None and one.type not in LEVELS]
    kinds = {name: one for name, one in spec.kinds.items() if isinstance(one, PairKind)}
    strange += [(name, kind) for name, one in kinds.items() for kind in _types(one) if kind not in LEVELS]
    return [
        *(_absent(name, entity) for name in absent),
        *(_strange(f"{entity}.{name}", kind) for name, kind in strange),
        *(
            _no_kind(name, entity)
            for name, one in spec.kinds.items()
            if not isinstance(one, PairKind) and name not in {k.name for k in KINDS}
        ),
        *(
            _no_level(name, entity, kind, level)
            for name, one in kinds.items()
            for kind, levels in one.levels.items()
            if kind in LEVELS
            for level in levels
            if level not in {known.name for known in LEVELS[kind]}
        ),
    ]


def _types(one: PairKind) -> list[str]:
    """Return the semantic types that a kind names."""
    named = (one.own, one.tied, one.apart, one.whole, one.levels, one.differs, one.never, *one.asks)
    return list(dict.fromkeys(kind for some in named for kind in some))


def _there(name: str, known: Mapping[str, Entity], entity: str) -> bool:
    owner, _, own = name.rpartition(".")
    return (owner or entity) in known and own in known[owner or entity].fields


def _absent(name: str, entity: str) -> ProjectError:
    return ProjectError(
        Text(
            f"rules/match.yaml：{entity} 比对的字段 {name} 不在 schema.yaml 中",
            f"rules/match.yaml: {entity} compares {name}, which schema.yaml lacks",
        ),
        next=Text("改正字段名", "correct the field's name"),
    )


def _strange(name: str, kind: str | None) -> ProjectError:
    return ProjectError(
        Text(
            f"rules/match.yaml：{name} 的类型 {kind} 不能比对",
            f"rules/match.yaml: {name} has type {kind}, which cannot be compared",
        ),
        next=Text(f"可用：{'、'.join(LEVELS)}", f"use one of {', '.join(LEVELS)}"),
    )


def _no_kind(name: str, entity: str) -> ProjectError:
    known = "、".join(one.name for one in KINDS), ", ".join(one.name for one in KINDS)
    return ProjectError(
        Text(f"rules/match.yaml：{entity} 没有内置的关系 {name}", f"rules/match.yaml: {entity} has no built-in kind {name}"),
        next=Text(f"内置的有：{known[0]}", f"built in are {known[1]}"),
    )


def _no_level(name: str, entity: str, kind: str, level: str) -> ProjectError:
    known = [one.name for one in LEVELS[kind]]
    return ProjectError(
        Text(
            f"rules/match.yaml：{entity} 的关系 {name} 写了 {kind} 没有的档次 {level}",
            f"rules/match.yaml: kind {name} of {entity} names level {level}, which {kind} lacks",
        ),
        next=Text(f"可用：{'、'.join(known)}", f"use one of {', '.join(known)}"),
    )


def _foreign(model: Model, entity: str) -> ProjectError:
    return ProjectError(
        Text(f"匹配模型属于 {model.entity}，不是 {entity}", f"the match model is of {model.entity}, not of {entity}"),
        next=Text("用 crmetl train 重新生成", "make it anew with crmetl train"),
    )
