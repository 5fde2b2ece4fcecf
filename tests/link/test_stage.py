"""What `link` finds."""

from typing import Any

import pandas as pd
import pytest

from crmetl.batch import Batch, StageResult
from crmetl.errors import ProjectError
from crmetl.link import link, link_rules, parent_index
from tests.link.conftest import (
    ACCOUNTS,
    Parents,
    Row,
    a_project,
    a_schema,
    batch_of,
    frame_of,
    keys_of,
    rules_of,
)


def linked(
    entity: str, row: Row, parents: Parents, *, source: str = "erp", absorbed: dict[str, str] | None = None, **more: Any
) -> StageResult:
    return link(
        batch_of(entity, {"r": row}, source=source), rules=rules_of(entity, **more), parents=parents, absorbed=absorbed or {}
    )


def codes(result: StageResult) -> list[tuple[str, str, str]]:
    return [tuple(row) for row in result.findings[["column", "code", "severity"]].to_numpy().tolist()]


def rules_used(result: StageResult) -> dict[str, str]:
    return dict(zip(result.changes["column"], result.changes["rule"], strict=True))


@pytest.mark.parametrize(
    ("evidence", "account", "rule"),
    [
        ({"account.key": "K1"}, "@hx", "link:key"),
        ({"account.key": " K2 "}, "@hxbj", "link:key"),
        ({"account.email": "INFO@huaxin.com"}, "@hx", "link:email"),
        ({"account.email": "wangfang@huaxin.com"}, "@hx", "link:email"),
        ({"account.phone": "021-64001234"}, "@hx", "link:phone"),
        ({"account.phone": "139 1234 5678"}, "@hx", "link:phone"),
        ({"account.name": "上海华信科技有限公司"}, "@hx", "link:name"),
        ({"account.name": "華信科技（上海）有限公司"}, "@hx", "link:brand"),
        ({"account.name": "北京华信科技"}, "@hxbj", "link:brand"),
        ({"account.name": "东岭机械公司"}, "@dl", "link:brand"),
        ({"account.name": "东岭商贸"}, None, ""),
        ({"account.name": "苏州东岭"}, None, ""),
        ({"account.name": "江苏东岭机械"}, "@dl", "link:brand"),
        ({"account.name": "浙江东岭机械"}, None, ""),
        ({"account.email": "nobody@huaxin.com"}, "@hx", "link:domain"),
        ({"account.phone": "0512-88880000", "account.name": "苏州东岭贸易有限公司"}, "@dlf", "link:name"),
        ({"account.name": "华信科技", "account.city": "北京市"}, "@hxbj", "link:place"),
    ],
)
def test_order_finds_its_account(parents: Parents, evidence: Row, account: str | None, rule: str) -> None:
    """Key, address, number, name, short name, domain: each finds the one account, and says by what."""
    result = linked("sales_order", evidence, parents)

    assert result.kept.frame["account"].tolist() == ([account] if account else [])
    assert rules_used(result) == ({"account": rule} if account else {})
    assert result.findings.empty is (account is not None)


@pytest.mark.parametrize(
    "evidence",
    [
        {"account.phone": "0512-88880000"},
        {"account.name": "华信科技有限公司"},
        {"account.phone": "0512-88880000", "account.name": "东岭"},
        {"account.email": "wangfang@huaxin.com; lq@dongling.cn"},
    ],
)
def test_several_accounts_are_held_and_none_is_picked(parents: Parents, evidence: Row) -> None:
    """A shared switchboard, the same brand in two cities, two companies in one mail: a person decides."""
    result = linked("sales_order", evidence, parents)

    assert codes(result) == [("account", "LINK_AMBIGUOUS", "hold")]
    assert result.held.frame.columns.tolist()[-len(evidence) :] == list(evidence)


@pytest.mark.parametrize(
    "evidence",
    [
        {"account.name": "南京华信科技有限公司"},
        {"account.name": "华信"},
        {"account.email": "stranger@gmail.com"},
        {"account.email": "见名片"},
        {"account.phone": "无"},
    ],
)
def test_nobody_found_holds_where_the_parent_is_required(parents: Parents, evidence: Row) -> None:
    """The same brand in another city, a bare brand, a free-mail domain and unreadable cells lead nowhere."""
    result = linked("sales_order", evidence, parents)

    assert codes(result) == [("account", "PARENT_NOT_FOUND", "hold")]
    assert len(result.held) == 1


