"""Steps for many clients that take the begin of a page and no more. The site has each page as /patient/...
and as /hasty/..., where send_timeout is short. It listens at `port` of 127.0.0.1 for HTTP/2 and of 127.0.0.2
with small buffers for HTTP/1.1.

    crowd(n, page, port, limit)     N over HTTP/1.1, and on one connection N streams of HTTP/2, hold on to it.
                                    "right", or what was not: others are served meanwhile, who goes on gets
                                    the page, send_timeout ends the others, nothing is left of them, and the
                                    worker's memory grew by no more than LIMIT KB beyond what as many clients
                                    took who read as fast as they can
"""

import asyncio
import re
import struct
from dataclasses import dataclass

from bed import Bed, Steps, until
from client import read_head, written
from http2 import END_STREAM_AND_HEADERS, HEADERS, PREFACE, SETTINGS, frame, request_block
from items import Items
from large import LargeBodies
from nginx import Nginx
from visitors import connect_slowly

PATIENCE = 30.0
TAKEN = 1024
WINDOW_SIZE = 4  # a setting: how much of a stream may be on its way


@dataclass
class SlowReaders(Steps):
    bed: Bed
    nginx: Nginx
    items: Items
    large: LargeBodies

    async def hold(self, uri, port):
        reader, writer = await connect_slowly(port, "127.0.0.2")
        writer.write(written("GET", uri, [("Connection", "close")]))
        answer = await read_head(reader)
        answer.body = await reader.readexactly(TAKEN)
        return reader, writer, answer

    async def hold_streams(self, uris, port):
        """None of them may send a byte of its body."""
        reader, writer = await connect_slowly(port)
        no_window = struct.pack(">HI", WINDOW_SIZE, 0)
        streams = [
            frame(HEADERS, END_STREAM_AND_HEADERS, 2 * i + 1, request_block("GET", uri))
            for i, uri in enumerate(uris)
        ]
        writer.write(PREFACE + frame(SETTINGS, 0, 0, no_window) + b"".join(streams))
        return writer

    async def rest_of(self, page, held):
        reader, writer, answer = held
        size = int(answer.header("Content-Length")) - TAKEN
        answer.body += await reader.readexactly(size)
        writer.close()
        return self.large.verdict(page, answer, True)

    async def fast(self, page):
        answer = await asyncio.wait_for(self.nginx.get(f"/patient{page}"), PATIENCE)
        return self.large.verdict(page, answer, len(answer.body) == int(answer.header("Content-Length")))

    async def crowd(self, n, uri, port):
        # One after the other: those who ask at the same time share what memcached answers.
        held = [await self.hold(uri, port) for _ in range(n)]
        return held, await self.hold_streams([uri] * n, port)

    async def step_greedy(self, n, page, port, limit):
        """One connection has N streams, each for a large page of its own, and reads none."""
        uris = [page.replace("?", f"/{number}?") for number in range(int(n))]
        for uri in uris:
            await self.fast(uri)
            await self.items.step_stored(uri.partition("?")[0])
        for uri in uris:  # memory of the worker that is not the streams' own
            await self.fast(uri)
        before, memory, writing = await self.nginx.held_now(), self.nginx.resident(), await self.nginx.writing()
        streams = await self.hold_streams([f"/patient{uri}" for uri in uris], int(port))

        async def there():
            return await self.nginx.writing() == writing + len(uris)

        await until(there, f"nginx is at {await self.nginx.writing()} requests, first at {writing}")
        said = {(await self.fast(uri)).partition(",")[0] for uri in uris}
        grown = self.nginx.resident() - memory
        streams.close()
        await self.nginx.back_to(before)
        assert grown < int(limit), f"the worker grew by {grown} KB"
        return "\n".join(sorted(said))

    def timed_out(self):
        with open(self.bed.error_log, encoding="utf-8", errors="replace") as file:
            return sum("client timed out" in line for line in file)

    async def step_crowd(self, n, page, port, limit):
        n, port, other = int(n), int(port), page.replace("?", "/other?")
        said = [await self.fast(page), await self.fast(other)]
        await self.items.step_stored(page.partition("?")[0])
        said += [await self.fast(page) for _ in range(n)]
        before, memory = await self.nginx.held_now(), self.nginx.resident()
        writing = await self.nginx.writing()
        held, streams = await self.crowd(n, f"/patient{page}", port)

        async def there():
            return await self.nginx.writing() == writing + 2 * n

        await until(there, f"nginx is at {await self.nginx.writing()} requests, first at {writing}")
        grown = self.nginx.resident() - memory
        said += [await self.fast(page), await self.fast(other)]
        said += await asyncio.wait_for(asyncio.gather(*(self.rest_of(page, one) for one in held)), PATIENCE)
        streams.close()
        await self.nginx.back_to(before)

        late = self.timed_out()
        held, streams = await self.crowd(n, f"/hasty{page}", port)

        async def ended():
            return self.timed_out() == late + 2 * n

        await until(ended, f"send_timeout ends {self.timed_out() - late}")
        for _, writer, _ in held:
            writer.transport.abort()
        streams.close()
        await self.nginx.back_to(before)
        wrong = {answer for answer in said if not re.fullmatch(r"200 (HIT|MISS) \d+ bytes, of fill \d+", answer)}
        if grown > int(limit):
            wrong.add(f"{grown} KB more")
        return "; ".join(wrong) or "right"
