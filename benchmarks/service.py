"""
Checks over HTTP beside a bare FastAPI endpoint that echoes the same body, in the same run.

    python benchmarks/service.py --rows 20000 --checks 1000      # makes a CRM of so many invented customers
    python benchmarks/service.py --project mappings              # a project whose index is built

Both servers run in processes of their own and get the same bodies in turn, over one connection each, so that noise of the
machine meets both. Beside the times as a client sees them stands the CPU that each server's process took per request.
"""

import argparse
import http.client
import json
import os
import random
import re
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).parents[1]
CITIES = [
    "北京",
    "上海",
    "广州",
    "深圳",
    "杭州",
    "宁波",
    "苏州",
    "无锡",
    "南京",
    "成都",
    "武汉",
    "长沙",
    "西安",
    "青岛",
    "济南",
    "厦门",
    "福州",
    "合肥",
    "郑州",
    "沈阳",
]
SIGNS = "岭松云溪泽拓铭乾辰沐朗恒瑞川鸿凯茂曜禾远锦腾霖达峻嘉宏巍贞荻芷昱诚博澜渝骐弘坦屿泓彦璞启康灿华鹏晟雁"
TRADES = [
    "仪器仪表",
    "精密机械",
    "食品机械",
    "电子科技",
    "环保科技",
    "汽车零部件",
    "物流",
    "家具",
    "软件",
    "新能源科技",
    "光电科技",
    "塑料制品",
    "模具",
    "贸易",
]
ECHO = """
from typing import Any
from fastapi import FastAPI
import uvicorn, socket
app = FastAPI()
@app.post("/v1/duplicates/check")
async def echo(body: dict[str, Any]) -> dict[str, Any]:
    return body
listener = socket.create_server(("127.0.0.1", 0))
print("listening on http://127.0.0.1:%d" % listener.getsockname()[1], flush=True)
uvicorn.Server(uvicorn.Config(app, log_level="warning", access_log=False)).run(sockets=[listener])
"""


def customers(rows: int) -> Iterator[dict[str, str]]:
    """Give invented customers, the same ones each time."""
    dice = random.Random(7)
    for number in range(rows):
        city, sign = dice.choice(CITIES), "".join(dice.sample(SIGNS, 3))
        yield {
            "id": f"a-{number:07d}",
            "name": f"{city}{sign}{dice.choice(TRADES)}有限公司",
            "phone": f"+86139{dice.randrange(10**8):08d}",
            "city": f"{city}市",
        }


def make(folder: Path, rows: int) -> Path:
    """Make a project whose CRM holds so many customers, with its index; return its folder."""
    project = folder / "mappings"
    shutil.copytree(ROOT / "mappings", project)
    (folder / "sample_data").mkdir()
    crmetl(project, "schema", "create")
    with closing(sqlite3.connect(folder / "crm.db")) as database, database:
        database.executemany("insert into account (id, name, phone, city) values (:id, :name, :phone, :city)", customers(rows))
    start = time.perf_counter()
    crmetl(project, "index", "build", "--entity", "account")
    print(f"{rows:,} customers, index built in {time.perf_counter() - start:.1f} s", flush=True)
    return project


def crmetl(project: Path, *words: str) -> None:
    """Run one command."""
    subprocess.run([sys.executable, "-m", "crmetl", *words, "-p", str(project), "--json"], check=True, stdout=subprocess.DEVNULL)


def bodies(rows: int, count: int) -> list[bytes]:
    """Return records to check: every second one is there (as typed by somebody else), the others are new."""
    known = list(customers(rows))
    dice = random.Random(11)
    out = []
    for number in range(count):
        one = dice.choice(known)
        name = one["name"].removesuffix("有限公司") if number % 2 else f"昆明{''.join(dice.sample(SIGNS, 3))}茶业合作社"
        phone = one["phone"].removeprefix("+86") if number % 2 else f"137{dice.randrange(10**8):08d}"
        out.append(json.dumps({"entity": "account", "record": {"name": name, "phone": phone}}).encode())
    return out


@dataclass
class Server:
    """A server process, its connection, and the milliseconds of its answers."""

    process: subprocess.Popen[str]
    connection: http.client.HTTPConnection
    times: list[float] = field(default_factory=list)
    decisions: dict[str, int] = field(default_factory=dict)
    inside: list[float] = field(default_factory=list)

    def ask(self, body: bytes) -> None:
        """Send one body and note how long the answer took."""
        start = time.perf_counter()
        self.connection.request("POST", "/v1/duplicates/check", body, {"Content-Type": "application/json"})
        answer = json.loads(self.connection.getresponse().read())
        self.times.append((time.perf_counter() - start) * 1000)
        decision = str(answer.get("decision", "echo"))
        self.decisions[decision] = self.decisions.get(decision, 0) + 1
        self.inside.append(float(answer.get("took_ms", 0)))

    def cpu(self) -> float:
        """Return the CPU seconds of the process so far."""
        parts = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(parts[11]) + int(parts[12])) / os.sysconf("SC_CLK_TCK")


@contextmanager
def served(*words: str) -> Iterator[Server]:
    """Run a server until the end of the block."""
    with subprocess.Popen([sys.executable, *words], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        try:
            found = re.search(r"http://([\d.]+):(\d+)", process.stdout.readline() if process.stdout else "")
            if found is None:
                raise SystemExit("a server did not start")
            yield Server(process, http.client.HTTPConnection(found[1], int(found[2])))
        finally:
            process.terminate()


def measure(project: Path, asked: list[bytes]) -> None:
    """Send all bodies to both servers in turn and print what it took."""
    with served("-m", "crmetl", "serve", "--port", "0", "-p", str(project), "--lang", "en") as ours, served("-c", ECHO) as echo:
        for body in asked[:50]:
            ours.ask(body)
            echo.ask(body)
        for server in (ours, echo):
            server.times, server.inside, server.decisions = [], [], {}
        before = ours.cpu(), echo.cpu()
        for body in asked:
            ours.ask(body)
            echo.ask(body)
        for name, server, cpu in (("crmetl serve", ours, before[0]), ("bare echo", echo, before[1])):
            times = sorted(server.times)
            inside = sorted(server.inside)
            print(
                f"{name:14s} p50 {times[len(times) // 2]:6.2f} ms   p99 {times[len(times) * 99 // 100]:6.2f} ms   "
                f"CPU {(server.cpu() - cpu) * 1000 / len(times):5.2f} ms a request   "
                f"inside the check p50 {inside[len(inside) // 2]:5.2f} ms   {server.decisions}",
                flush=True,
            )


def main() -> None:
    """Make or take a project, and measure."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=20_000)
    parser.add_argument("--checks", type=int, default=1_000)
    parser.add_argument("--project", type=Path)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        project = given.project or make(Path(folder), given.rows)
        measure(project, bodies(given.rows, given.checks))


if __name__ == "__main__":
    main()