def test_no_evidence_is_left_to_validate_links(parents: Parents) -> None:
    """An order that names no customer at all is not link's to judge."""
    result = linked("sales_order", {"order_no": "S1", "account": None}, parents)

    assert result.findings.empty
    assert result.kept.frame["account"].isna().all()


def test_unknown_key_falls_back_to_evidence_and_is_noted(parents: Parents) -> None:
    """A key of another system is no key here; the name still finds the account."""
    result = linked("sales_order", {"account.key": "K9", "account.name": "苏州东岭机械有限公司"}, parents)

    assert codes(result) == [("account", "KEY_UNKNOWN", "note")]
    assert result.kept.frame["account"].tolist() == ["@dl"]


def test_name_that_leads_elsewhere_than_the_key_is_noted(parents: Parents) -> None:
    """The key wins, and somebody should look."""
    result = linked("sales_order", {"account.key": "K1", "account.name": "苏州东岭机械有限公司"}, parents)

    assert codes(result) == [("account", "NAME_DISAGREES", "note")]
    assert result.kept.frame["account"].tolist() == ["@hx"]


def test_same_row_parent_follows_its_survivor(parents: Parents) -> None:
    """A reference to an absorbed record moves on to its survivor, through chains, and is told."""
    result = linked("sales_order", {"account": "@gone"}, parents, absorbed={"gone": "older", "older": "hx"})

    assert result.kept.frame["account"].tolist() == ["@hx"]
    assert rules_used(result) == {"account": "link:absorbed"}


def test_reference_that_stands_is_not_sought(parents: Parents) -> None:
    """What the row itself made, also a record that waits, stays; there is no change to tell."""
    result = linked("sales_order", {"account": "@waiting", "account.name": "苏州东岭机械有限公司"}, parents)

    assert result.kept.frame["account"].tolist() == ["@waiting"]
    assert result.changes.empty
    assert result.findings.empty


def test_evidence_leaves_the_kept_and_stays_with_the_held(parents: Parents) -> None:
    """Whoever corrects a held record sees what it was sought by."""
    rows: dict[str, Row] = {"a": {"account": None, "account.key": "K1"}, "b": {"account": None, "account.key": "K9"}}

    result = link(batch_of("sales_order", rows), rules=rules_of("sales_order"), parents=parents, absorbed={})

    assert "account.key" not in result.kept.frame
    assert result.held.frame["account.key"].tolist() == ["K9"]


class TestOwners:
    """Logins become users."""

    def test_login_becomes_the_user(self, parents: Parents) -> None:
        """An empty owner stays empty: that is the public pool."""
        rows: dict[str, Row] = {
            "a": {"name": "甲", "owner": "ZhangWei"},
            "b": {"name": "乙", "owner": None},
            "c": {"name": "丙", "owner": "@u2"},
        }

        result = link(batch_of("account", rows), rules=rules_of("account"), parents=parents, absorbed={})

        assert result.kept.frame["owner"].astype("object").where(result.kept.frame["owner"].notna(), None).tolist() == [
            "@u1",
            None,
            "@u2",
        ]
        assert result.changes["rule"].tolist() == ["link:login"]

    @pytest.mark.parametrize("severities", [{}, {"OWNER_NOT_A_USER": "note"}])
    def test_unknown_owner_never_becomes_the_public_pool(self, parents: Parents, severities: dict[str, str]) -> None:
        """It is held, however light a project would like it."""
        result = linked("account", {"owner": "laoliu"}, parents, severities=severities)

        assert codes(result) == [("owner", "OWNER_NOT_A_USER", "hold")]

    def test_declared_user_takes_unknown_owners(self, parents: Parents) -> None:
        """A project may name who gets them."""
        result = linked("account", {"owner": "laoliu"}, parents, values={"unassigned": "lina"})

        assert result.kept.frame["owner"].tolist() == ["@u2"]
        assert rules_used(result) == {"owner": "link:unassigned"}

    def test_declared_user_who_is_none_helps_nobody(self, parents: Parents) -> None:
        """The record is held as before."""
        assert codes(linked("account", {"owner": "laoliu"}, parents, values={"unassigned": "nobody"}))[0][1] == "OWNER_NOT_A_USER"

    def test_without_any_users_owners_are_held(self) -> None:
        """An entity without records has nobody to be."""
        assert codes(linked("account", {"owner": "lina"}, {}))[0][1] == "OWNER_NOT_A_USER"

    def test_two_users_of_one_login_are_ambiguous(self) -> None:
        """Neither is picked, and neither is the declared one."""
        users = parent_index(
            "crm_user",
            frame_of({"u1": {"login": "li"}, "u2": {"login": "LI"}, "u3": {"login": "x"}}),
            existing=None,
            keys=keys_of(),
            schema=a_schema(),
        )

        result = linked("account", {"owner": "li"}, {"crm_user": users}, values={"unassigned": "x"})

        assert codes(result) == [("owner", "LINK_AMBIGUOUS", "hold")]


