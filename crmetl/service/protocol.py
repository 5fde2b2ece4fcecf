"""HTTP/1.1 on a connection, with a deadline for the head of a request, which the server's own protocol lacks."""

import asyncio

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol


class Deadline(H11Protocol):
    """
    Closes a connection whose request head does not come within the time for idle connections.

    The server's own timer stops at the first byte, so that half a head would hold a connection for good.
    """

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as the server's own
        """Begin to wait for the first request."""
        super().connection_made(transport)
        self.timeout_keep_alive_task = self.loop.call_later(self.timeout_keep_alive, self.timeout_keep_alive_handler)

    def data_received(self, data: bytes) -> None:
        """Go on waiting while the head is not complete."""
        waiting, self.timeout_keep_alive_task = self.timeout_keep_alive_task, None
        super().data_received(data)
        if waiting is None:
            return
        if self.conn.their_state is h11.IDLE and self.timeout_keep_alive_task is None:
            self.timeout_keep_alive_task = waiting
        else:
            waiting.cancel()
