"""Drafted mappings and the files of a new project."""

from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crmetl.mapping import draft, scaffold
from crmetl.mapping.synonyms import synonyms
from crmetl.mapping.write import word
from crmetl.project import Project, lint, read_project
from crmetl.project.tree import parse

from .golden import project_of

REPOSITORY = Path(__file__).parents[2]


@dataclass(frozen=True)
class Seen:
    """One column of a profile."""

    name: str
    type: str
    date_order: str | None = None
    decimal: str | None = None


@dataclass(frozen=True)
class Table:
    """The profile of a table."""

    columns: tuple[Seen, ...]


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """The default project."""
    return project_of(tmp_path_factory.mktemp("default"), {})


def targets(project: Project, *headers: str, profile: Table | None = None) -> dict[str, str]:
    """Return header -> what the draft says of it, without comments."""
    text = draft("x", headers, profile, project.schema_)
    lines = text[text.index("columns:") :].splitlines()[1:]
    return dict(zip(headers, (line.split(": ", 1)[1].split("   #")[0] for line in lines), strict=True))


def test_a_customer_list(project: Project) -> None:
    """Headings in Chinese go to accounts and contacts; one phone column fills both."""
    assert targets(project, "客户编号", "客户名称", "联系人", "电话", "业务员", "状态", "拼音码") == {
        "客户编号": "{drop: kept as the source key}",
        "客户名称": "{to: account.name, required: true}",
        "联系人": "{to: contact.full_name}",
        "电话": "{to: [account.phone, contact.mobile], split: phones}",
        "业务员": "{to: account.owner, values: owners}",
        "状态": "{to: account.status, values: account_status}",
        "拼音码": "{}",
    }


def test_headings_in_pinyin_and_english(project: Project) -> None:
    """Column names of an old database are read, too."""
    assert targets(project, "KHMC", "lxr", "sj", "E-Mail Address", "zip_code") == {
        "KHMC": "{to: account.name, required: true}",
        "lxr": "{to: contact.full_name}",
        "sj": "{to: contact.mobile, split: phones}",
        "E-Mail Address": "{to: contact.email}",
        "zip_code": "{to: account.postcode}",
    }


def test_order_lines_find_their_customer_by_evidence(project: Project) -> None:
    """Header and lines have keys of their own, customers are referred to, amounts keep their unit."""
    text = draft("orders", ["订单号", "行号", "客户代码", "客户名称", "金额(万元)", "下单日期", "业务员"], None, project.schema_)

    assert "  sales_order: {key: 订单号, on_repeat: first}\n  order_line: {key: [订单号, 行号]}\n" in text
    assert "  客户代码: {to: sales_order.account.key}\n  客户名称: {to: sales_order.account.name}\n" in text
    assert '  "金额(万元)": {to: order_line.amount, unit: 万}\n' in text
    assert "  业务员: {to: sales_order.owner, values: owners}\n" in text


def test_guesses_are_marked(project: Project) -> None:
    """A heading that only resembles one, a second column of a field, a number of unknown kind: `check: true`."""
    found = targets(project, "编号", "客户名称", "公司", "联系方式/邮箱", "电话2")

    assert found == {
        "编号": "{drop: kept as the source key, check: true}",
        "客户名称": "{to: account.name, required: true}",
        "公司": "{to: account.name, required: true, check: true}",
        "联系方式/邮箱": "{to: contact.email, check: true}",
        "电话2": "{to: [account.phone, contact.mobile], split: phones, check: true}",
    }


def test_contents_speak_where_the_heading_is_silent(project: Project) -> None:
    """A column of e-mail addresses is one, whatever it is called; a field that is taken is left alone."""
    profile = Table(
        (Seen("列1", "email"), Seen("客户名称", "company_name"), Seen("列3", "company_name"), Seen("列4", "quantity"))
    )

    found = targets(project, "列1", "客户名称", "列3", "列4", profile=profile)

    assert found == {
        "列1": "{to: contact.email, check: true}",
        "客户名称": "{to: account.name, required: true}",
        "列3": "{}",
        "列4": "{}",
    }


@pytest.mark.parametrize("kind", ["mbox", "chat"])
def test_mailboxes_and_chats_have_mappings_of_their_own(kind: str, tmp_path: Path) -> None:
    """Their columns are always the same; one that is not known comes undecided."""
    project = project_of(tmp_path / "a", {})
    text = draft("in box", ["subject", "text", "strange"], None, project.schema_, reads=["m/*.x"], format=kind)

    source = project_of(tmp_path / "b", {"x": text}).sources[0]
    assert (source.source, source.reads, source.format) == ("in box", ("m/*.x",), kind)
    assert source.columns["strange"].to == ()
    assert source.set == {"activity.kind": {"mbox": "email", "chat": "chat"}[kind]}


HEADING = st.one_of(
    st.sampled_from(sorted(synonyms())),
    st.text(
        st.characters(min_codepoint=32, max_codepoint=0x9FFF, exclude_categories=("Cs", "Cc", "Cn", "Co")),
        min_size=1,
        max_size=10,
    ),
)


@settings(max_examples=25, deadline=None)
@given(headers=st.lists(HEADING, max_size=12, unique=True))
def test_every_draft_reads(tmp_path_factory: pytest.TempPathFactory, headers: list[str]) -> None:
    """Whatever the headings, the draft is a mapping that the reader accepts, and names each of them."""
    project = project_of(tmp_path_factory.mktemp("a"), {})

    drafted = project_of(tmp_path_factory.mktemp("b"), {"x": draft("x", headers, None, project.schema_)})

    assert list(drafted.sources[0].columns) == headers


def test_synonyms_name_fields_of_the_default_schema(project: Project) -> None:
    """No heading leads to a field that is not there."""
    schema = project.schema_.entities
    lost = [
        one
        for one in synonyms().values()
        if not one.endswith(".key") and one.split(".")[1] not in schema[one.split(".")[0]].fields
    ]

    assert lost == []
    assert len(synonyms()) >= 300


def test_the_default_schema_is_that_of_the_sample() -> None:
    """There is one schema; the packaged copy and the sample project's may not drift apart."""
    packaged = files("crmetl.project").joinpath("default/schema.yaml").read_text(encoding="utf-8")

    assert packaged == (REPOSITORY / "mappings" / "schema.yaml").read_text(encoding="utf-8")


def test_a_new_project_is_sound(tmp_path: Path) -> None:
    """The scaffold reads, and lint has nothing to say."""
    for name, text in scaffold(source_root="/data/old files").items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")

    project = read_project(tmp_path, env={})

    assert project.source_root == Path("/data/old files")
    assert lint(project) == ()


@settings(max_examples=100, deadline=None)
@given(text=st.text(st.characters(exclude_categories=("Cs", "Cc", "Cn")), max_size=12))
def test_words_read_back(text: str) -> None:
    """A word written for YAML is the same word when read, as key, value and list item."""
    written = word(text)

    node, problems = parse(f"{written}: {{a: {written}, b: [{written}]}}\n", "x")

    assert node is not None
    assert problems == []
    assert node.plain() == {text: {"a": text, "b": [text]}}


def test_what_the_cells_prove_is_declared(project: Project) -> None:
    """A column whose days prove their order, and one with decimal commas, say so."""
    seen = Table((Seen("下单日期", "date", "dmy"), Seen("金额", "money", None, ","), Seen("订单号", "id_code")))
    text = draft("orders", ["订单号", "下单日期", "金额"], seen, project.schema_)

    assert "date_order: dmy}" in next(line for line in text.splitlines() if "下单日期" in line)
    assert 'decimal: ","}' in next(line for line in text.splitlines() if "金额" in line)
