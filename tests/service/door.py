"""A TCP relay before a database server that can be shut and opened: connections break, new ones are refused."""

import socket
import threading
from contextlib import suppress
from typing import Self

from sqlalchemy.engine import make_url


class Door:
    """
    Relays connections to the server of a SQLAlchemy URL.

    Attributes:
        url: The same database, through the door.
    """

    def __init__(self, url: str) -> None:
        behind = make_url(url)
        self._behind = (behind.host or "127.0.0.1", behind.port or 5432)
        self._listener: socket.socket | None = None
        self._pairs: list[socket.socket] = []
        self._port = 0
        self.open()
        self.url = behind.set(host="127.0.0.1", port=self._port).render_as_string(hide_password=False)

    def __enter__(self) -> Self:
        """Return itself; it is shut at the end."""
        return self

    def __exit__(self, *_: object) -> None:
        """Shut it."""
        self.shut()

    def open(self) -> None:
        """Let connections through, always at the same port."""
        self._listener = socket.create_server(("127.0.0.1", self._port))
        self._port = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, args=(self._listener,), daemon=True).start()

    def shut(self) -> None:
        """Break what is open and let nobody in."""
        if self._listener is not None:
            with suppress(OSError):
                self._listener.shutdown(socket.SHUT_RDWR)
            self._listener.close()
        for one in self._pairs:
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()
        self._listener, self._pairs = None, []

    def _accept(self, listener: socket.socket) -> None:
        with suppress(OSError):
            while True:
                front, _ = listener.accept()
                back = socket.create_connection(self._behind)
                self._pairs += [front, back]
                for source, drain in ((front, back), (back, front)):
                    threading.Thread(target=_pump, args=(source, drain), daemon=True).start()


def _pump(source: socket.socket, drain: socket.socket) -> None:
    with suppress(OSError):
        while part := source.recv(65_536):
            drain.sendall(part)
    with suppress(OSError):
        drain.shutdown(socket.SHUT_WR)
