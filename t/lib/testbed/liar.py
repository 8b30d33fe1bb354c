"""A memcached that lies: it stands in front of a real one and alters what that answers.

    truth           alters nothing
    no-value-end    the value is not followed by CR LF
    shorter         the reply announces one byte less than the value has
    longer          the reply announces ten bytes more than are sent, then silence
    huge            the reply announces a value of 2^62 bytes
    negative        the reply announces a value of -1 bytes
    opaque          the opaque token, in the classic protocol the key, is not the request's
    swapped         the replies of two lookups change places, tokens and all
    other-entry     every lookup is answered with the first entry that was ever sent
    corrupt         one byte in eight of the value is inverted
    cut-entry       the value ends in its middle, and the length says so
    flags           the client flags are all ones
    garbage         random bytes instead of replies
    html            an HTTP response instead of replies
    endless-line    bytes without a line end, for as long as they are read
    extra           every reply comes twice
    server-error    SERVER_ERROR out of memory
    error           ERROR
    refuse-store    stores are answered SERVER_ERROR, lookups truly
    close-after     the connection is closed after each reply with a value
    close-instead   the connection is closed instead of a reply
    close-within    the connection is closed in the middle of a value
    halved          of a value the first half is sent, the rest when the lie changes
    late            replies without a value are sent when the lie changes
    trickle         the truth, one byte at a time
    slow            the truth, a byte in 50 ms
    drip            of a large value a byte in 50 ms, so that no wait for more is a long one
    silent          no reply at all
    no-large        no reply to whoever asks for a large value
    leaves          the first reply waits for the next lie; commands after it are answered by the end of their
                    connection, and nobody listens on the unix socket any more

Besides, a command may be refused: see step_refuse().
"""

import asyncio
import os
import socket
from collections import deque
from dataclasses import dataclass, replace


@dataclass
class Reply:
    line: bytes
    value: bytes | None = None
    end: bytes = b""  # what the classic protocol sends behind the last value

    @property
    def tokens(self):
        return self.line.split()

    def raw(self):
        if self.value is None:
            return self.line + b"\r\n"
        return self.line + b"\r\n" + self.value + b"\r\n" + self.end


# Of what the classic protocol has in place of the tokens O and f: the key and the flags.
CLASSIC_PLACES = {b"O": 1, b"f": 2}


def size_at(tokens):
    return 1 if tokens[0] == b"VA" else 3


# Commands with a data block, and where its size stands.
SIZE_OF_DATA = {b"ms": 2, **dict.fromkeys((b"set", b"add", b"cas", b"append"), 4)}


def with_size(reply, size):
    tokens = reply.tokens
    tokens[size_at(tokens)] = str(size).encode()
    return b" ".join(tokens)


def with_token(reply, letter, text):
    if reply.tokens[0] == b"VALUE":
        tokens = reply.tokens
        tokens[CLASSIC_PLACES[letter]] = text
        return b" ".join(tokens)
    tokens = [
        letter + text if token.startswith(letter) and at > 0 else token
        for at, token in enumerate(reply.tokens)
    ]
    return b" ".join(tokens)


async def read_reply(reader):
    line = await reader.readuntil(b"\r\n")
    reply = Reply(line[:-2])
    tokens = reply.tokens
    if tokens and tokens[0] == b"STAT":
        reply.line += b"\r\n" + (await reader.readuntil(b"\r\nEND\r\n"))[:-2]
    if tokens and tokens[0] in (b"VA", b"VALUE"):
        size = int(tokens[size_at(tokens)])
        reply.value = (await reader.readexactly(size + 2))[:-2]
        if tokens[0] == b"VALUE":
            reply.end = await reader.readexactly(len(b"END\r\n"))
    return reply


class Closed(Exception):
    """The lie is that the connection ends here."""


class Connection:
    """The lies that one connection tells; what it has told before is remembered by the Liar."""

    def __init__(self, liar):
        self.liar = liar
        self.held = None
        self.stays = False  # while the liar leaves
        self.commands = deque()  # that are not answered
        self.answered = b""  # the last one that was

    def bytes_for(self, reply):
        lie = self.liar.lie
        if lie in ANY_REPLY:
            return ANY_REPLY[lie](reply)
        if lie == "refuse-store":
            stored = self.answered in SIZE_OF_DATA and reply.tokens[:1] in ([b"HD"], [b"STORED"])
            return b"SERVER_ERROR out of memory storing object\r\n" if stored else reply.raw()
        if reply.value is None:
            return reply.raw()
        if self.liar.first is None:
            self.liar.first = reply
        if lie == "swapped":
            if self.held is None:
                self.held = reply
                return b""
            first, self.held = self.held, None
            return reply.raw() + first.raw()
        if lie == "other-entry":
            other = self.liar.first
            line = with_size(reply, len(other.value))
            return replace(reply, line=line, value=other.value).raw()
        return VALUE_REPLY.get(lie, Reply.raw)(reply)


def close(_):
    raise Closed


