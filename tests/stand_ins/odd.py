"""Answers that no API gives, and how a stand-in sends any answer."""

from __future__ import annotations

import socket
import struct
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from http.server import BaseHTTPRequestHandler
    from threading import Event


@dataclass(frozen=True, slots=True)
class Odd:
    """An answer as it is sent.

    Attributes:
        status: of HTTP.
        body: its bytes.
        kind: the media type.
        headers: further ones; one of a name below takes its place.
        cut: so many bytes of the body stay out, and the connection is closed.
        drips: the body comes a byte at a time until the server ends.
        head_drips: so does the head.
        resets: the connection is reset before anything is sent.
    """

    status: int = 200
    body: bytes = b""
    kind: str = "application/x-amz-json-1.1"
    headers: tuple[tuple[str, str], ...] = ()
    cut: int = 0
    drips: bool = False
    head_drips: bool = False
    resets: bool = False


def send(handler: BaseHTTPRequestHandler, release: Event, odd: Odd) -> None:
    """Send an answer; what drips ends as soon as it is released."""
    handler.close_connection = handler.close_connection or odd.drips or odd.head_drips or odd.resets or bool(odd.cut)
    if odd.resets:
        handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        handler.connection.close()
        return
    headers = {"Content-Type": odd.kind, "Content-Length": str(len(odd.body))} | dict(odd.headers)
    lines = [f"HTTP/1.1 {odd.status} Told", *(f"{name}: {value}" for name, value in headers.items())]
    head = "".join(f"{line}\r\n" for line in (*lines, ""))
    body = b"" if handler.command == "HEAD" else odd.body[: len(odd.body) - odd.cut]
    with suppress(BrokenPipeError, ConnectionResetError):  # whoever asked is gone: that is the test
        for part, drips in ((head.encode(), odd.head_drips), (body, odd.drips)):
            if not drips:
                handler.wfile.write(part)
            for at in range(len(part) if drips else 0):
                handler.wfile.write(part[at : at + 1])
                if release.wait(0.05):
                    return
