"""What the pairs of a run were scored with, and a pair's score as a picture."""

from crmetl.dedupe import MatchRules, Model, match_rules
from crmetl.flows.opening import scored_with
from crmetl.project import Project
from crmetl.report.waterfall import Waterfall, waterfall
from crmetl.schema import Schema
from crmetl.text import Text
from crmetl.workspace import Workspace


def rules_of_run(project: Project, workspace: Workspace, entity: str) -> MatchRules | None:
    """Return how a run compared the records of an entity; None where it did not, or has not kept it."""
    path = scored_with(workspace, entity)
    if entity not in project.match or not path.exists():
        return None
    return match_rules(project, entity, Model.from_json(path.read_text("utf-8")))


def laid_out(schema: Schema, rules: MatchRules, because: str, mbit: int) -> Waterfall:
    """Return the waterfall of a pair; `because` as it stands beside the pairs of a run."""
    model = rules.model or Model(rules.entity)
    lines = (model.cut if rules.cut is None else rules.cut, model.review if rules.review is None else rules.review)

    def label(name: str) -> Text:
        owner, dot, own = name.rpartition(".")
        entity = schema.entities[owner or rules.entity]
        said = entity.fields[own].label or Text(own, own)
        return Text(f"{entity.label.zh} {said.zh}", f"{entity.label.en} {said.en}") if dot else said

    return waterfall(because, mbit, lines, label)
