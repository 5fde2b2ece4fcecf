"""Secrets by reference: `${NAME}` and `file:PATH`; a literal password in a URL is refused."""

import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from urllib.parse import quote

from crmetl.errors import ProjectError
from crmetl.project.model import Project, Target
from crmetl.text import Text

REFERENCE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")
PASSWORD = re.compile(r"^[a-zA-Z][a-zA-Z0-9+.-]*://[^/@\s]*:(?P<password>[^@\s]*)@")
QUERY_PASSWORD = re.compile(r"[?&](?:password|passwd|pwd)=(?P<password>[^&]*)", re.IGNORECASE)
URL = re.compile(r"^(?:[a-zA-Z][a-zA-Z0-9+.-]*:|\$\{)")


def literal_password(url: str) -> bool:
    """
    Say whether a URL as declared holds a password that is not a reference.

    >>> literal_password("postgresql://crm:secret@db/crm"), literal_password("postgresql://crm:${PW}@db/crm")
    (True, False)
    """
    found = [one for one in (PASSWORD.search(url), QUERY_PASSWORD.search(url)) if one]
    return any(REFERENCE.fullmatch(one["password"]) is None for one in found if one["password"])


def url_faults(url: str) -> Iterator[tuple[Text, Text]]:
    """Yield what is wrong with a URL as declared: sentence and next step; never the URL itself."""
    if literal_password(url):
        yield (
            Text("含有明文密码", "holds a literal password"),
            Text("改用 ${环境变量} 或 file:路径", "refer to it as ${VARIABLE} or file:PATH"),
        )
    elif not URL.match(url):
        yield (
            Text("不是数据库地址", "is not a database URL"),
            Text("写成 sqlite:///crm.db，或 ${CRM_URL}", "write sqlite:///crm.db, or ${CRM_URL}"),
        )


def filled(text: str, env: Mapping[str, str], *, where: str | None = None, encode: bool = False) -> str:
    """
    Return `text` with each `${NAME}` taken from `env`.

    Args:
        text: As declared.
        env: Environment.
        where: For the message.
        encode: Percent-encode values that are a part of a URL.

    Raises:
        ProjectError: A name that `env` lacks.

    >>> filled("mysql://crm:${PW}@db/crm", {"PW": "a/b"}, encode=True)
    'mysql://crm:a%2Fb@db/crm'
    """
    whole = REFERENCE.fullmatch(text) is not None

    def value(found: re.Match[str]) -> str:
        name = found[1]
        if not env.get(name):
            raise ProjectError(
                Text(f"环境变量 {name} 未设置", f"the environment variable {name} is not set"),
                where=where,
                next=Text(f"先执行 export {name}=…", f"run `export {name}=…` first"),
            )
        return quote(env[name], safe="") if encode and not whole else env[name]

    return REFERENCE.sub(value, text)


def resolve_url(target: Target, project: Project, env: Mapping[str, str]) -> str:
    """
    Return the target's URL with its secrets filled in; for the moment of use, never for a message or a file.

    Args:
        target: As declared.
        project: Relative SQLite paths and `file:` paths are resolved against its folder.
        env: Environment, for `${NAME}`.

    Raises:
        ProjectError: A variable is not set, or the secret file cannot be read.
    """
    url = filled(target.url, env, where="crmetl.yaml", encode=True)
    if url.startswith("file:"):
        url = _secret(project.root / url.removeprefix("file:"))
    head, found, path = url.partition(":///")
    if not found or not head.startswith("sqlite") or path in ("", ":memory:") or path.startswith(("/", "file:")):
        return url
    name, question, query = path.partition("?")
    return f"{head}:///{os.path.abspath(project.root / name)}{question}{query}"  # noqa: PTH100 resolve() would follow links


def _secret(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeError) as error:
        raise ProjectError(
            Text("读不到存放地址的文件", "the file that holds the URL cannot be read"),
            where=str(path),
            next=Text("检查 target.url 中 file: 后的路径和权限", "check the path after file: in target.url, and its permissions"),
        ) from error
