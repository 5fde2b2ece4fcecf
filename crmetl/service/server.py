"""Running the service as a process: the address, the warnings, the one line at the start, the clean end."""

import errno
import signal
import socket
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path
from time import monotonic
from typing import Any

import uvicorn

from crmetl.errors import MachineError, UsageError
from crmetl.flows.entry.checker import open_check
from crmetl.service.app import make_app
from crmetl.service.guard import Access
from crmetl.service.logs import to_stream
from crmetl.service.protocol import Deadline
from crmetl.text import Lang, Text

TOKEN = "CRMETL_API_TOKEN"  # noqa: S105 the name of a variable
SHORT = 16
"""Characters below which a token can be guessed."""

LOOPBACK = frozenset({"localhost", "127.0.0.1", "[::1]"})
CONNECTIONS = 512
"""Open connections; above that the server itself says 503."""

IDLE = 15
"""Seconds that a connection may wait for the head of its next request."""

GRACE = 10
"""Seconds that requests get to end in once the service is told to stop."""


@dataclass(frozen=True)
class Served:
    """A service that has stopped: where it was, and how long."""

    address: str
    seconds: float

    def facts(self) -> dict[str, Any]:
        """Return the JSON of `crmetl serve`."""
        return {"address": self.address, "seconds": round(self.seconds, 1)}


def serve(
    folder: Path,
    *,
    host: str,
    port: int,
    allow_remote: bool,
    lang: Lang,
    environment: Mapping[str, str],
    tell: Callable[[Text], None],
) -> Served:
    """
    Serve the check of a project until a signal ends it.

    Args:
        folder: The project.
        host, port: Where to listen; port 0 takes a free one.
        allow_remote: Other machines may reach it.
        environment: May hold `CRMETL_API_TOKEN`.
        tell: Prints a line for whoever started it.

    Raises:
        UsageError: The address is not this machine's, is taken, or others would reach it unasked; the token is empty.
        ProjectError: The project cannot be read.
    """
    token = _token(environment, tell)
    local = _is_local(host)
    _allowed(host, local=local, allow_remote=allow_remote, token=token, tell=tell)
    with _bound(host, port) as listener, open_check(folder) as checks:
        to_stream()
        address = _address(listener)
        access = Access(token=token, hosts=LOOPBACK | {host.lower()} if local and token is None else None)
        server = uvicorn.Server(_config(make_app(checks, lang=lang, access=access)))
        begun = monotonic()
        listener.listen(CONNECTIONS)
        with _stopping(server):
            tell(Text(f"正在监听 {address}（Ctrl-C 停止）", f"listening on {address} (Ctrl-C stops it)"))
            server.run(sockets=[listener])
        return Served(address, monotonic() - begun)


def _config(app: Any) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        http=Deadline,
        log_config=None,
        log_level="warning",
        access_log=False,
        server_header=False,
        proxy_headers=False,
        limit_concurrency=CONNECTIONS,
        timeout_keep_alive=IDLE,
        timeout_graceful_shutdown=GRACE,
        ws="none",
    )


def _token(environment: Mapping[str, str], tell: Callable[[Text], None]) -> str | None:
    token = environment.get(TOKEN)
    if token is None:
        return None
    if not token.strip():
        raise UsageError(
            Text(f"环境变量 {TOKEN} 是空的", f"the environment variable {TOKEN} is empty"),
            next=Text("给它一个值，或取消该变量", "give it a value, or unset it"),
        )
    if len(token.strip()) < SHORT:
        tell(
            Text(
                f"警告：{TOKEN} 不足 {SHORT} 个字符，容易被猜中",
                f"warning: {TOKEN} has fewer than {SHORT} characters; it can be guessed",
            )
        )
    return token.strip()


def _allowed(host: str, *, local: bool, allow_remote: bool, token: str | None, tell: Callable[[Text], None]) -> None:
    if local:
        return
    if not allow_remote:
        raise UsageError(
            Text("其他机器可以访问这个地址", "other machines can reach this address"),
            where=host,
            next=Text(
                "确需如此，加 --allow-remote；否则用 127.0.0.1", "if that is wanted add --allow-remote, else use 127.0.0.1"
            ),
        )
    if token is None:
        tell(
            Text(
                f"警告：没有 TLS，也不验证身份，任何能连上的人都可以查询；请设置 {TOKEN}，并放在 TLS 反向代理之后",
                f"warning: there is no TLS and no authentication, anybody who can connect may ask; set {TOKEN}, and put a TLS "
                "proxy in front",
            )
        )
    else:
        tell(
            Text(
                "警告：没有 TLS，令牌以明文传输；请放在 TLS 反向代理之后",
                "warning: there is no TLS, the token travels in clear; put a TLS proxy in front",
            )
        )


def _is_local(host: str) -> bool:
    """Say whether a host is this machine for itself only, whatever it is called."""
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except OSError:
        raise _not_here(host) from None
    return all(ip_address(str(one[4][0]).partition("%")[0]).is_loopback for one in found)


def _not_here(host: str) -> UsageError:
    return UsageError(
        Text("这不是本机的地址", "that is no address of this machine"),
        where=host,
        next=Text("用 127.0.0.1", "use 127.0.0.1"),
    )


@contextmanager
def _bound(host: str, port: int) -> Iterator[socket.socket]:
    """Take the port before anything else is opened; nobody can connect until the service listens."""
    family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    with socket.socket(family, kind, protocol) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind(address)
        except OSError as error:
            raise _not_bound(error, host, port) from None
        yield listener


def _not_bound(error: OSError, host: str, port: int) -> UsageError | MachineError:
    where = f"{host}:{port}"
    if error.errno == errno.EADDRINUSE:
        return UsageError(
            Text("端口已被占用", "the port is in use"), where=where, next=Text("换一个：--port 8766", "take another: --port 8766")
        )
    if error.errno in (errno.EACCES, errno.EPERM):
        return MachineError(
            Text("没有权限使用这个端口", "this port is not permitted"),
            where=where,
            next=Text("用 1024 以上的端口", "take one above 1024"),
        )
    return _not_here(where)


def _address(listener: socket.socket) -> str:
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


@contextmanager
def _stopping(server: uvicorn.Server) -> Iterator[None]:
    """
    Let SIGTERM and SIGINT end the service and not the process.

    The server raises a signal it got once more when it has stopped, for the handlers that stood before: these.
    """

    def stop(*_: object) -> None:
        server.should_exit = True

    before = {one: signal.signal(one, stop) for one in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield
    finally:
        for one, handler in before.items():
            signal.signal(one, handler)


__all__ = ["Served", "serve"]
