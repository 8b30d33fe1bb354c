"""Steps for clients that do what a browser does not: bytes as they are written in the test, and HTTP/2
streams that are reset as soon as they are opened."""

import asyncio
import struct

from client import read_chunks, read_head

PATIENCE = 30.0
PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
SETTINGS, HEADERS, RST_STREAM = 4, 1, 3
END_STREAM_AND_HEADERS = 0x05
CANCEL = 8


async def read_response(reader):
    """Whatever the framing says; None where the connection ended before it."""
    try:
        answer = await read_head(reader)
    except asyncio.IncompleteReadError:
        return None
    if (answer.header("Transfer-Encoding") or "") == "chunked":
        answer.body = await read_chunks(reader)
    elif answer.header("Content-Length") is not None:
        answer.body = await reader.readexactly(int(answer.header("Content-Length")))
    return answer


def literal(name, value):
    """A header field of HPACK, not indexed, without Huffman code."""
    return b"\x00" + bytes([len(name)]) + name + bytes([len(value)]) + value


def request_block(method, uri, headers=()):
    """The header of a request, as HEADERS has it."""
    fields = [(":method", method), (":scheme", "http"), (":authority", "localhost"), (":path", uri)]
    fields += [(name.lower(), value) for name, value in headers]
    return b"".join(literal(name.encode(), value.encode()) for name, value in fields)


def frame(kind, flags, stream, payload):
    return struct.pack(">I", len(payload))[1:] + struct.pack(">BBI", kind, flags, stream) + payload


class Clients:
    """A part of Control."""

    async def step_raw(self, text):
        """Sends these bytes, \\r and \\n for line ends, and says what came until the connection ended: the
        status, what mcache did, and the body, a line a response."""
        data = text.replace("\\r", "\r").replace("\\n", "\n").encode("latin-1")
        reader, writer = await asyncio.open_connection("127.0.0.1", self.options.nginx_port)
        try:
            writer.write(data)
            lines = []
            while answer := await asyncio.wait_for(read_response(reader), PATIENCE):
                said = answer.header("X-Mcache") or "-"
                lines.append(f"{answer.status} {said} {answer.text()}" if answer.status == 200
                             else f"{answer.status}")  # fmt: skip
            return "\n".join(lines)
        finally:
            writer.close()

    async def step_rapid_reset(self, port, n, uri):
        """Opens N streams on one HTTP/2 connection, each reset in the same breath, and says how many times
        the origin was asked. Of the streams nginx keeps nothing."""
        before = await self.held_now()
        path = uri.partition("?")[0]
        block = request_block("GET", uri)
        reader, writer = await asyncio.open_connection("127.0.0.1", int(port))
        try:
            writer.write(PREFACE + frame(SETTINGS, 0, 0, b""))
            for stream in range(1, 2 * int(n), 2):
                writer.write(frame(HEADERS, END_STREAM_AND_HEADERS, stream, block))
                writer.write(frame(RST_STREAM, 0, stream, struct.pack(">I", CANCEL)))
                await writer.drain()
            writer.write_eof()
            await asyncio.wait_for(reader.read(), PATIENCE)
        except ConnectionError:
            pass  # nginx had enough
        finally:
            writer.close()
        await self.back_to(before)
        asked = self.origin.counts.get(path, 0)
        return "few" if asked <= int(n) else f"the origin was asked {asked} times"