class TestPeople:
    """Contacts and their accounts."""

    def test_contact_brings_its_account(self, parents: Parents) -> None:
        """Who is known by an address is known with the company."""
        result = linked("activity", {"contact.email": "liqiang@huaxin.com"}, parents)

        assert result.kept.frame[["account", "contact"]].to_numpy().tolist() == [["@hx", "@li"]]
        assert rules_used(result) == {"account": "link:contact", "contact": "link:email"}

    def test_name_counts_only_within_the_account(self, parents: Parents) -> None:
        """Two people of one name are told apart by their companies; a name alone finds nobody."""
        both = linked("crm_case", {"account.key": "K3", "contact.full_name": "李强"}, parents)
        alone = linked("activity", {"contact.full_name": "王芳"}, parents)

        assert both.kept.frame["contact"].tolist() == ["@li2"]
        assert codes(alone) == [("contact", "PARENT_NOT_FOUND", "note")]

    def test_one_boss_of_two_companies_is_taken_where_the_account_is_named(self, parents: Parents) -> None:
        """His number fits two contacts; the company's name tells which."""
        result = linked("crm_case", {"account.name": "苏州东岭贸易有限公司", "contact.mobile": "13700002222"}, parents)

        assert result.kept.frame[["account", "contact"]].to_numpy().tolist() == [["@dlf", "@boss2"]]

    def test_one_boss_of_two_companies_alone_is_ambiguous(self, parents: Parents) -> None:
        """Without a company neither is picked."""
        result = linked("crm_case", {"contact.mobile": "13700002222"}, parents)

        assert {code for _, code, _ in codes(result)} == {"LINK_AMBIGUOUS"}

    def test_boss_settles_an_ambiguous_account(self, parents: Parents) -> None:
        """The switchboard fits two companies, the contact belongs to one of them."""
        result = linked("crm_case", {"account.phone": "0512-88880000", "contact.email": "lq@dongling.cn"}, parents)

        assert result.kept.frame[["account", "contact"]].to_numpy().tolist() == [["@dl", "@li2"]]

    def test_contact_of_another_account_is_noted(self, parents: Parents) -> None:
        """The account that was named stays; the person may stand for both."""
        result = linked("crm_case", {"account.key": "K3", "contact.email": "wangfang@huaxin.com"}, parents)

        assert result.kept.frame[["account", "contact"]].to_numpy().tolist() == [["@dl", "@wang"]]
        assert codes(result) == [("contact", "CONTACT_ELSEWHERE", "note")]

    def test_contact_wins_over_what_merely_points_to_an_account(self, parents: Parents) -> None:
        """A brand is weaker than the person."""
        result = linked("activity", {"account.name": "东岭机械", "contact.mobile": "13912345678"}, parents)

        assert result.kept.frame["account"].tolist() == ["@hx"]

    def test_shared_mailbox_gives_the_account_and_no_contact(self, parents: Parents) -> None:
        """Two people read one address: the company is certain, the person is not."""
        people = frame_of(
            {"a": {"account": "@hx", "email": "office@huaxin.com"}, "b": {"account": "@hx", "email": "office@huaxin.com"}}
        )
        shared = parents | {"contact": parent_index("contact", people, existing=None, keys=keys_of(), schema=a_schema())}

        result = linked("activity", {"contact.email": "office@huaxin.com"}, shared)

        assert result.kept.frame["account"].tolist() == ["@hx"]
        assert result.kept.frame["contact"].isna().all()
        assert codes(result) == [("contact", "CONTACT_UNCLEAR", "note")]

    def test_people_of_two_names_in_one_account_are_not_picked(self, parents: Parents) -> None:
        """Namesakes in one company leave the contact empty."""
        people = frame_of({"a": {"account": "@hx", "full_name": "王芳"}, "b": {"account": "@hx", "full_name": "王芳"}})
        same = parents | {"contact": parent_index("contact", people, existing=None, keys=keys_of(), schema=a_schema())}

        result = linked("crm_case", {"account.key": "K1", "contact.full_name": "王芳"}, same)

        assert codes(result) == [("contact", "CONTACT_UNCLEAR", "note")]

    def test_contact_record_finds_its_account_before_contacts_are_known(self, parents: Parents) -> None:
        """Contacts are linked to accounts when there is no index of contacts yet."""
        result = linked("contact", {"full_name": "赵六", "account.name": "北京华信科技有限公司"}, {"account": parents["account"]})

        assert result.kept.frame["account"].tolist() == ["@hxbj"]

    def test_number_of_a_person_may_be_the_companys(self, parents: Parents) -> None:
        """A caller from the switchboard is the company's, though nobody in particular."""
        result = linked("activity", {"contact.mobile": "021-64001234"}, parents)

        assert result.kept.frame["account"].tolist() == ["@hx"]


