"""Steps for clients that do what a browser does not: bytes as they are written in the test, and HTTP/2
streams that are reset as soon as they are opened."""

import asyncio
import shlex
import struct
from dataclasses import dataclass

from bed import Bed, Steps
from client import read_response
from http2 import CANCEL, END_STREAM_AND_HEADERS, HEADERS, PREFACE, RST_STREAM, SETTINGS
from http2 import frame, request_block
from interleave import Interleaving
from nginx import Nginx

PATIENCE = 30.0


@dataclass
class Clients(Steps):
    bed: Bed
    nginx: Nginx
    gates: Interleaving

    async def step_raw(self, text):
        """Sends these bytes, \\r and \\n for line ends, and says what came until the connection ended: the
        status, what mcache did, and the body, a line a response."""
        data = text.replace("\\r", "\r").replace("\\n", "\n").encode("latin-1")
        reader, writer = await asyncio.open_connection("127.0.0.1", self.bed.port)
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
        before = await self.nginx.held_now()
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
        await self.nginx.back_to(before)
        asked = self.bed.origin.counts.get(path, 0)
        return "few" if asked <= int(n) else f"the origin was asked {asked} times"

    async def step_nghttp_leaves(self, gate, arguments):
        """One that leaves when its request has arrived at the gate."""
        process = await asyncio.create_subprocess_exec(
            "nghttp", *shlex.split(arguments), stdout=asyncio.subprocess.DEVNULL)
        await self.gates.step_arrivals(gate, 1)
        process.terminate()
        await process.wait()
        return "left"
