"""`crmetl serve` as a process of its own, on a project as `crmetl init` makes it."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from crmetl.cli import entry
from crmetl.service.server import TOKEN

MARK = "MARK-13800001234"


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a small project of the shipped shape; its CRM does not exist yet."""
    folder = tmp_path_factory.mktemp("serve") / "project"
    assert entry.run(["init", str(folder), "--json"]) == 0
    return folder


@dataclass
class Running:
    """A service that runs: where, and what it said when it had stopped."""

    address: str
    process: subprocess.Popen[str]
    err: str = ""
    out: str = ""

    def stop(self, sign: signal.Signals) -> int:
        """Send a signal; return how the process ended."""
        self.process.send_signal(sign)
        self.out, self.err = self.process.communicate(timeout=30)
        return self.process.returncode


@contextmanager
def serving(project: Path, *more: str, **environment: str) -> Iterator[Running]:
    """Start the service on a free port and wait until it says where it is."""
    line = [sys.executable, "-m", "crmetl", "serve", "--port", "0", "-p", str(project), "--lang", "en", *more]
    variables = {**os.environ, **environment}
    with subprocess.Popen(line, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=variables) as process:
        stream = process.stderr if "--json" in more else process.stdout
        assert stream is not None
        try:
            first = stream.readline()
            found = re.search(r"listening on (http://\S+)", first)
            assert found is not None, first
            yield Running(found[1], process)
        finally:
            process.kill()


def test_it_starts_answers_and_ends_when_told_to(project: Path) -> None:
    """
    One line with the address; answers; SIGTERM ends it with 0, and the log holds no value.

    A body of ten megabytes is refused before it has come, and the service goes on.
    """
    with serving(project) as running:
        check = running.address + "/v1/duplicates/check?q=" + MARK
        decision = httpx.post(check, json={"entity": "account", "record": {"name": MARK, "phone": MARK}}).json()["decision"]
        large = httpx.post(check, content=b"x" * 10_000_000)
        probes = [httpx.get(running.address + path).status_code for path in ("/healthz", "/readyz")]
        ended = running.stop(signal.SIGTERM)

    assert ("unknown", 413, "too_large") == (decision, large.status_code, large.json()["error"]["code"])
    assert ([200, 503], 0, "") == (probes, ended, running.out)
    assert ("POST /v1/duplicates/check 200" in running.err, MARK in running.err) == (True, False)


def test_as_json_the_address_goes_to_stderr_and_one_object_to_stdout(project: Path) -> None:
    """A script reads stdout when the service has stopped, here by Ctrl-C; the token of the environment is asked for."""
    with serving(project, "--json", **{TOKEN: "a-word-of-some-length"}) as running:
        statuses = [
            httpx.get(running.address + "/openapi.json", headers=headers).status_code
            for headers in ({}, {"Authorization": "Bearer a-word-of-some-length"})
        ]
        ended = running.stop(signal.SIGINT)

    assert [401, 200] == statuses
    assert (0, running.address) == (ended, json.loads(running.out)["address"])


def crmetl(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str]:
    capsys.readouterr()
    code = entry.run([*words, "--lang", "en"])
    return code, capsys.readouterr().err


def test_a_port_in_use_is_one_line(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What, where, and what to do."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        ended = crmetl(capsys, "serve", "--port", port, "-p", str(project))

    assert (2, f"crmetl: 127.0.0.1:{port}: the port is in use; take another: --port 8766\n") == ended


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1"])  # noqa: S104 that it is refused is the test
def test_other_machines_only_where_that_is_said(project: Path, capsys: pytest.CaptureFixture[str], host: str) -> None:
    """An address that others can reach needs --allow-remote."""
    code, err = crmetl(capsys, "serve", "--host", host, "-p", str(project))

    assert (2, True) == (code, "--allow-remote" in err)


@pytest.mark.parametrize(("token", "warning"), [(None, "no authentication"), ("a-word-of-some-length", "travels in clear")])
def test_what_others_can_reach_is_warned_of(
    project: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, token: str | None, warning: str
) -> None:
    """No TLS, and without a token no authentication; here the address is not this machine's, so nothing starts."""
    monkeypatch.delenv(TOKEN, raising=False)
    if token:
        monkeypatch.setenv(TOKEN, token)
    capsys.readouterr()
    code = entry.run(["serve", "--host", "192.0.2.1", "--allow-remote", "-p", str(project), "--lang", "en"])
    out, err = capsys.readouterr()

    assert (2, True, True) == (code, warning in out, "no address of this machine" in err)


def test_an_empty_token_is_no_token_by_mistake(
    project: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A variable that was to be filled in and is empty does not open the service."""
    monkeypatch.setenv(TOKEN, " ")

    assert (2, True) == ((ended := crmetl(capsys, "serve", "-p", str(project)))[0], "is empty" in ended[1])


def test_a_host_that_is_none_is_one_line(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A name that does not resolve."""
    code, err = crmetl(capsys, "serve", "--host", "no.such.host.invalid", "-p", str(project))

    assert (2, 1) == (code, err.count("\n"))
