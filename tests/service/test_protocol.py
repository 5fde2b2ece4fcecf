"""Connections on which no request comes."""

import asyncio
from contextlib import suppress

import pytest
import uvicorn

from crmetl.service import make_app
from crmetl.service.protocol import Deadline
from tests.service.fake import FakeChecks

HEAD = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"


async def _until_closed(sent: list[bytes]) -> bytes:
    """Send parts to a server whose connections may be idle for a moment; return all that came until it closed."""
    config = uvicorn.Config(make_app(FakeChecks()), http=Deadline, log_config=None, lifespan="off")
    config.load()
    state = uvicorn.Server(config).server_state
    loop = asyncio.get_running_loop()

    def protocol() -> Deadline:
        one = Deadline(config=config, server_state=state, app_state={}, _loop=loop)
        one.timeout_keep_alive = 0.2  # type: ignore[assignment]  # whole seconds in the server's settings
        return one

    server = await loop.create_server(protocol, "127.0.0.1", 0)
    reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname()[:2])
    found = b""
    with suppress(ConnectionResetError, BrokenPipeError):
        for part in sent:
            writer.write(part)
            await asyncio.sleep(0.05)
        found = await asyncio.wait_for(reader.read(), 20)
    with suppress(ConnectionResetError, BrokenPipeError):
        writer.close()
        await writer.wait_closed()
    server.close()
    await server.wait_closed()
    return found


@pytest.mark.parametrize("sent", [[], [b"GET /heal"], [HEAD[:9], b"z HTTP/1.1\r\n", b"Host: "], [HEAD[:-2], *[b"X: 1\r\n"] * 5]])
def test_a_head_that_does_not_come_ends_the_connection(sent: list[bytes]) -> None:
    """Nothing, half a head, a head by drops: the connection is closed without an answer."""
    assert b"" == asyncio.run(_until_closed(sent))


@pytest.mark.parametrize("sent", [[HEAD], [HEAD[:9], HEAD[9:]], [HEAD, HEAD[:9], HEAD[9:]], [HEAD + HEAD]])
def test_requests_are_answered_as_they_come(sent: list[bytes]) -> None:
    """Whole, in two parts, one after the other, both at once."""
    found = asyncio.run(_until_closed(sent))

    assert b"".join(sent).count(HEAD) == found.count(b"HTTP/1.1 200 OK")
