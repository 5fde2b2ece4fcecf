"""Which customer stands in which file how often: clean rows, before anybody's dirt."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random

from sample_data.estate.abroad import state
from sample_data.estate.companies import Company
from sample_data.estate.people import Person, sellers
from sample_data.estate.world import World

Cell = str | int | date
"""Text, a number as a workbook stores it, or a date cell."""

TABLES = ("east", "south", "north", "abroad", "erp", "event")
STATUS = {"active": ("正常", "正常", "合作中"), "inactive": ("停用", "暂停合作"), "deregistered": ("已注销", "注销")}
NOTES = (
    "老客户，月结30天", "只认进口件，报价注意", "2023年展会认识", "款到发货", "开票资料有变更，以ERP为准", "每年3月、9月集中采购", "对交期要求高",
    "总部在外地，合同需总部盖章", "门卫不让进，先打电话", "曾投诉过一次，已处理",
)  # fmt: skip
NOTES_ABROAD = ("Pays within 45 days", "Prefers DHL Express", "Needs certificate of origin", "Met at the Hannover fair")
STATUS_ABROAD = {"active": "Active", "inactive": "Inactive", "deregistered": "Dissolved"}


@dataclass(slots=True)
class Row:
    """
    One line of a customer file.

    Attributes:
        table: One of TABLES.
        code: Customer number in that file's system; "" where it has none.
        lead: The first line of the same customer number, whose company cells this line repeats.
        families: Dirt put on it.
        spoiled: Cells that dirt has touched, each once.
        place: Sheet ("" in text files) and line as a person sees it, once written.
    """

    table: str
    company: Company
    person: Person | None
    code: str
    cells: dict[str, Cell]
    lead: "Row | None" = None
    families: list[str] = field(default_factory=list)
    spoiled: set[str] = field(default_factory=set)
    place: tuple[str, int] = ("", 0)


COMPANY_CELLS = (
    "name",
    "landline",
    "address",
    "region",
    "city",
    "postcode",
    "uscc",
    "industry",
    "since",
    "status",
    "owner",
    "remark",
    "town",
)


class Registry:
    """Hands out customer numbers, per system and in order."""

    SHAPES = {"east": "HD{:04d}", "north": "BF-{:05d}", "abroad": "OS-{:05d}", "erp": "K{:06d}"}

    def __init__(self) -> None:
        self._last: dict[str, int] = defaultdict(int)

    def next(self, table: str) -> str:
        """Return the next number, or "" where the file has none."""
        if table not in self.SHAPES:
            return ""
        self._last[table] += 1
        return self.SHAPES[table].format(self._last[table])


def written(mobile: str, rng: Random) -> str:
    """Return a mobile number as people write it: mostly eleven digits, sometimes in groups."""
    if mobile.startswith("+") or rng.random() < 0.78:
        return mobile
    mark = rng.choice(" -")
    return mark.join((mobile[:3], mobile[3:7], mobile[7:]))


def clean_row(table: str, company: Company, person: Person | None, code: str, rng: Random) -> Row:
    """Return a line as a careful colleague would write it, with the gaps that every list has."""
    abroad = company.country != "CN"
    words = STATUS_ABROAD[company.status] if abroad else rng.choice(STATUS[company.status])
    cells: dict[str, Cell] = {
        "name": company.name(),
        "landline": company.landline if table == "erp" or rng.random() < 0.8 else "",
        "address": company.address() if table == "erp" or rng.random() < 0.88 else "",
        "region": state(company) if abroad else company.city.province,
        "city": company.town,
        "postcode": company.postcode if abroad or rng.random() < 0.5 else "",
        "uscc": company.credit_code if table == "erp" or rng.random() < 0.45 else "",
        "industry": company.trade.industry,
        "since": company.since if rng.random() < 0.9 else "",
        "status": words,
        "owner": company.owner if rng.random() < 0.96 else "",
        "remark": rng.choice(NOTES_ABROAD if abroad else NOTES) if rng.random() < 0.12 else "",
    }
    if person:
        cells |= {
            "person": person.name,
            "title": person.title if rng.random() < 0.8 else "",
            "mobile": written(person.mobile, rng) if rng.random() < 0.93 else "",
            "email": person.email if rng.random() < 0.65 else "",
        }
    return Row(table, company, person, code, cells)


def _follow(lead: Row, person: Person, rng: Random) -> Row:
    """Return a further line of the same customer: another person, the company's cells repeated as they are."""
    row = clean_row(lead.table, lead.company, person, lead.code, rng)
    row.lead = lead
    return row


