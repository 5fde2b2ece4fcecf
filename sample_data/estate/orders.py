"""Order lines: the header of an order repeated on each line, money in every notation, totals that do not always agree."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from random import Random

from sample_data.estate.companies import Company
from sample_data.estate.rows import Row
from sample_data.estate.sheets import write_csv
from sample_data.estate.words import BRAND
from sample_data.estate.world import World

FILE = "订单/订单明细.csv"
HEADER = (
    "订单号", "行号", "下单日期", "客户代码", "客户名称", "产品", "规格型号", "数量", "单价", "金额", "币种", "类型", "订单总额", "业务员",
    "订单状态", "备注",
)  # fmt: skip
PRODUCTS = (
    ("电感式接近开关", "LJ12A3", 6800), ("光电传感器", "E3Z-D61L", 15500), ("压力变送器", "PT-2088", 42000), ("电磁流量计", "LDG-DN50", 318000),
    ("气动球阀", "Q611F-DN25", 86000), ("电动调节阀", "ZDLP-DN40", 452000), ("变频器", "V20-7.5kW", 268000), ("伺服电机", "SM80-750W", 197500),
    ("可编程控制器", "LC-S32", 365000), ("人机界面", "LT-070", 112000), ("温度控制器", "TC4-RR", 23800), ("编码器", "HN3806-400", 9650),
    ("工业交换机", "LS-8T", 54000), ("固态继电器", "SSR-40DA", 3250), ("安装调试服务", "人天", 150000),
)  # fmt: skip
GOODS = PRODUCTS[:-1]
"""What breaks down and is asked for; the last product is a day of work."""
CURRENCY = {"CN": "CNY", "US": "USD", "GB": "GBP", "DE": "EUR", "JP": "JPY", "SG": "SGD"}
SIGN = {"CNY": "¥", "USD": "US$", "GBP": "£", "EUR": "€", "JPY": "JP¥", "SGD": "S$"}
PER_YUAN = {
    "CNY": Decimal(1),
    "USD": Decimal("0.14"),
    "GBP": Decimal("0.11"),
    "EUR": Decimal("0.13"),
    "JPY": Decimal(21),
    "SGD": Decimal("0.19"),
}
FIRST_ORDER = date(2023, 1, 4)


@dataclass(frozen=True, slots=True)
class Order:
    """
    One order; money in hundredths.

    Attributes:
        customer: True id; "" where nobody can know.
        printed: The total as the file says it.
        lines: Line number and total of returns and sales, for the truth.
    """

    number: str
    day: date
    customer: str
    currency: str
    total: int
    printed: int
    lines: tuple[tuple[str, ...], ...]
    families: tuple[tuple[str, ...], ...]


def amount(cents: int) -> str:
    """
    Return hundredths as plain money.

    >>> amount(-120050)
    '-1200.50'
    """
    return f"{'-' if cents < 0 else ''}{abs(cents) // 100}.{abs(cents) % 100:02d}"


def ten_thousands(cents: int) -> str:
    """
    Return whole yuan in 万元, exactly.

    >>> ten_thousands(1234500), ten_thousands(1200000)
    ('1.2345万元', '1.2万元')
    """
    return f"{Decimal(cents) / 1_000_000:f}".rstrip("0").rstrip(".") + "万元"


def money(cents: int, currency: str, rng: Random) -> tuple[str, tuple[str, ...]]:
    """Return an amount in one of the notations of the trade, and the dirt that is."""
    sign, plain = SIGN[currency], amount(abs(cents))
    grouped = f"{abs(cents) // 100:,}.{abs(cents) % 100:02d}"
    if cents < 0:
        return rng.choice((f"-{plain}", f"({grouped})", f"-{sign}{grouped}", f"－{plain}")), ("return_line",)
    if currency == "CNY" and cents % 100 == 0 and cents >= 1_000_000 and rng.random() < 0.25:
        return ten_thousands(cents), ("wan_yuan",)
    if rng.random() < 0.35:
        return rng.choice((f"{sign}{grouped}", f"￥{grouped}" if currency == "CNY" else f"{sign} {grouped}")), (
            "yuan_sign",
        ) if currency == "CNY" else ()
    if currency == "CNY" and rng.random() < 0.15:
        return f"{grouped}元", ()
    return rng.choice((plain, grouped)), ()


class Ledger:
    """Invents the orders of the customers that the accounting system knows, and of others by name only."""

    def __init__(self, world: World, erp: list[Row], rng: Random) -> None:
        self._rng = rng
        self._codes = {row.company.id: row.code for row in erp}
        known = [one for one in world.companies.values() if not one.prospect]
        self._coded = [one for one in known if one.id in self._codes]
        self._uncoded = [one for one in known if one.id not in self._codes]

    def _said(self, company: Company) -> str:
        """Return the customer's name as the order desk types it."""
        rng, full = self._rng, company.name()
        chance = rng.random()
        if company.country != "CN" or chance < 0.72:
            return full
        if chance < 0.86:
            return company.nickname()
        if chance < 0.92:
            return full.replace("（", "(").replace("）", ")")
        if chance < 0.96:
            wrong = {one.text: one.mistaken for one in BRAND}.get(company.brand[0], company.brand[0])
            return full.replace(company.brand[0], wrong, 1)
        return full[:4] + " " + full[4:]

    def _customer(self, at: int) -> tuple[str, str, str, Company]:
        """Return true id, code, name and the company; once in 150 orders nobody can know whose it is."""
        rng = self._rng
        company = rng.choice(self._coded if self._coded and rng.random() < 0.7 else self._uncoded)
        if at % 150 == 77:
            return "", f"K9{rng.randint(10_000, 99_999)}", "", company
        return company.id, self._codes.get(company.id, ""), self._said(company), company

    def _line(self, currency: str) -> tuple[str, str, int, int]:
        """Return product, model, quantity and price in hundredths."""
        rng = self._rng
        product, model, cents = rng.choice(PRODUCTS)
        price = int(cents * PER_YUAN[currency] * Decimal(rng.choice(("1", "1", "0.95", "0.9", "0.88"))))
        return product, model, rng.choice((1, 2, 2, 4, 5, 8, 10, 10, 20, 50)), price if currency != "JPY" else price // 100 * 100

    def _printed(self, total: int, families: set[str]) -> int:
        """Return the total that the file prints: right, or rounded, or with two digits swapped, or without the last line."""
        rng = self._rng
        if rng.random() > 0.06 or total < 20_000:
            return total
        wrong = rng.choice((total // 10_000 * 10_000, total + rng.choice((-1, 1)) * 100, total + 9_000, total - 1))
        if wrong != total:
            families.add("total_disagrees")
        return wrong

    def order(self, at: int, day: date) -> Order:
        """Return the order number `at` of the list."""
        rng = self._rng
        customer, code, name, company = self._customer(at)
        currency = CURRENCY[company.country]
        sales = [self._line(currency) for _ in range(rng.choice((1, 1, 2, 2, 3, 3, 3, 4, 5, 6)))]
        if rng.random() < 0.08 or at in (5, 25, 45):
            product, model, many, price = sales[0]
            sales.append((product, model, -max(1, many // 2), price))
        total = sum(many * price for _, _, many, price in sales)
        per_order: set[str] = set() if code else {"order_by_name"}
        printed = total + 100 if at in (8, 31, 64) else self._printed(total, per_order)
        if printed != total:
            per_order.add("total_disagrees")
        number = f"SO{day:%y%m}-{at:06d}"
        head = (number, self._day(day, per_order), code, name, money(printed, currency, rng)[0])
        tail = (
            company.owner if rng.random() < 0.9 and company.owner != "周倩" else "",
            rng.choice(("已完成", "已完成", "已完成", "进行中", "已取消")),
        )
        lines, families = [], []
        for place, (product, model, many, price) in enumerate(sales, 1):
            worth, dirt = money(many * price, currency, rng)
            quantity = f"{many}台" if rng.random() < 0.05 and many > 0 else f"{many:,}"
            kind = "退货" if many < 0 else rng.choice(("销售", "销售", "销售", ""))
            unit = self._unit(currency)
            lines.append(
                (
                    head[0],
                    str(place),
                    head[1],
                    head[2],
                    head[3],
                    product,
                    model,
                    quantity,
                    money(price, currency, rng)[0] if rng.random() < 0.2 else amount(price),
                    worth,
                    unit,
                    kind,
                    head[4],
                    *tail,
                    "客户退回，质量问题" if many < 0 else "",
                )
            )
            families.append((*dirt, *(sorted(per_order) if place == 1 else ())))
        return Order(number, day, customer, currency, total, printed, tuple(lines), tuple(families))

    def _unit(self, currency: str) -> str:
        return self._rng.choice(("人民币", "CNY", "人民币", "RMB")) if currency == "CNY" else currency

    def _day(self, day: date, families: set[str]) -> str:
        style = self._rng.choice(("{0:%Y-%m-%d}", "{0:%Y-%m-%d}", "{0:%Y/%m/%d}", "{0.year}年{0.month}月{0.day}日"))
        if "年" in style:
            families.add("cn_date")
        return style.format(day)


def write_orders(out: Path, world: World, erp: list[Row], rng: Random) -> tuple[list[Order], list[tuple[str, int]]]:
    """Write the order file, some three lines for each customer, and return the orders without lines, and their dirt."""
    ledger = Ledger(world, erp, rng)
    size = len(world.companies)
    before = ("销售订单明细表", "导出时间：2024-07-01 09:12　导出人：王芳　金额单位：元", "")
    orders: list[Order] = []
    dirt: list[tuple[str, int]] = []

    def lines() -> Iterator[tuple[str, ...]]:
        line, at, whole = len(before) + 2, 0, 0
        while line < size * 3 + len(before) + 2:
            at += 1
            order = ledger.order(at, FIRST_ORDER + timedelta(days=int(at * 530 / size)))
            for one, families in zip(order.lines, order.families, strict=True):
                dirt.extend((family, line) for family in families)
                line += 1
                yield one
            whole += order.total if order.currency == "CNY" else 0
            orders.append(Order(order.number, order.day, order.customer, order.currency, order.total, order.printed, (), ()))
        yield ("合计", *[""] * 8, f"{whole // 100:,}.{whole % 100:02d}", *[""] * 6)

    write_csv(out / FILE, HEADER, lines(), encoding="gb18030", before=before, after=("打印人：王芳",))
    return orders, dirt
