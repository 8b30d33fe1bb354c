"""An origin whose answers are drawn: what it sends for the N-th time that a page is asked for is what the
seed says. Each body says what it is, see stack/page_body.py; its kind is `-` where everybody may have it,
the X-Kind that Vary names, or `only-ID` where it is for the one request that asked.
"""

import asyncio
import email.utils
import gzip
import random
from collections import Counter
from dataclasses import dataclass, field

from stack.fleet import read_head
from stack.page_body import BLOCK, PageBody
from storms.truth import etag_of, rendered, tags_of

EPOCH = 1_700_000_000  # a version later is a minute later
FRESH = ("max-age=1", "max-age=1", "max-age=2", "max-age=600", "max-age=1, stale-while-revalidate=30",
         "max-age=1, stale-if-error=30", "max-age=1, must-revalidate", "s-maxage=1, max-age=0", "max-age=0", "no-cache")
PRIVATE = ("private", "no-store", "private, max-age=60")
SIZES = {"large": (20_000, 70_000, 150_000, 300_000)}


@dataclass
class Plan:
    """What is sent."""

    status: int = 200
    fields: list = field(default_factory=list)
    body: bytes = b""
    framing: str = "length"
    fault: str = ""  # close, reset, cut, hang, garbage: of the origin's
    delay: float = 0.0
    pause: float = 0.0  # in the middle of the body
    endless: bool = False
    ends: bool = False  # when all clients have left


