"""
Checks over HTTP beside a bare FastAPI endpoint that echoes the same body, in the same run.

    python benchmarks/service.py --accounts 20000 --checks 1000

The CRM is that of benchmarks/entry.py: the same invented customers, and records as people would type them again.

Both servers run in processes of their own and get the same bodies in turn, over one connection each, so that noise of the
machine meets both. Beside the times as a client sees them stands the CPU that each server's process took per request.
"""

import argparse
import http.client
import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from tests.entry.estate import build, crm, fill, opened, typed  # noqa: E402 the tests' estate is found from the root

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


def make(folder: Path, accounts: int, checks: int) -> list[bytes]:
    """Make a project whose CRM holds so many customers, with its index, once; return bodies to ask."""
    url, known = f"sqlite:///{folder.resolve()}/crm.db", crm(accounts)
    there = (folder / "crm.db").exists()
    project = opened(folder, url)
    if not there:
        fill(url, project.project, known)
        for entity in project.project.match:
            build(url, project.project, entity)
    return [json.dumps({"entity": "account", "record": record}).encode() for record in typed(known, checks)]


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
    parser.add_argument("--accounts", type=int, default=20_000)
    parser.add_argument("--checks", type=int, default=1_000)
    parser.add_argument("--work", type=Path, default=Path("out/service"))
    given = parser.parse_args()
    folder = given.work / str(given.accounts)
    folder.mkdir(parents=True, exist_ok=True)
    measure(folder / "mappings", make(folder, given.accounts, given.checks))


if __name__ == "__main__":
    main()
