"""Golden cases of the reader: a YAML file each with `file`, `text` and the lines it is refused with, in both languages."""

from pathlib import Path
from typing import Any

from crmetl.errors import ProjectError
from crmetl.project import Project, read_project
from crmetl.project.tree import parse

CASES = Path(__file__).parent.parent / "golden" / "project"

BASE = {
    "crmetl.yaml": "name: x\nsource_root: files\ntarget: 'sqlite://'\n",
    "schema.yaml": """
entities:
  crm_user: {label: 用户, fields: {login: id_code}}
  account:
    label: {zh: 客户, en: Account}
    retire: {status: inactive}
    fields:
      name: {type: company_name, required: true}
      phone: phone
      status: {type: choice, choices: account_status, default: active}
      owner: owner
      since: date
  contact:
    label: 联系人
    fields:
      account: {type: reference, to: account}
      full_name: person_name
      mobile: mobile
  activity: {label: 往来, fields: {subject: text}}
  activity_party:
    label: 往来方
    identity: natural
    unique: [activity, role, address]
    fields: {activity: {type: reference, to: activity, required: true}, role: text, address: text}
""",
    "rules/values.yaml": "tables: {owners: {张伟: zhangwei}, account_status: {正常: active, 停用: inactive}}\n",
}
"""A small project of its own, so that a new field of the default schema changes no message here."""


def write_files(folder: Path, files: dict[str, str]) -> Path:
    """Write the base project with some of its files replaced or added."""
    for name, text in (BASE | files).items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder


def project_with(folder: Path, source: str = "", **files: str) -> Project:
    """Read the base project with a mapping, and with files replaced (`settings`, `schema`, `values`, `match`)."""
    names = {"settings": "crmetl.yaml", "schema": "schema.yaml", "values": "rules/values.yaml", "match": "rules/match.yaml"}
    sources = {"sources/case.yaml": f"source: case\nsystem: s\nreads: a.csv\n{source}"} if source else {}
    return read_project(write_files(folder, sources | {names[name]: text for name, text in files.items()}), env={})


def case_of(name: str) -> dict[str, Any]:
    """Return a case's `file`, `text`, `en` and `zh`."""
    node, problems = parse((CASES / f"{name}.yaml").read_text(encoding="utf-8"), name)
    assert node is not None, problems
    found: dict[str, Any] = node.plain()
    return found


def refused(file: str, text: str, folder: Path) -> tuple[ProjectError, ...]:
    """Return the problems of the base project with one file written anew."""
    try:
        read_project(write_files(folder, {file: text}), env={})
    except ProjectError as error:
        return error.problems
    return ()
