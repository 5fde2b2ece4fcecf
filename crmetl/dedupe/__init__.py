"""Duplicates: which records are one, and what survives of them."""

from crmetl.dedupe.cluster.decided import DECISION, content_print
from crmetl.dedupe.explain import Explanation, Part, explain
from crmetl.dedupe.infer.inference import Chosen, LeftOut, choose_fields, infer_fields
from crmetl.dedupe.learn.training import train
from crmetl.dedupe.measure.evaluate import Evaluation, evaluate
from crmetl.dedupe.model import Frequency, Model
from crmetl.dedupe.rules import Compared, Kept, MatchRules, match_rules
from crmetl.dedupe.stage import Deduped, dedupe
from crmetl.dedupe.table import TableDeduped, dedupe_table

__all__ = [
    "DECISION", "Chosen", "Compared", "Deduped", "Evaluation", "Explanation", "Frequency", "Kept", "LeftOut", "MatchRules",
    "Model", "Part", "TableDeduped", "choose_fields", "content_print", "dedupe", "dedupe_table", "evaluate", "explain",
    "infer_fields", "match_rules", "train",
]  # fmt: skip
