"""An old or foreign memcached: it stands in front of a real one and knows fewer commands.

    classic     the classic text protocol as memcached 1.4 has it; `version` says 1.4.39
    plain       get, set, add and delete, as a simple proxy might; not even `version`
    relay       as twemproxy 0.5: it passes the version of the memcached behind it on
    mute        as twemproxy 0.4: it does not know `version`

What classic and plain do not know they answer with ERROR, a line at a time, as an old memcached does:
the data block of an unknown command is taken for commands, too. relay and mute close the connection.
"""

import asyncio
from collections import Counter

RETRIEVAL = {b"get", b"gets"}
STORAGE = {b"set", b"add", b"replace", b"append", b"prepend", b"cas"}
PLAIN = {b"get", b"set", b"add", b"delete"}
CLASSIC = RETRIEVAL | STORAGE | {b"delete", b"incr", b"decr", b"touch", b"version"}
VERSION = b"1.4.39"


class Closes(Exception):
    """On a command that it does not know."""


def foreign_servers(server):
    return {
        "classic": Foreign(server, CLASSIC),
        "plain": Foreign(server, PLAIN),
        "relay": Foreign(server, CLASSIC, version=None, closes=True),
        "mute": Foreign(server, CLASSIC - {b"version"}, closes=True),
    }


class Foreign:
    def __init__(self, server, knows, version=VERSION, closes=False):
        self.server = server
        self.knows = knows
        self.version = version  # None: that of the server behind it
        self.closes = closes
        self.unknown = Counter()  # commands that it was sent and did not know
        self.port = None

    async def listen(self):
        listener = await asyncio.start_server(self.serve, "127.0.0.1", 0)
        self.port = listener.sockets[0].getsockname()[1]
        return self.port

    async def connect(self):
        return await asyncio.open_connection("127.0.0.1", self.port)

    async def serve(self, reader, writer):
        try:
            up_reader, up_writer = await self.server.connect()
        except OSError:
            writer.close()
            return
        try:
            while True:
                line = await reader.readuntil(b"\r\n")
                writer.write(await self.answer(line, reader, up_reader, up_writer))
                await writer.drain()
        except (Closes, ConnectionError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            pass
        finally:
            up_writer.close()
            writer.close()

    async def answer(self, line, reader, up_reader, up_writer):
        tokens = line.split()
        command = tokens[0] if tokens else b""
        if command not in self.knows:
            self.unknown[command.decode("latin-1")] += 1
            if self.closes:
                raise Closes
            return b"ERROR\r\n"
        if command == b"version" and self.version is not None:
            return b"VERSION " + self.version + b"\r\n"
        data = b""
        if command in STORAGE:
            data = await reader.readexactly(int(tokens[4]) + 2)
        up_writer.write(line + data)
        reply = await up_reader.readuntil(b"\r\n")
        if command in RETRIEVAL and reply.startswith(b"VALUE "):
            reply += await up_reader.readexactly(int(reply.split()[3]) + 2)
            reply += await up_reader.readuntil(b"\r\n")
        return reply
