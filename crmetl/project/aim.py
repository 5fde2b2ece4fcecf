"""Where a column goes: `entity.field`, or `entity.reference.field` as evidence of a parent."""

from dataclasses import dataclass

from crmetl.schema import Schema

KEY_OF = "key"
"""Third step of `entity.reference.key`: the parent's key in the source's system."""


@dataclass(frozen=True)
class Aim:
    """
    A parsed target.

    Attributes:
        entity: The record that gets the value.
        field: Its field, or the reference that evidence is for.
        evidence: Field of the parent, or `key`; None for a plain field.
    """

    entity: str
    field: str
    evidence: str | None = None

    @property
    def column(self) -> str:
        """
        Return the column of the batch.

        >>> Aim("contact", "account", "name").column, Aim("contact", "mobile").column
        ('account.name', 'mobile')
        """
        return self.field if self.evidence is None else f"{self.field}.{self.evidence}"


def aim_of(target: str) -> Aim | None:
    """
    Return the parsed target, or None where it has not two or three parts.

    >>> aim_of("sales_order.account.key")
    Aim(entity='sales_order', field='account', evidence='key')
    """
    parts = target.split(".")
    if len(parts) not in (2, 3) or not all(parts):
        return None
    return Aim(*parts)


def evidence_fields(schema: Schema, entity: str, reference: str) -> tuple[str, ...]:
    """Return what may stand after `entity.reference.`: `key` and the parent's own values."""
    parent = schema.entities.get(schema.entities[entity].references().get(reference, ""))
    if parent is None:
        return ()
    return (KEY_OF, *(name for name, one in parent.fields.items() if one.type not in ("reference", "owner")))