ANY_REPLY = {
    "garbage": lambda _: os.urandom(200),
    "html": lambda _: b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n",
    "server-error": lambda _: b"SERVER_ERROR out of memory\r\n",
    "error": lambda _: b"ERROR\r\n",
    "extra": lambda reply: reply.raw() * 2,
    "close-instead": close,
    "silent": lambda _: b"",
}

VALUE_REPLY = {
    "no-value-end": lambda reply: reply.line + b"\r\n" + reply.value + b"xx",
    "shorter": lambda reply: with_size(reply, len(reply.value) - 1)
    + b"\r\n"
    + reply.value
    + b"\r\n",
    "longer": lambda reply: with_size(reply, len(reply.value) + 10)
    + b"\r\n"
    + reply.value
    + b"\r\n",
    "huge": lambda reply: with_size(reply, 2**62) + b"\r\n" + reply.value + b"\r\n",
    "negative": lambda reply: with_size(reply, -1) + b"\r\n" + reply.value + b"\r\n",
    "opaque": lambda reply: replace(reply, line=with_token(reply, b"O", b"0x7e57")).raw(),
    "flags": lambda reply: replace(reply, line=with_token(reply, b"f", b"4294967295")).raw(),
    "corrupt": lambda reply: replace(
        reply,
        value=bytes(byte ^ 0xFF if at % 8 == 5 else byte for at, byte in enumerate(reply.value)),
    ).raw(),
    "cut-entry": lambda reply: replace(
        reply,
        line=with_size(reply, len(reply.value) // 2),
        value=reply.value[: len(reply.value) // 2],
    ).raw(),
}


class Liar:
    def __init__(self, server):
        self.server = server
        self.path = None
        self.unix_listener = None
        self.truthful()

    def truthful(self):
        self.lie = "truth"
        self.first = None
        self.halved = asyncio.Event()
        self.stayed = asyncio.Event()
        self.refusals = {}  # command: what it is answered with

    async def listen(self):
        listener = await asyncio.start_server(self.serve, "127.0.0.1", 0)
        return listener.sockets[0].getsockname()[1]

    async def listen_unix(self, path=None):
        self.path = path or self.path
        if self.path is not None and self.unix_listener is None:
            self.unix_listener = await asyncio.start_unix_server(self.serve, self.path)
            os.chmod(self.path, 0o777)

    def leave(self):
        if self.unix_listener is not None:
            self.unix_listener.close()
            self.unix_listener = None

    async def serve(self, reader, writer):
        connection = Connection(self)
        try:
            up_reader, up_writer = await self.server.connect()
        except OSError:
            writer.close()
            return
        forward = asyncio.ensure_future(pump(reader, up_writer, connection.commands))
        try:
            while True:
                reply = await read_reply(up_reader)
                connection.answered = connection.commands.popleft()
                await self.tell(connection, reply, writer)
        except (Closed, ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            forward.cancel()
            up_writer.close()
            writer.close()

    async def tell(self, connection, reply, writer):
        if connection.answered in self.refusals:
            writer.write(self.refusals[connection.answered])
            await writer.drain()
            return
        if self.lie == "leaves" and not self.stayed.is_set():
            self.stayed.set()
            self.leave()
            connection.stays = True
        while self.lie == "leaves" and connection.stays:
            await asyncio.sleep(0.005)
        if self.lie == "leaves":
            raise Closed
        if self.lie == "endless-line":
            while True:
                writer.write(b"V" * 65536)
                await writer.drain()
        if self.lie == "close-within" and reply.value is not None:
            writer.write(reply.raw()[: -len(reply.value) // 2])
            await writer.drain()
            raise Closed
        data = connection.bytes_for(reply)
        if self.lie == "halved" and reply.value is not None:
            writer.write(data[: len(data) // 2])
            await writer.drain()
            self.halved.set()
            while self.lie == "halved":
                await asyncio.sleep(0.005)
            writer.write(data[len(data) // 2 :])
            return
        large = len(reply.value or b"") >= 16384
        while self.lie == "no-large" and large:
            await asyncio.sleep(0.005)
        if self.lie == "slow" or (self.lie == "drip" and large):
            await in_drops(data, writer, 0.05)
            return
        while self.lie == "late" and reply.value is None:
            await asyncio.sleep(0.005)
        if self.lie == "trickle":
            writer.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            await in_drops(data, writer, 0)
            return
        writer.write(data)
        if self.lie == "close-after" and reply.value is not None:
            writer.write_eof()  # at once, so that nginx reads the reply and the end in one go
            raise Closed
        await writer.drain()


async def in_drops(data, writer, pause):
    """A byte at a time, with so many seconds between them."""
    for at in range(len(data)):
        writer.write(data[at : at + 1])
        await writer.drain()
        await asyncio.sleep(pause)


async def pump(reader, writer, commands):
    """Passes commands on, and notes their names."""
    try:
        while line := await reader.readline():
            tokens = line.split()
            name = tokens[0] if tokens else b""
            if name in SIZE_OF_DATA:
                line += await reader.readexactly(int(tokens[SIZE_OF_DATA[name]]) + 2)
            commands.append(name)
            writer.write(line)
            await writer.drain()
    except (ConnectionError, asyncio.IncompleteReadError):
        pass
    finally:
        writer.close()