class TestMails:
    """Correspondence."""

    def test_several_people_of_one_account(self, parents: Parents) -> None:
        """The account is linked, and the first listed person that is known."""
        mail = {"contact.email": "x@else.com; liqiang@huaxin.com; wangfang@huaxin.com"}

        result = linked("activity", mail, parents, source="mails")

        assert result.kept.frame[["account", "contact"]].to_numpy().tolist() == [["@hx", "@li"]]

    def test_people_of_two_accounts_are_held(self, parents: Parents) -> None:
        """A mail to two customers belongs to neither by itself."""
        result = linked("activity", {"contact.email": "liqiang@huaxin.com;lq@dongling.cn"}, parents, source="mails")

        assert {code for _, code, _ in codes(result)} == {"LINK_AMBIGUOUS"}
        assert len(result.held) == 1

    def test_unknown_person_of_a_known_domain(self, parents: Parents) -> None:
        """The company is known by its domain; that the person is not is noted."""
        result = linked("activity", {"contact.email": "new@huaxin.com"}, parents, source="mails")

        assert result.kept.frame["account"].tolist() == ["@hx"]
        assert codes(result) == [("contact", "PARENT_NOT_FOUND", "note")]

    def test_mail_of_nobody_we_know_is_dropped_by_name(self, parents: Parents) -> None:
        """It is counted under its rule, and nobody is asked about it; free mail says nothing of a company."""
        result = linked("activity", {"contact.email": "spam@gmail.com"}, parents, source="mails")

        assert result.dropped.to_dict() == {"r": "no_known_party"}
        assert result.findings.empty

    def test_visit_of_nobody_we_know_stays(self, parents: Parents) -> None:
        """Somebody wrote it down; only correspondence is dropped."""
        result = linked("activity", {"contact.email": "new@nowhere.com"}, parents, source="visits")

        assert len(result.kept) == 1

    def test_project_may_hold_what_belongs_to_nobody(self, parents: Parents) -> None:
        """The policy of a source is part of the rules."""
        from dataclasses import replace  # noqa: PLC0415 one use

        rules = replace(rules_of("activity"), unlinked={"visits": "hold"})

        result = link(batch_of("activity", {"r": {"kind": "visit"}}, source="visits"), rules=rules, parents=parents, absorbed={})

        assert codes(result) == [("account", "PARENT_NOT_FOUND", "hold")]

    def test_domain_of_many_companies_says_nothing(self) -> None:
        """A mail provider that no list knows is not taken for a company."""
        shared = {f"a{n}": {"name": f"第{n}公司", "email": f"x{n}@mailhost.cn"} for n in range(5)}
        index = parent_index("account", frame_of(shared), existing=None, keys=keys_of(), schema=a_schema())

        result = linked("activity", {"contact.email": "new@mailhost.cn"}, {"account": index}, source="mails")

        assert result.dropped.to_dict() == {"r": "no_known_party"}

    def test_chat_name_tells_company_and_person(self, parents: Parents) -> None:
        """`公司-姓名` is how people are asked to name themselves in a group."""
        name = "苏州东岭机械-李强"

        result = linked("activity", {"account.name": name, "contact.full_name": name}, parents, source="mails")

        assert result.kept.frame[["account", "contact"]].to_numpy().tolist() == [["@dl", "@li2"]]

    @pytest.mark.parametrize(("name", "account"), [("苏州东岭机械 李强", "@dl"), ("东岭机械李强", "@dl"), ("东岭机械王芳", None)])
    def test_chat_name_without_a_sign_counts_only_with_the_person(self, parents: Parents, name: str, account: str | None) -> None:
        """Company and person written in one are told apart by who works there."""
        result = linked("activity", {"account.name": name, "contact.full_name": name}, parents, source="mails")

        assert result.kept.frame["account"].tolist() == ([account] if account else [])

    def test_name_under_a_mail_is_the_contact_within_the_account(self, parents: Parents) -> None:
        """The domain names the company, the signature the person."""
        mail = {"contact.email": "new@huaxin.com", "body": "请报价。\n\n王芳"}

        assert linked("activity", mail, parents, source="mails").kept.frame["contact"].tolist() == ["@wang"]

    @pytest.mark.parametrize("line", ["上海华信科技有限公司", "Tel: +86 21 6400 1234", "手机 13912345678"])
    def test_signature_names_the_account_of_an_unknown_address(self, parents: Parents, line: str) -> None:
        """A company's whole name in a line of its own, or a number of its or its people's, at the end of a mail."""
        mail = {"contact.email": "somebody@gmail.com", "body": f"请报价。\n\n赵工\n{line}"}

        signed = linked("activity", mail, parents, source="mails")
        remark = linked("activity", mail, parents, source="visits")

        assert signed.kept.frame["account"].tolist() == ["@hx"]
        assert remark.kept.frame["account"].isna().all()

    def test_domain_never_names_a_person(self, parents: Parents) -> None:
        """The only known person of a company is not the sender of all its mails."""
        result = linked("activity_party", {"activity": "@m", "address": "new@dongling.cn"}, parents)

        assert result.kept.frame["contact"].isna().all()

    def test_party_is_found_by_its_own_address_and_is_no_fault_otherwise(self, parents: Parents) -> None:
        """Parties are matched or kept as they are: handles, strangers, shared addresses."""
        rows: dict[str, Row] = {
            "a": {"activity": "@m", "address": "Ann@gmail.com"},
            "b": {"activity": "@m", "address": "stranger@gmail.com"},
            "c": {"activity": "@m", "address": "王芳"},
        }

        result = link(
            batch_of("activity_party", rows, columns=["contact"]), rules=rules_of("activity_party"), parents=parents, absorbed={}
        )

        assert result.kept.frame["contact"].isna().tolist() == [False, True, True]
        assert result.findings.empty


