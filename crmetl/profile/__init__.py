"""Look at tables nobody has mapped yet: what a column seems to be, how good it is, what identifies a row, what refers to what."""

from crmetl.profile.relations import Relation, relations
from crmetl.profile.table import ColumnProfile, TableProfile, profile_table

__all__ = ["ColumnProfile", "Relation", "TableProfile", "profile_table", "relations"]
