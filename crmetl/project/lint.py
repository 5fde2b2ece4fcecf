"""What a project leaves open or contradicts without being wrong: `crmetl lint`."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from crmetl.errors import ProjectError
from crmetl.project.aim import aim_of
from crmetl.project.decided import column_decisions, undecided
from crmetl.project.model import Project, Source
from crmetl.project.problem import nearest
from crmetl.schema import Entity
from crmetl.text import Lang, Text


@dataclass(frozen=True)
class Problem:
    """
    Something to look at.

    Attributes:
        severity: An `error` stops every run; a `warning` may be meant, or must be settled before approval.
        where: `file:line:column`, or the file.
        what, next: Sentences for people.
    """

    severity: Literal["error", "warning"]
    where: str
    what: Text
    next: Text

    def line(self, lang: Lang) -> str:
        """
        Return the problem on one line.

        >>> Problem("warning", "a.yaml:3:1", Text("多", "open"), Text("补", "decide")).line("en")
        'a.yaml:3:1: open; decide'
        """
        return f"{self.where}: {self.what.read(lang)}{'；' if lang == 'zh' else '; '}{self.next.read(lang)}"

    def to_json(self, lang: Lang) -> dict[str, str]:
        """Return the problem as JSON; `message` and `next` in `lang`."""
        return {"severity": self.severity, "where": self.where, "message": self.what.read(lang), "next": self.next.read(lang)}


def problems_of(error: ProjectError) -> tuple[Problem, ...]:
    """Return the problems of a project that cannot be read."""
    return tuple(Problem("error", one.where or "", one.what, one.next or Text("", "")) for one in error.problems)


def lint(project: Project, headers: Mapping[str, tuple[str, ...]] | None = None) -> tuple[Problem, ...]:
    """
    Return everything that is open, in the order of files.

    Args:
        project: Read without errors.
        headers: Source -> columns that its files have; None: the files were not looked at.
    """
    found = [*_choices(project)]
    for source in project.sources:
        found += _unfilled(project, source)
        found += _drafts(source)
        found += _undecided(source, (headers or {}).get(source.source, ()))
        if headers is not None and source.source in headers:
            found += _absent(source, headers[source.source])
    return tuple(found)


def _place(source: Source, *path: str) -> str:
    return source.places.get(".".join(path)) or source.places.get(path[0]) or source.file


def _drafts(source: Source) -> Iterator[Problem]:
    for name, column in source.columns.items():
        if column.check:
            yield Problem(
                "warning",
                _place(source, "columns", name),
                Text(f"列“{name}”是自动草拟的，尚未确认", f"column '{name}' was drafted and nobody has confirmed it"),
                Text("核对去向后删去 check: true", "look at where it goes, then remove `check: true`"),
            )


def _undecided(source: Source, headers: Iterable[str]) -> Iterator[Problem]:
    for name in undecided(source, headers):
        yield Problem(
            "warning",
            _place(source, "columns", name),
            Text(f"来源 {source.source} 的列“{name}”没有决定", f"column '{name}' of source {source.source} is not decided"),
            Text("写明 to，或用 drop 说明为何不要", "say where it goes (`to`), or why it is left out (`drop`)"),
        )


def _absent(source: Source, headers: tuple[str, ...]) -> Iterator[Problem]:
    """Yield columns of the mapping that no file has; without a key or a required column the source cannot run."""
    keys = {name: entity for entity, one in source.entities.items() for name in one.key}
    free = [one for one in headers if one not in column_decisions(source)]
    for name in column_decisions(source):
        column = source.columns.get(name)
        if name in headers or (column is not None and column.drop is not None and name not in keys):
            continue
        close = nearest(name, free)
        needed = name in keys or (column is not None and column.required)
        yield Problem(
            "error" if needed else "warning",
            _place(source, "columns", name) if column else _place(source, "entities", keys.get(name, "")),
            Text(f"来源 {source.source} 的文件中没有列“{name}”", f"no file of source {source.source} has the column '{name}'"),
            Text(
                f"是否现在叫“{close}”？" if close else "改成文件中的列名，或从映射中删去",
                f"did you mean '{close}'?" if close else "write the name that the files have, or remove it from the mapping",
            ),
        )


def _unfilled(project: Project, source: Source) -> Iterator[Problem]:
    """Yield required fields of the records that a source makes and that nothing fills."""
    columns = [(column, aim) for column in source.columns.values() for aim in map(aim_of, column.to) if aim]
    filled = {(aim.entity, aim.field) for _, aim in columns} | {tuple(one.split(".")[:2]) for one in source.set}
    split = {aim.entity for column, aim in columns if column.split == "parties"}
    made = [one for one in source.made() if one not in split]
    for name in made:
        for field in _required(project.schema_.entities[name], made):
            if (name, field) not in filled:
                label = project.schema_.entities[name].label
                yield Problem(
                    "warning",
                    _place(source, "columns"),
                    Text(f"{label.zh}的必填字段 {field} 没有列填写", f"nothing fills {name}.{field}, which is required"),
                    Text(f"把一列映射到 {name}.{field}，或在 set 中写常量", f"map a column to {name}.{field}, or set a constant"),
                )


def _required(entity: Entity, made: Iterable[str]) -> list[str]:
    """Return required fields without a default that no record of the same row fills."""
    here = set(made)
    return [
        name
        for name, one in entity.fields.items()
        if one.required and one.default is None and not (one.type == "reference" and one.to in here)
    ]


def _choices(project: Project) -> Iterator[Problem]:
    """Yield constants of choice fields that neither their code table nor the schema gives."""
    for name in project.schema_.entities:
        written: list[tuple[str, str, str]] = []
        for rule in project.filters.get(name, ()):
            wanted = [(field, one) for field, many in rule.when.items() for one in ((many,) if isinstance(many, str) else many)]
            written += [("crmetl.yaml", field, text) for field, text in (*wanted, *rule.set.items())]
        for source in project.sources:
            fixed = [(target.split(".")[1], text) for target, text in source.set.items() if target.split(".")[0] == name]
            written += [(source.file, field, text) for field, text in fixed]
        yield from _unknown(project, name, dict.fromkeys(written))


def _schema_values(project: Project, name: str, field: str) -> set[str]:
    """Return the values that the schema itself gives a field: default, on retiring, on merging."""
    entity = project.schema_.entities[name]
    given = (entity.fields[field].default, entity.retire.get(field), entity.merge.get(field))
    return {one for one in given if one is not None}


def _unknown(project: Project, name: str, written: Iterable[tuple[str, str, str]]) -> Iterator[Problem]:
    for file, field, text in written:
        declared = project.schema_.entities[name].fields.get(field)
        if declared is None or declared.type != "choice" or text.startswith("$"):
            continue
        choices = set(project.values.tables.get(declared.choices or "", {}).values()) | _schema_values(project, name, field)
        if text not in choices:
            close = nearest(text, sorted(choices))
            yield Problem(
                "warning",
                file,
                Text(f"{name}.{field} 的值“{text}”不在代码表中", f"'{text}' of {name}.{field} is not in its code table"),
                Text(
                    f"在 rules/values.yaml 的 {declared.choices} 中补上" + (f"，或改为“{close}”" if close else ""),
                    f"add it to {declared.choices} in rules/values.yaml" + (f", or write '{close}'" if close else ""),
                ),
            )