class TestIndex:
    """What parents are found by."""

    def test_survivor_and_its_crm_row_are_one_candidate(self) -> None:
        """A matched CRM row stands for its survivor, and lends it what it is found by."""
        rows = frame_of(
            {"k1": {"name": "上海华信科技有限公司", "email": "old@huaxin.com"}, "k2": {"name": "别家", "email": "b@bie.cn"}},
            "key",
        )
        index = parent_index(
            "account",
            frame_of(ACCOUNTS),
            existing=rows,
            keys=keys_of(("erp", "K7", "k1")),
            schema=a_schema(),
            matched={"hx": "k1"},
        )

        for evidence in (
            {"account.name": "上海华信科技有限公司"},
            {"account.email": "old@huaxin.com"},
            {"account.key": "K7"},
            {"account": "k1"},
        ):
            assert linked("sales_order", evidence, {"account": index}).kept.frame["account"].tolist() == ["@hx"]
        assert linked("sales_order", {"account.name": "别家"}, {"account": index}).kept.frame["account"].tolist() == ["k2"]

    def test_merged_crm_row_is_followed(self) -> None:
        """Evidence of a row that was merged leads to its survivor, to the end of the chain."""
        rows = frame_of(
            {
                "k1": {"name": "甲乙丙公司", "merged_into": "k2"},
                "k2": {"name": "甲乙公司", "merged_into": "k3"},
                "k3": {"name": "甲公司", "merged_into": None},
                "k4": {"name": "环公司", "merged_into": "k4"},
            },
            "key",
        )
        index = parent_index("account", frame_of(ACCOUNTS), existing=rows, keys=keys_of(), schema=a_schema())

        assert linked("sales_order", {"account.name": "甲乙丙公司"}, {"account": index}).kept.frame["account"].tolist() == ["k3"]
        assert linked("sales_order", {"account.name": "环公司"}, {"account": index}).kept.frame["account"].tolist() == ["k4"]

    def test_values_of_duplicates_find_their_survivor(self) -> None:
        """What an absorbed record was called still leads to the customer."""
        also = pd.DataFrame([["hx", "name", "华信软件园"]], columns=["rid", "field", "value"], dtype="str")
        index = parent_index("account", frame_of(ACCOUNTS), existing=None, keys=keys_of(), schema=a_schema(), also=also)

        assert linked("sales_order", {"account.name": "华信软件园"}, {"account": index}).kept.frame["account"].tolist() == ["@hx"]

    def test_key_of_two_records_is_ambiguous(self) -> None:
        """A key that was given twice picks neither."""
        keys = keys_of(("erp", "K1", "@hx"), ("erp", "K1", "@dl"))
        index = parent_index("account", frame_of(ACCOUNTS), existing=None, keys=keys, schema=a_schema())

        assert codes(linked("sales_order", {"account.key": "K1"}, {"account": index})) == [("account", "LINK_AMBIGUOUS", "hold")]

    def test_key_of_a_held_record_leads_to_it(self) -> None:
        """The child then shares its fate in `cascade`."""
        index = parent_index(
            "account", frame_of(ACCOUNTS), existing=None, keys=keys_of(("erp", "K5", "@held")), schema=a_schema()
        )

        assert linked("sales_order", {"account.key": "K5"}, {"account": index}).kept.frame["account"].tolist() == ["@held"]

    def test_number_in_the_crm_as_people_write_it(self) -> None:
        """Rows of the CRM need not be canonical."""
        rows = frame_of({"k1": {"name": "甲", "phone": "021 5555 6666"}}, "key")
        index = parent_index("account", frame_of(ACCOUNTS), existing=rows, keys=keys_of(), schema=a_schema())

        assert linked("sales_order", {"account.phone": "(021)55556666"}, {"account": index}).kept.frame["account"].tolist() == [
            "k1"
        ]

    def test_orders_are_found_by_their_number(self) -> None:
        """Any code of a parent serves, not only companies and people."""
        orders = parent_index(
            "sales_order", frame_of({"o1": {"order_no": "SO-1"}}), existing=None, keys=keys_of(), schema=a_schema()
        )

        assert linked("order_line", {"sales_order.order_no": "so-1"}, {"sales_order": orders}).kept.frame[
            "sales_order"
        ].tolist() == ["@o1"]


def test_unknown_entity_is_a_project_error() -> None:
    """The message names it."""
    with pytest.raises(ProjectError, match="lead"):
        link_rules(a_project(), "lead")


def test_no_records_in_no_records_out(parents: Parents) -> None:
    """An empty chunk gives an empty result; so does one whose columns are all empty."""
    empty = Batch("activity", batch_of("activity", {"r": {"contact.email": "a@b.cn"}}).frame[:0])

    result = link(empty, rules=rules_of("activity"), parents=parents, absorbed={})
    blank = linked(
        "crm_case", {"account": None, "contact": None, "account.key": None, "contact.email": None, "account.name": None}, parents
    )

    assert [len(one) for one in (result.kept, result.held, result.dropped, result.findings, result.changes)] == [0] * 5
    assert len(blank.kept) == 1
    assert blank.findings.empty
