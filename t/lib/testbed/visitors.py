"""Clients that leave in the middle: over HTTP/1.1 or HTTP/2, and each in some way of its own."""

import asyncio
import socket
import struct

from client import read_head, reset, written
from http2 import ACK, CANCEL, DATA, END_STREAM_AND_HEADERS, HEADERS, PING, PREFACE, RST_STREAM, SETTINGS
from http2 import WINDOW_UPDATE, frame, request_block

STREAM = 1
LARGEST_WINDOW = 65535


async def connect_slowly(port, host="127.0.0.1"):
    """A connection whose client takes only a few KB that it has not asked for."""
    sock = socket.socket()
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    sock.setblocking(False)
    await asyncio.get_running_loop().sock_connect(sock, (host, port))
    return await asyncio.open_connection(sock=sock, limit=4096)


class Visitor:
    """Over HTTP/1.1. `way`: close, reset, or half, which says that no more will be sent, and reads on."""

    def __init__(self, way):
        self.way = way
        self.answer = None

    async def connect(self, port):
        self.reader, self.writer = await connect_slowly(port)

    async def send(self, method, uri, headers=()):
        self.writer.write(written(method, uri, headers))

    async def send_data(self, data):
        self.writer.write(data)

    async def header(self):
        """Waits until the header has come."""
        self.answer = await read_head(self.reader)
        self.left = int(self.answer.header("Content-Length") or 0)

    async def take(self, size=1 << 30):
        """Some of the body, or all; false where it has ended."""
        size = min(size, self.left)
        try:
            data = await self.reader.readexactly(size)
        except (asyncio.IncompleteReadError, ConnectionError):
            return False
        self.answer.body += data
        self.left -= size
        return size > 0

    async def leave(self):
        if self.way == "half":
            self.writer.write_eof()
            return
        if self.way == "reset":
            reset(self.writer)
        else:
            self.writer.transport.abort()

    async def rest(self):
        """The answer of one who went half, where it came and is whole."""
        if self.way != "half":
            return None
        try:
            if self.answer is None:
                await self.header()
        except (asyncio.IncompleteReadError, ConnectionError):
            return None
        await self.take()
        return None if self.left else self.answer

    def close(self):
        self.writer.close()


class StreamVisitor:
    """A stream of HTTP/2. `way`: stream, which resets it, or gone, which closes the connection."""

    def __init__(self, way):
        self.way = way
        self.header_came = asyncio.Event()
        self.pong = asyncio.Event()

    async def connect(self, port):
        self.reader, self.writer = await connect_slowly(port)
        self.writer.write(PREFACE + frame(SETTINGS, 0, 0, b""))
        self.task = asyncio.ensure_future(self.read())

    async def read(self):
        try:
            while True:
                head = await self.reader.readexactly(9)
                size, kind, flags = int.from_bytes(head[:3], "big"), head[3], head[4]
                await self.reader.readexactly(size)
                if kind == HEADERS:
                    self.header_came.set()
                elif kind == PING and flags & ACK:
                    self.pong.set()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass

    async def send(self, method, uri, headers=()):
        length = int(dict(headers).get("Content-Length", 0))
        flags = END_STREAM_AND_HEADERS & ~1 if length else END_STREAM_AND_HEADERS
        self.writer.write(frame(HEADERS, flags, STREAM, request_block(method, uri, headers)))

    async def send_data(self, data):
        self.writer.write(frame(DATA, 0, STREAM, data))

    async def header(self):
        await self.header_came.wait()

    async def take(self, size=LARGEST_WINDOW):
        for stream in (0, STREAM):
            self.writer.write(frame(WINDOW_UPDATE, 0, stream, struct.pack(">I", size)))
        return True

    async def leave(self):
        if self.way == "gone":
            self.writer.transport.abort()
            return
        self.writer.write(frame(RST_STREAM, 0, STREAM, struct.pack(">I", CANCEL)))
        self.writer.write(frame(PING, 0, 0, bytes(8)))
        await self.pong.wait()

    async def rest(self):
        return None

    def close(self):
        self.task.cancel()
        self.writer.close()


WAYS = {"close": Visitor, "reset": Visitor, "half": Visitor, "stream": StreamVisitor, "gone": StreamVisitor}