class Planner:
    """Puts each customer and each contact into at least one file, and many into several."""

    def __init__(self, world: World, rng: Random) -> None:
        self.rows: list[Row] = []
        self._world, self._rng = world, rng
        self._codes = Registry()
        self._unseen = {one: list(people) for one, people in world.people.items()}

    def _person(self, company: Company) -> Person:
        """Return somebody who stands in no file yet, or anybody."""
        unseen = self._unseen[company.id]
        return unseen.pop(0) if unseen else self._rng.choice(self._world.people[company.id])

    def _add(self, table: str, company: Company, person: Person | None) -> Row:
        row = clean_row(table, company, person, self._codes.next(table), self._rng)
        self.rows.append(row)
        return row

    def _again(self, lead: Row) -> None:
        """Enter a customer a second time: in the same branch later on, or in another branch that claims it too."""
        rng, company, home = self._rng, lead.company, lead.table
        if rng.random() < 0.12:
            row = self._add(home, company, self._person(company) if rng.random() < 0.85 else None)
            if row.cells["since"]:
                row.cells["since"] = company.since + timedelta(days=rng.randint(60, 900))
            if row.person and row.cells["mobile"] and rng.random() < 0.2:
                row.cells["mobile"] = row.person.other_mobile
        if home != "abroad" and rng.random() < 0.08:
            self._claim(lead, rng.choice([one for one in ("east", "south", "north") if one != home]))

    def _claim(self, lead: Row, table: str) -> None:
        """Let a second branch hold the customer of a first, with a seller of its own."""
        row = self._add(table, lead.company, self._person(lead.company))
        owner = self._rng.choice(sellers(table)).name
        row.cells |= {"owner": owner, "status": lead.cells["status"]}
        if lead.cells["owner"] and lead.cells["owner"] != owner:
            row.families.append("two_owners")
            lead.families.append("two_owners")
            if self._rng.random() < 0.4:
                row.cells["remark"] = f"与{lead.cells['owner']}撞单，待确认归属"

    def enter(self, company: Company) -> None:
        """Write all lines of one customer."""
        rng = self._rng
        if company.prospect:
            self._add("event", company, self._person(company))
        else:
            lead = self._add(company.city.branch, company, self._person(company))
            self._again(lead)
            if rng.random() < 0.27:
                self._add("erp", company, None)
            if company.country == "CN" and rng.random() < 0.17:
                self._add("event", company, self._person(company))
        while self._unseen[company.id]:
            if company.prospect:
                self._add("event", company, self._person(company))
            else:
                self.rows.append(_follow(lead, self._person(company), rng))


def plan_rows(world: World, rng: Random) -> dict[str, list[Row]]:
    """
    Return the lines of each customer file in their order there.

    A number given twice to different customers, which branches do, happens once in 150 customers.
    """
    planner = Planner(world, rng)
    for company in world.companies.values():
        planner.enter(company)
    tables: dict[str, list[Row]] = {one: [] for one in TABLES}
    for row in planner.rows:
        tables[row.table].append(row)
    for name in ("south", "event"):
        rng.shuffle(tables[name])
    tables["south"] = _by_region(tables["south"])
    tables["east"] = sorted(tables["east"], key=lambda row: (_sheet(row), row.code))
    tables["north"] = sorted(tables["north"], key=lambda row: row.code)
    _slip(tables["north"], max(1, len(world.companies) // 150), rng)
    return tables


def _by_region(rows: list[Row]) -> list[Row]:
    """Keep lines of one customer together and customers of one province and city too, as merged cells need."""
    order = {id(row): at for at, row in enumerate(rows)}
    return sorted(
        rows,
        key=lambda row: (
            str(row.cells["region"]),
            str(row.cells["city"]),
            order[id(row.lead or row)],
            order[id(row)] if row.lead else -1,
        ),
    )


def _sheet(row: Row) -> str:
    return east_sheet(row.company)


def east_sheet(company: Company) -> str:
    """Return the sheet of the eastern workbook: by province, the rest under 其他."""
    return {"上海": "1上海", "浙江": "2浙江", "江苏": "3江苏", "安徽": "4安徽"}.get(company.city.province, "5其他")[1:]


def _slip(rows: list[Row], times: int, rng: Random) -> None:
    """Give one customer's number to the next one as well, by mistake."""
    single = [
        at for at in range(len(rows) - 1) if rows[at].code != rows[at + 1].code and not rows[at].lead and not rows[at + 1].lead
    ]
    repeated = {row.code for row in rows if row.lead}
    for at in rng.sample([one for one in single if rows[one].code not in repeated and rows[one + 1].code not in repeated], times):
        rows[at + 1].code = rows[at].code
        rows[at + 1].families.append("key_repeated")
        rows[at].families.append("key_repeated")