class Origin:
    def __init__(self, seed, truth):
        self.seed, self.truth = seed, truth
        self.asked = Counter()
        self.fills = 0
        self.busy = Counter()  # pages that are being answered
        self.open = set()  # writers
        self.listener = None
        self.calm = False  # nothing is endless and nothing fails

    async def start(self):
        self.listener = await asyncio.start_server(self.serve, "127.0.0.1", 0, backlog=1024)
        return self.listener.sockets[0].getsockname()[1]

    def stop(self):
        self.listener.close()
        for writer in self.open:
            writer.transport.abort()

    async def serve(self, reader, writer):
        self.open.add(writer)
        try:
            while True:
                (method, uri, protocol), headers = await read_head(reader)
                if length := int(headers.get("content-length", 0)):
                    await reader.readexactly(length)
                keep = protocol != "HTTP/1.0" and headers.get("connection") != "close"
                self.busy[f"{uri} for {headers.get('x-id')}"] += 1
                try:
                    again = await self.answer(method, uri, headers, writer, keep)
                finally:
                    self.busy[f"{uri} for {headers.get('x-id')}"] -= 1
                if not again or not keep:
                    break
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError, ValueError):
            pass
        finally:
            self.open.discard(writer)
            writer.close()

    async def answer(self, method, uri, headers, writer, keep):
        page = uri.partition("?")[0]
        if page not in self.truth.version:
            writer.write(b"HTTP/1.1 204 -\r\nConnection: close\r\n\r\n")
            return False
        self.asked[page] += 1
        chance = random.Random(f"{self.seed}/origin/{page}/{self.asked[page]}")
        plan = self.plan(chance, method, page, headers)
        self.truth.note(f"the origin is asked by {headers.get('x-id')}, {method}: {plan.status} "
                        f"{plan.fault or plan.framing} {plan.fields}", page)
        if plan.fault:
            self.truth.faults[headers.get("x-id")].append(plan.fault)
        self.truth.statuses[page].add(plan.status)
        await asyncio.sleep(plan.delay)
        return await self.send(plan, method, writer, keep)

    # ---- what is answered

    def plan(self, chance, method, page, headers):
        _, name, kind, number = page.split("/")
        location = self.truth.configuration.location(name)
        version = self.truth.version[page]
        plan = Plan(delay=chance.choice((0, 0, 0.001, 0.01, 0.05)))
        self.draw_trouble(chance, kind, plan)
        if kind == "stream":
            plan.endless = not self.calm and chance.random() < 0.8
            plan.framing = chance.choice(("chunked", "close"))
            plan.fields = chance.choice(([("Content-Type", "text/event-stream")],
                                         [("X-Accel-Buffering", "no"), ("Cache-Control", "max-age=10")],
                                         [("Content-Type", "text/plain"), ("Cache-Control", "max-age=10")]))
            # What does not look like a stream is filled for whoever comes next.
            plan.ends = location.reads_on or ("Content-Type", "text/plain") in plan.fields
            plan.body = b"data: %s\n\n" % page.encode()
            return plan
        if kind == "accel":
            plan.fields = [("X-Accel-Redirect", f"/{name}/plain/{number}"), ("Cache-Control", "max-age=5")]
            return plan
        if kind == "empty":
            plan.status = chance.choice((200, 204, 301))
            plan.fields = [("Cache-Control", chance.choice(FRESH)), *([("Location", "/")] if plan.status == 301 else [])]
            return plan
        self.draw_page(chance, kind, page, version, headers, location, plan)
        return plan

    def draw_trouble(self, chance, kind, plan):
        if kind == "slow" or chance.random() < 0.05:
            plan.delay = chance.choice((0.1, 0.3, 0.7))
        share = 0 if self.calm else {"flaky": 0.5, "stream": 0.1}.get(kind, 0.02)
        if chance.random() < share:
            plan.fault = chance.choice(("", "", "close", "reset", "cut", "cut", "hang", "garbage"))
            if not plan.fault:
                plan.status = chance.choice((500, 503, 404))
        # What is cut off where nothing says how long it is, is whole for everybody.
        plan.framing = chance.choice(("length", "length", "chunked", "close" if plan.fault != "cut" else "length"))
        plan.pause = chance.choice((0, 0, 0, 0.02, 0.3))

    def draw_page(self, chance, kind, page, version, headers, location, plan):
        fields = [("Cache-Tag", ", ".join(tags_of(page, version)))]
        authorized = "authorization" in headers and not location.forgets
        private = kind == "private" and chance.random() < 0.5 or authorized
        who = "-"
        if kind in ("vary", "largevary") and chance.random() < 0.9:
            fields.append(("Vary", chance.choice(("X-Kind", "X-Kind, Accept-Encoding"))))
            who = headers.get("x-kind") or "none"
        elif chance.random() < 0.05:
            fields.append(("Vary", chance.choice(("Accept-Encoding", "X-Other"))))
        if private:
            who = f"only-{headers.get('x-id', 'nobody')}"
            if authorized and chance.random() < 0.5:
                fields.append(("Cache-Control", "max-age=60"))
            elif "Set-Cookie" not in location.ignored and chance.random() < 0.3:
                fields += [("Set-Cookie", f"id={who}"), ("Cache-Control", "max-age=60")]
            else:
                fields.append(("Cache-Control", chance.choice(PRIVATE)))
        elif chance.random() < 0.2:
            fields.append(("X-Accel-Expires", chance.choice("0126")))
        else:
            fields.append(("Cache-Control", chance.choice(FRESH)))
        if chance.random() < 0.05 and not private:
            fields.append(("Set-Cookie", "a=b"))
        self.fills += 1
        sizes = SIZES["large"] if kind.startswith("large") else (300, 3000, 20_000)
        body = PageBody(page, version, who, self.fills, chance.choice(sizes))
        if location.shape == "slice":
            body = PageBody(page, version, who, 0, sizes[version % len(sizes)])
        fields.append(("X-Page", body.text))
        data = rendered(body)
        if chance.random() < 0.8 or location.shape == "slice":
            fields.append(("ETag", etag_of(body)))
        if chance.random() < 0.5:
            fields.append(("Last-Modified", email.utils.formatdate(EPOCH + 60 * version, usegmt=True)))
        if kind == "ssi" and location.ssi:
            data = self.with_include(chance, data, location)
        condition = headers.get("if-none-match", "")
        if plan.status == 200 and condition.startswith((f'"{version}.{who}.', f'W/"{version}.{who}.')):
            plan.status = 304
            fields = [(name, value) for name, value in fields if name not in ("ETag", "X-Page")]
            fields.append(("ETag", condition))
            data = b""
        elif plan.status == 200 and "range" in headers and (location.shape == "slice" or chance.random() < 0.3):
            data = self.range_of(headers["range"], data, fields, plan)
        elif "gzip" in headers.get("accept-encoding", "") and chance.random() < 0.2 and location.takes_gzip:
            data = gzip.compress(data, 1, mtime=0)
            fields = [each for each in fields if each[0] != "Vary"]
            fields += [("Content-Encoding", "gzip"),
                       ("Vary", "Accept-Encoding" if who == "-" or private else "Accept-Encoding, X-Kind")]
        plan.fields += [*fields, ("Content-Type", "text/html")]
        plan.body = data

    def with_include(self, chance, data, location):
        """Behind the first block."""
        pages = [page for page in location.pages if page.split("/")[2] in ("plain", "vary", "large")]
        include = f'<!--#include virtual="{chance.choice(pages)}" -->'.encode()
        return data[:BLOCK] + include + data[BLOCK:]

    def range_of(self, value, data, fields, plan):
        first, _, last = value.removeprefix("bytes=").partition("-")
        if not first.isdigit() or "," in last:
            return data
        if int(first) >= len(data):
            plan.status = 416
            return b""
        end = min(int(last or len(data)), len(data) - 1)
        if end < int(first):
            return data
        plan.status = 206
        fields.append(("Content-Range", f"bytes {first}-{end}/{len(data)}"))
        return data[int(first) : end + 1]

    # ---- how it is sent

    async def send(self, plan, method, writer, keep):
        """Whether the connection may be used again."""
        if plan.fault == "hang":
            await asyncio.sleep(2.4)
        if plan.fault in ("close", "reset", "hang"):
            if plan.fault == "reset":
                writer.transport.abort()
            return False
        if plan.fault == "garbage":
            writer.write(b"HTTP/1.1 200 -\r\n\0: x\r\n\r\n")
            return False
        bare = method == "HEAD" or plan.status in (204, 304)
        if plan.endless or (plan.framing != "length" and not bare):
            lines = ["Transfer-Encoding: chunked"] if plan.framing == "chunked" else ["Connection: close"]
        else:
            lines = [f"Content-Length: {len(plan.body)}"] if plan.status != 204 else []
        if not keep and "Connection: close" not in lines:
            lines.append("Connection: close")
        lines += [f"{name}: {value}" for name, value in plan.fields]
        writer.write("\r\n".join([f"HTTP/1.1 {plan.status} -", *lines, "", ""]).encode("latin-1"))
        if bare:
            return True
        if plan.endless:
            return await self.send_without_end(plan, writer)
        half = len(plan.body) // 2
        await self.send_piece(plan, writer, plan.body[:half])
        if plan.pause:
            await writer.drain()
            await asyncio.sleep(plan.pause)
        if plan.fault == "cut":
            return False
        await self.send_piece(plan, writer, plan.body[half:])
        if plan.framing == "chunked":
            writer.write(b"0\r\n\r\n")
        await writer.drain()
        return plan.framing != "close"

    async def send_piece(self, plan, writer, piece):
        if piece:
            writer.write(b"%x\r\n%s\r\n" % (len(piece), piece) if plan.framing == "chunked" else piece)

    async def send_without_end(self, plan, writer):
        """Until whoever asked goes away."""
        while not writer.is_closing() and not (self.calm and plan.ends):
            await self.send_piece(plan, writer, plan.body)
            await writer.drain()
            await asyncio.sleep(0.05)
        return False
