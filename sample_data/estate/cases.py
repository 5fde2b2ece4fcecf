"""The service desk's list of complaints, typed while somebody is on the telephone."""

from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from random import Random

from sample_data.estate.companies import Company
from sample_data.estate.orders import GOODS
from sample_data.estate.people import Person
from sample_data.estate.rows import Cell
from sample_data.estate.sheets import Sheet, workbook
from sample_data.estate.world import World

FILE = "售后/投诉记录.xlsx"
HEADER = ("单号", "受理日期", "客户名称", "联系人", "联系电话", "问题类别", "主题", "问题描述", "处理状态", "受理人")
MATTERS = (
    (
        "投诉",
        "{product}到货外箱破损",
        "到货签收时外箱变形，拆开后{product}（{model}）接线端子断裂{few}个，客户要求补发并承担误工损失。已拍照存档。",
    ),
    ("投诉", "交期一再推迟", "合同约定20天交货，已推迟两次，客户产线等{product}调试。客户情绪较大，要求销售负责人当面说明。"),
    (
        "投诉",
        "{product}运行中频繁报警",
        "设备装机不到三个月，{product}（{model}）每天报警{few}次左右，复位后又恢复。客户怀疑是批次问题，要求换货。",
    ),
    ("投诉", "发票内容开错", "增值税发票货物名称与合同不一致，客户财务拒收，要求本月内重开，否则影响付款。"),
    ("投诉", "客服电话长时间无人接听", "客户反映周末两次拨打热线均无人接听，现场停机无人指导。"),
    ("咨询", "{product}参数设置咨询", "客户询问{product}（{model}）通讯地址和波特率如何设置，已远程指导，待客户反馈。"),
    ("咨询", "能否提供3C证书", "客户做项目验收，需要{product}的3C证书和出厂检验报告，电子版即可。"),
    ("退货", "型号发错要求退换", "订单要求{model}，实际收到的是旧款，数量{few}台，未使用。客户要求换货，运费由我方承担。"),
    ("质量", "{product}外壳涂层脱落", "使用半年，户外安装，外壳涂层起泡脱落，客户提供照片{few}张，要求质保内处理。"),
    ("建议", "希望增加中文说明书", "客户反馈{product}说明书只有英文，现场工人看不懂，建议随货附中文版。"),
)


@dataclass(frozen=True, slots=True)
class Case:
    """The truth of one complaint."""

    number: str
    row: int
    account: str
    contact: str


def _said(company: Company, rng: Random) -> str:
    chance = rng.random()
    if company.country != "CN" or chance < 0.6:
        return company.name()
    if chance < 0.85:
        return company.nickname()
    return company.name().replace("有限公司", "").replace("（", "(").replace("）", ")")


def _caller(person: Person, rng: Random) -> str:
    if person.name.isascii() or rng.random() < 0.6:
        return person.name
    return (
        person.name + ("女士" if person.woman else "先生")
        if rng.random() < 0.5
        else person.family + ("女士" if person.woman else "工")
    )


def write_cases(out: Path, world: World, rng: Random) -> list[Case]:
    """Write the list, a line for every ten customers, and return the truth."""
    known = [one for one in world.companies.values() if not one.prospect]
    cases: list[Case] = []
    with workbook(out / FILE) as book:
        sheet = Sheet(book, "2024年", (14, 12, 30, 12, 18, 8, 26, 60, 10, 10))
        sheet.header(HEADER)
        for number in range(1, max(16, len(world.companies) // 10) + 1):
            company = rng.choice(known)
            person = rng.choice(world.people[company.id])
            product, model, _ = rng.choice(GOODS)
            kind, subject, told = rng.choice(MATTERS)
            facts = {"product": product, "model": model, "few": str(rng.randint(2, 6))}
            day = date(2024, 1, 3) + timedelta(days=rng.randint(0, 175))
            code = f"TS2024{number:05d}"
            phone = person.mobile if rng.random() < 0.75 else company.landline
            opened: Cell = day if rng.random() < 0.7 else f"{day.year}年{day.month}月{day.day}日"
            said = (_said(company, rng), _caller(person, rng), phone)
            line = sheet.row(
                [
                    code,
                    opened,
                    *said,
                    kind,
                    subject.format(**facts),
                    told.format(**facts),
                    rng.choice(("处理中", "已关闭", "已关闭", "待回访", "未处理")),
                    rng.choice(("何婷", "何婷", "钱莉")),
                ]
            )
            cases.append(Case(code, line, company.id, person.id))
    return cases
