"""One exported group chat of our service people with the customers of a fair."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from random import Random

from sample_data.estate.companies import Company
from sample_data.estate.hours import at_work
from sample_data.estate.orders import GOODS
from sample_data.estate.people import Person, sellers
from sample_data.estate.world import World

FILE = "聊天/wechat_export.txt"
START = datetime(2024, 3, 5, 9, 2, 11)  # noqa: DTZ001 exports give the telephone's own time
TALKS = (
    (
        "各位好，{product}（{model}）现在有现货吗？我这边急用{few}台",
        "王经理那边说仓库还有，您要几台？地址还是原来的吗",
        "{few}台就行，地址不变\n麻烦今天能发就今天发",
        "好的，已安排，单号晚点发您",
    ),
    (
        "[图片]\n这个{product}报E-07是什么意思",
        "E-07是过热，先看一下风扇转不转，滤网堵没堵",
        "风扇转的，滤网确实全是灰",
        "清一下滤网再上电，不行我们远程看",
        "好了好了，谢谢！",
    ),
    (
        "上次说的{product}样品什么时候寄？",
        "昨天寄出了，顺丰，收件人写的您",
        "收到了，先试两周",
    ),
    (
        "这批{product}的检测报告麻烦补一份，供应商审核要用",
        "[文件] {model}出厂检验报告.pdf",
        "👍",
    ),
    (
        "请问{few}月份的对账单出来了吗\n我们财务在催",
        "还差一笔退货没冲，明天上午发您邮箱",
        "好的，邮箱没变",
    ),
    (
        "[语音] 14″",
        "听了，您说的是{product}的安装支架吧？有两种，我发图给您选",
        "[图片]\n要第二种，{few}套",
    ),
    (
        "你们展位上那台{product}能便宜点吗？展会价",
        "样机可以按85折，质保一样",
        "那留给我，我明天打款",
    ),
)


@dataclass(frozen=True, slots=True)
class Said:
    """The truth of one message: its line in the file, who said it, and whose customer that is."""

    row: int
    sender: str
    account: str
    contact: str
    system: bool


class Room:
    """A group chat, line by line."""

    def __init__(self, rng: Random) -> None:
        self._rng = rng
        self._clock = START
        self.lines: list[str] = []
        self.said: list[Said] = []

    def say(self, sender: str, text: str, account: str = "", contact: str = "", *, system: bool = False) -> None:
        """Add a message: a line of time and name, the text, a blank line."""
        self.said.append(Said(len(self.lines) + 1, sender, account, contact, system))
        self.lines += [f"{self._clock:%Y-%m-%d %H:%M:%S} {sender}", *text.split("\n"), ""]
        self._clock = at_work(self._clock + timedelta(seconds=self._rng.randint(12, 600)))

    def later(self) -> None:
        """Let some hours or days pass."""
        self._clock = at_work(self._clock + timedelta(minutes=self._rng.randint(90, 4_000)))


def _shown(company: Company, person: Person, rng: Random) -> str:
    """Return the name in the room: as the rules of the group ask, or just a name, some with the number behind it."""
    name = rng.choice(
        (
            f"{company.nickname()}-{person.name}",
            f"{company.nickname()} {person.name}",
            person.name,
            f"{person.name}（{person.mobile}）",
        )
    )
    return name if "（" in name or rng.random() < 0.6 else f"{name}（{person.mobile}）"


def write_chat(out: Path, world: World, rng: Random) -> list[Said]:
    """Write the export, a talk for every ten customers and at most two hundred, and return the truth."""
    guests = [one for one in world.companies.values() if one.country == "CN" and one.status == "active"]
    room = Room(rng)
    ours = sellers("east")
    room.say("系统消息", f"“{ours[1].name}”邀请您加入了群聊“澜川客户服务群”", system=True)
    room.say(ours[1].name, "欢迎大家进群，进群请改备注：公司-姓名。产品咨询、售后问题都可以在群里说，值班时间9:00-17:30。")
    for number in range(min(200, max(10, len(world.companies) // 10))):
        room.later()
        company = rng.choice(guests)
        person = rng.choice(world.people[company.id])
        shown, host = _shown(company, person, rng), rng.choice(ours[:3]).name
        product, model, _ = rng.choice(GOODS)
        if number % 4 == 1:
            room.say("系统消息", f"“{host}”邀请“{person.name}”加入了群聊", system=True)
        for turn, line in enumerate(rng.choice(TALKS)):
            text = line.format(product=product, model=model, few=rng.randint(2, 6))
            if turn % 2:
                room.say(host, text)
            else:
                room.say(shown, text, company.id, person.id)
        if number % 5 == 3:
            room.say("系统消息", f"“{host}”撤回了一条消息", system=True)
    path = out / FILE
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(("\n".join(room.lines) + "\n").encode())
    return room.said
