"""Entities, fields and relations."""

from collections.abc import Mapping
from typing import Literal, get_args

from pydantic import BaseModel, ConfigDict
from pydantic import Field as Declared

from crmetl.text import Text

SemanticName = Literal[
    "company_name", "person_name", "given_name", "family_name", "phone", "mobile", "email", "address", "region", "city",
    "postcode", "date_of_birth", "date", "datetime", "money", "quantity", "percent", "uscc", "tax_id", "id_code", "url",
    "country", "currency", "language", "choice", "text", "long_text", "boolean", "reference", "owner",
]  # fmt: skip
SEMANTIC_NAMES: tuple[str, ...] = get_args(SemanticName)

WritePolicy = Literal["fill_blank", "overwrite", "keep", "append", "newest", "longest"]
Survive = Literal["first", "newest", "complete", "longest", "frequent", "verified", "strictest"]


class Frozen(BaseModel):
    """A declaration: unknown keys are refused, nothing changes after reading."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Field(Frozen):
    """
    One field of an entity.

    Attributes:
        type: Semantic type; decides default cleaning, checks, comparison, masking and label.
        label: Heading for people.
        column: Physical column; the field's name where None.
        to: For `reference` (and `owner`: `crm_user`), the entity referred to.
        choices: For `choice`, the name of a code table in `rules/values.yaml`, whose right-hand sides are the choices.
        max: Longest text in characters.
        write: What the load does where the CRM already holds a value.
        survive: Which value of merged duplicates wins.
        personal: Overrides whether the type is masked.
        computed: Filled by crmetl or the database; never restored by a rollback and never compared.
    """

    type: SemanticName = "text"
    label: Text | None = None
    required: bool = False
    column: str | None = None
    to: str | None = None
    choices: str | None = None
    max: int | None = None
    write: WritePolicy = "overwrite"
    survive: Survive = "longest"
    personal: bool | None = None
    computed: bool = False
    default: str | None = None

    @property
    def loosest(self) -> str:
        """Return the value that a consent or status of `survive: strictest` may only leave: its default, of an opt-out `no`."""
        return self.default or "no"


class Entity(Frozen):
    """
    One kind of record.

    Attributes:
        identity: `crosswalk`: the key is given at first creation and found again through the crosswalk.
            `natural`: the key follows from the fields of `unique` (rows that live below a parent, such as contact points).
        unique: Fields that together identify a record of natural identity, or must not repeat.
        retire: Field -> value set when a record is retired; never a DELETE.
        merge: Field -> value set on the loser of a merge; `$survivor` stands for the survivor's key.
        one_of: At least one field of each group must be filled (e.g. a way to reach a contact).
        modified: Date or time field that says when a record was last changed; `survive: newest` goes by it before `as_of`.
    """

    label: Text
    table: str | None = None
    key: str = "id"
    identity: Literal["crosswalk", "natural"] = "crosswalk"
    unique: tuple[str, ...] = ()
    retire: Mapping[str, str] = Declared(default_factory=dict)
    merge: Mapping[str, str] = Declared(default_factory=dict)
    one_of: tuple[tuple[str, ...], ...] = ()
    modified: str | None = None
    fields: Mapping[str, Field]

    def references(self) -> dict[str, str]:
        """Return reference field -> entity it refers to; owners refer to `crm_user`."""
        return {name: one.to or "crm_user" for name, one in self.fields.items() if one.type in ("reference", "owner")}


class Schema(Frozen):
    """All entities; `order()` gives parents before children."""

    entities: Mapping[str, Entity]

    def order(self) -> tuple[str, ...]:
        """
        Return the entities, parents first; entities of a cycle come in the order of the file.

        >>> account = Entity(label=Text("客户", "Account"), fields={})
        >>> contact = Entity(label=Text("联系人", "Contact"), fields={"account": Field(type="reference", to="account")})
        >>> Schema(entities={"contact": contact, "account": account}).order()
        ('account', 'contact')
        """
        done: list[str] = []
        left = list(self.entities)
        while left:
            free = [
                e for e in left if all(to == e or to in done or to not in left for to in self.entities[e].references().values())
            ]
            done += free or left[:1]
            left = [e for e in left if e not in done]
        return tuple(done)

    def _parents(self, entity: str) -> set[str]:
        return {to for to in self.entities[entity].references().values() if to in self.entities}

    def children(self, entity: str) -> tuple[tuple[str, str], ...]:
        """Return (child entity, reference field) of every reference to `entity`."""
        return tuple(
            (child, field) for child, one in self.entities.items() for field, to in one.references().items() if to == entity
        )
