"""One HTTP/1.1 request to nginx, on a connection of its own."""

import array
import asyncio
import fcntl
import socket
import struct
import termios
from collections import Counter
from dataclasses import dataclass, field


@dataclass
class Answer:
    status: int
    headers: list = field(default_factory=list)
    body: bytes = b""
    reason: str = ""

    def header(self, name):
        values = [value for key, value in self.headers if key.lower() == name.lower()]
        return ", ".join(values) if values else None

    def text(self):
        """The body on one line; a long one by its length alone."""
        if len(self.body) > 200:
            return f"({len(self.body)} bytes)"
        return self.body.decode("latin-1").strip().replace("\n", "\\n")


async def read_chunks(reader):
    body = b""
    while size := int((await reader.readuntil(b"\r\n")).strip(), 16):
        body += (await reader.readexactly(size + 2))[:-2]
    await reader.readexactly(2)
    return body


def written(method, uri, headers):
    lines = [f"{method} {uri} HTTP/1.1", "Host: localhost"]
    lines += [f"{name}: {value}" for name, value in headers]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")


async def read_head(reader):
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    first, *rest = head.rstrip("\r\n").split("\r\n")
    _, status, *reason = first.split(" ", 2)
    return Answer(
        int(status),
        [tuple(part.strip() for part in line.split(":", 1)) for line in rest],
        reason="".join(reason),
    )


async def read_body(reader, answer, closes=False):
    """What follows the header, as its framing says; without chunks all that comes where the connection
    `closes` behind it."""
    if answer.header("Transfer-Encoding") == "chunked":
        answer.body = await read_chunks(reader)
    elif closes:
        answer.body = await reader.read()
    else:
        answer.body = await reader.readexactly(int(answer.header("Content-Length") or 0))


async def read_response(reader):
    """None where the connection ended before its header."""
    try:
        answer = await read_head(reader)
    except asyncio.IncompleteReadError:
        return None
    await read_body(reader, answer)
    return answer


def summary(uris, answers):
    counts = Counter(
        f"{uri}: {answer.status} {answer.header('X-Mcache') or '-'} {answer.text()}"
        for uri, answer in zip(uris, answers)
    )
    return "\n".join(f"{count} x {line}" for line, count in sorted(counts.items()))


class KeptConnection:
    """A connection that nginx knows and keeps, for requests of which each is answered before the next."""

    def __init__(self, reader, writer):
        self.reader = reader
        self.writer = writer

    @classmethod
    async def open(cls, port):
        connection = cls(*await asyncio.open_connection("127.0.0.1", port))
        await connection.send("/__/nothing")
        await connection.answer()
        return connection

    async def send(self, uri, headers=()):
        self.writer.write(written("GET", uri, headers))
        await self.writer.drain()

    def delivered(self):
        """Whether nginx's end of the connection has all that was sent."""
        unacknowledged = array.array("i", [0])
        fcntl.ioctl(self.writer.get_extra_info("socket"), termios.TIOCOUTQ, unacknowledged)
        return unacknowledged[0] == 0

    async def answer(self):
        answer = await read_head(self.reader)
        await read_body(self.reader, answer)
        return answer


def reset(writer):
    """Closes the connection so that the other end is told that nobody reads on."""
    sock = writer.get_extra_info("socket")
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


async def request(port, method, uri, headers=(), first_byte_only=False, on_header=None):
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        writer.write(written(method, uri, [("Connection", "close"), *headers]))
        answer = await read_head(reader)
        if on_header is not None:
            on_header()
        if first_byte_only:
            writer.transport.abort()
        elif method != "HEAD":
            await read_body(reader, answer, closes=True)
        return answer
    except asyncio.CancelledError:
        reset(writer)
        raise
    finally:
        writer.close()
