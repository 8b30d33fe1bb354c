"""Clients that do all that clients do, one drawn thing after the other."""

import asyncio
import email.utils
import itertools
import json
import random
import socket
import struct
from collections import defaultdict, deque
from dataclasses import dataclass, field

import hpack

from stack.fleet import read_head
from storms.configuration import FEW_REQUESTS, KINDS, PAGES
from storms.origin import EPOCH
from storms.truth import Purge, version_of

PATIENCE = 40  # seconds; nothing waits so long, however busy the machine is
# What a client does, with how often.
DEEDS = {"get": 30, "again": 12, "herd": 8, "pipeline": 6, "streams": 10, "abort": 8, "abort_body": 5, "half_close": 4,
         "slow": 2, "stream": 3, "post": 4, "purge": 5, "publish": 8, "old": 3, "status": 1, "delete": 2}
OF_KINDS = dict(plain=20, vary=12, large=16, largevary=8, private=8, flaky=8, slow=6, stream=0, ssi=6, accel=3, empty=3)


@dataclass
class Ask:
    id: int
    method: str
    page: str
    kind: str  # of X-Kind
    fields: list
    began: int = 0
    late: float = 0.0  # as Truth.late was then
    conditional: bool = False
    range: str | None = None
    only_if_cached: bool = False
    may_fail: bool = False  # it is the client's own doing where there is no answer
    body: bytes = b""

    @property
    def target(self):
        """The page that is sent for it."""
        return self.page.replace("/accel/", "/plain/")

    def __str__(self):
        return f"{self.id}: {self.method} {self.page} for {self.kind}"

    def written(self, version="1.1"):
        lines = [f"{self.method} {self.page} HTTP/{version}", "Host: localhost", f"X-Id: {self.id}",
                 f"X-Kind: {self.kind}", *(f"{name}: {value}" for name, value in self.fields)]
        lines += [f"Content-Length: {len(self.body)}"] if self.body else []
        return "\r\n".join([*lines, "", ""]).encode("latin-1") + self.body


@dataclass
class Answer:
    status: int | None = None
    headers: dict = field(default_factory=dict)
    body: bytes = b""
    whole: bool = False
    framing: str = ""
    excused: bool = False  # nginx may close a connection that nobody asked anything on

    def header(self, name):
        return self.headers.get(name)

    def __str__(self):
        more = "" if self.whole else ", broken off"
        return f"{self.status} {self.header('x-cache')} {len(self.body)} bytes{more}, {self.header('x-page')}"


async def read_answer(reader, method):
    """As far as it comes."""
    answer = Answer()
    try:
        (_, status, *_), answer.headers = await read_head(reader)
        answer.status = int(status)
        if method == "HEAD" or answer.status in (204, 304):
            answer.framing = "length"
        elif answer.header("transfer-encoding") == "chunked":
            answer.framing = "chunked"
            while size := int((await reader.readuntil(b"\r\n")).strip(), 16):
                while size:
                    piece = await reader.read(size)
                    if not piece:
                        return answer
                    answer.body += piece
                    size -= len(piece)
                await reader.readexactly(2)
            await reader.readexactly(2)
        elif "content-length" in answer.headers:
            answer.framing = "length"
            left = int(answer.header("content-length"))
            pieces = []
            while left:
                piece = await reader.read(min(left, 1 << 16))
                if not piece:
                    answer.body = b"".join(pieces)
                    return answer
                pieces.append(piece)
                left -= len(piece)
            answer.body = b"".join(pieces)
        else:
            answer.framing = "close"
            answer.body = await reader.read()
        answer.whole = True
    except (asyncio.IncompleteReadError, ConnectionError):
        pass
    except ValueError:
        answer.status = 0  # this is not HTTP
    return answer


def choose(chance, weights):
    return chance.choices(list(weights), list(weights.values()))[0]


class Clients:
    """What all of them know. `run` ends when `number` requests were sent. drop: no purge is sent."""

    def __init__(self, seed, truth, port, http2_port, number, tell, drop):
        self.seed, self.truth = seed, truth
        self.port, self.http2_port = port, http2_port
        self.number = number
        self.drop = drop
        self.deeds = {**DEEDS, "purge": 40} if drop else DEEDS
        self.tell = tell  # memcached, where there is one
        self.ids = itertools.count(1)
        self.sent = self.in_flight = self.most_in_flight = 0
        self.etags = defaultdict(lambda: deque(maxlen=4))  # page: those that were seen

    async def run(self, parallel, stopped):
        await asyncio.gather(*(Client(self, number).live(stopped) for number in range(parallel)))


class Client:
    def __init__(self, crowd, number):
        self.crowd, self.truth = crowd, crowd.truth
        self.chance = random.Random(f"{crowd.seed}/client/{number}")
        self.connection = None
        self.last = None

    async def live(self, stopped):
        while self.crowd.sent < self.crowd.number and not stopped():
            deed = choose(self.chance, self.crowd.deeds)
            self.truth.seen[f"client {deed}"] += 1
            try:
                await getattr(self, deed)()
            except OSError as error:
                self.truth.fail(f"a client cannot {deed}: {error!r}")
            await asyncio.sleep(self.chance.choice((0, 0, 0.005, 0.02, 0.1)))
        self.close()

    def close(self):
        if self.connection:
            self.connection[1].close()
        self.connection = None

    # ---- requests

    def some_page(self, kind=None):
        location = self.chance.choice(self.truth.configuration.locations)
        return f"/{location.name}/{kind or choose(self.chance, OF_KINDS)}/{self.chance.randrange(PAGES)}"

    def draw(self, page=None, method=None):
        """A request, which counts as begun."""
        chance = self.chance
        ask = Ask(next(self.crowd.ids), method or chance.choice(("GET",) * 9 + ("HEAD",)), page or self.some_page(),
                  chance.choice("abc"), [])
        plain = "/ssi/" not in ask.page  # of which what is included would be another range
        if chance.random() < 0.25 and plain:
            ask.fields.append(("Accept-Encoding", "gzip"))
        if chance.random() < 0.15 and plain:
            ask.range = chance.choice(("0-299", "100-", "-500", "1000-5000", "20000-", "9000-30000", "500-900,2000-2500",
                                       "1000000-"))
            ask.fields.append(("Range", f"bytes={ask.range}"))
        etags = self.crowd.etags[ask.target]
        if etags and chance.random() < 0.15:
            ask.conditional = True
            ask.fields.append((chance.choice(("If-None-Match", "If-None-Match", "If-Range")), chance.choice(etags)))
        elif chance.random() < 0.05:
            ask.conditional = True
            date = email.utils.formatdate(EPOCH + 60 * self.truth.version[ask.target], usegmt=True)
            ask.fields.append(("If-Modified-Since", date))
        for share, fields in ((0.03, ("Authorization", "Basic YTpi")), (0.03, ("X-Bypass", "1")), (0.03, ("X-No-Store", "1")),
                              (0.02, ("Cache-Control", "no-cache")), (0.02, ("Cache-Control", "max-stale=100")),
                              (0.02, ("Cache-Control", "no-store")), (0.02, ("Cookie", "a=b"))):
            if chance.random() < share:
                ask.fields.append(fields)
        if chance.random() < 0.02:
            ask.only_if_cached = True
            ask.fields.append(("Cache-Control", "only-if-cached"))
        if "/stream/" not in ask.page:
            self.last = ask.page
        return self.begin(ask)

    def begin(self, ask):
        ask.began = self.truth.note(f"{ask} begins, {ask.fields}", ask.page)
        ask.late = self.truth.late
        self.crowd.sent += 1
        return ask

    async def within_patience(self, ask, waiting):
        self.crowd.in_flight += 1
        self.crowd.most_in_flight = max(self.crowd.most_in_flight, self.crowd.in_flight)
        try:
            async with asyncio.timeout(PATIENCE):
                return await waiting
        except TimeoutError:
            self.truth.fail(f"{ask}, begun in {ask.began}: no answer in {PATIENCE} s", ask.page)
            return None
        finally:
            self.crowd.in_flight -= 1

    def judge(self, ask, answer):
        if answer is None:
            return
        self.truth.judge(ask, answer)
        etag = answer.header("etag")
        if version_of(etag):
            self.crowd.etags[ask.target].append(etag)

    async def connect(self, receive_buffer=None):
        made = socket.socket()
        made.setblocking(False)
        if receive_buffer:
            made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        await asyncio.get_running_loop().sock_connect(made, ("127.0.0.1", self.crowd.port))
        return await asyncio.open_connection(sock=made, limit=receive_buffer or 1 << 18)

    async def ask(self, ask):
        """On the client's own connection, which nginx may have closed."""
        used = self.connection is not None
        self.connection = self.connection or await self.connect()
        reader, writer = self.connection
        writer.write(ask.written())
        answer = await self.within_patience(ask, read_answer(reader, ask.method))
        if answer is not None and answer.status is None and used:
            self.close()
            return await self.ask(ask)
        if answer is None or self.ends_connection(ask, answer):
            self.close()
        self.judge(ask, answer)
        return answer

    def ends_connection(self, ask, answer):
        """Of pieces nginx sends fewer bytes than it has announced where one is cut off, and goes on."""
        sliced = self.truth.configuration.location(ask.page.split("/")[1]).shape == "slice"
        return sliced or not answer.whole or answer.framing == "close" or answer.header("connection") == "close"

    async def ask_alone(self, ask, version="1.1"):
        reader, writer = await self.connect()
        try:
            writer.write(ask.written(version))
            answer = await self.within_patience(ask, read_answer(reader, ask.method))
            self.judge(ask, answer)
        finally:
            writer.close()

    # ---- deeds

    async def get(self):
        await self.ask(self.draw())

    async def again(self):
        """What is asked for twice at once, or a moment later."""
        await self.ask(self.draw(self.last))

    async def herd(self):
        page = self.some_page()
        await asyncio.gather(*(self.ask_alone(self.draw(page)) for _ in range(self.chance.randint(3, 10))))

    async def pipeline(self):
        asks = [self.draw(self.chance.choice((None, self.last))) for _ in range(self.chance.randint(2, 6))]
        reader, writer = await self.connect()
        try:
            writer.write(b"".join(ask.written() for ask in asks))
            for ask in asks:
                answer = await self.within_patience(ask, read_answer(reader, ask.method))
                if answer is None:
                    return
                answer.excused = ask is not asks[0]
                self.judge(ask, answer)
                if self.ends_connection(ask, answer):
                    return
        finally:
            writer.close()

    async def old(self):
        await self.ask_alone(self.draw(), "1.0")

    async def abort(self):
        """Without waiting for an answer."""
        ask = self.draw()
        _, writer = await self.connect()
        writer.write(ask.written())
        await asyncio.sleep(self.chance.choice((0, 0.001, 0.01, 0.1, 0.4)))
        if self.chance.random() < 0.5:
            writer.transport.abort()
        writer.close()

    async def abort_body(self):
        ask = self.draw(self.some_page(self.chance.choice(("large", "largevary", "plain", "ssi"))))
        reader, writer = await self.connect(receive_buffer=4096)
        writer.write(ask.written())
        await self.within_patience(ask, reader.read(self.chance.choice((1, 500, 9000))))
        writer.transport.abort()

    async def half_close(self):
        """nginx may take it for a client that left."""
        ask = self.draw()
        ask.may_fail = True
        reader, writer = await self.connect()
        try:
            writer.write(ask.written())
            writer.write_eof()
            answer = await self.within_patience(ask, read_answer(reader, ask.method))
            self.judge(ask, answer)
        finally:
            writer.close()

    async def slow(self):
        ask = self.draw(self.some_page(self.chance.choice(("large", "largevary"))), "GET")
        reader, writer = await self.connect(receive_buffer=2048)
        try:
            writer.write(ask.written())

            async def crawl():
                for _ in range(10):
                    await asyncio.sleep(0.1)
                    await reader.read(700)

            await self.within_patience(ask, crawl())
        finally:
            writer.close()

    async def stream(self):
        """Reads for a while from what does not end."""
        ask = self.draw(self.some_page("stream"), "GET")
        ask.may_fail = True
        reader, writer = await self.connect()
        try:
            writer.write(ask.written())
            async with asyncio.timeout(self.chance.choice((0.05, 0.2, 1))):
                await reader.read()
        except (TimeoutError, ConnectionError):
            pass
        finally:
            writer.close()

    async def post(self):
        ask = self.draw(method=self.chance.choice(("POST", "POST", "DELETE")))
        ask.body = b"a=b"
        ask.fields = [each for each in ask.fields if each[0] not in ("Range", "If-Range")]
        await self.ask(ask)

    async def publish(self):
        self.truth.publish(self.some_page())

    async def status(self):
        reader, writer = await self.connect()
        try:
            writer.write(b"GET /status HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
            answer = await asyncio.wait_for(read_answer(reader, "GET"), PATIENCE)
            json.loads(answer.body)
        except (ValueError, TimeoutError) as error:
            self.truth.fail(f"/status: {error!r}")
        finally:
            writer.close()

    async def delete(self):
        """As an application does, which knows its one memcached."""
        page = self.some_page()
        location = self.truth.configuration.location(page.split("/")[1])
        if self.crowd.tell is None or location.key not in ("$uri", "$request_uri") or location.raw:
            return
        requested = self.truth.request_purge(Purge(location.name, page=page))
        try:
            done = await self.crowd.tell(f"delete {location.name}-{page}\r\n".encode())
        except OSError:
            return
        if done in (b"DELETED", b"NOT_FOUND"):
            self.truth.acknowledge(requested)

    async def purge(self):
        """Of a page that is there or has just been published anew; it is asked for before and after."""
        if self.truth.configuration.pool == "off":
            return
        page = self.some_page()
        location = self.truth.configuration.location(page.split("/")[1])
        if self.chance.random() < 0.6:
            await self.ask(self.draw(page, "GET"))
            self.truth.publish(page)
        ask, purge = self.draw_purge(page, location)
        promised = location.shape != "slice" and not location.soft and not location.raw
        requested = self.truth.request_purge(purge) if promised else None
        answer = None if self.crowd.drop else await self.ask_purge(self.begin(ask))
        if requested and (self.crowd.drop or (answer is not None and self.is_done(answer))):
            self.truth.acknowledge(requested)
        await self.ask(self.draw(page, "GET"))

    def draw_purge(self, page, location):
        ask = Ask(next(self.crowd.ids), "PURGE", page, self.chance.choice("abc"), [])
        way = self.chance.choice(("page", "page", "under", "tags"))
        if location.raw or location.key not in ("$uri", "$request_uri"):
            way = "page"
        if way == "under":
            under = self.chance.choice((f"/{location.name}/", page.rpartition("/")[0] + "/"))
            ask.fields = [("Purge-Key", f"{under}*")] if self.chance.random() < 0.3 else []
            ask.page = page if ask.fields else f"{under}*"
            return ask, Purge(location.name, under=under)
        if way == "tags":
            kind = self.chance.choice(KINDS)
            tags = self.chance.choice(([f"{location.name}-{kind}"], [f"{location.name}-odd{self.chance.randrange(2)}"]))
            ask.fields = [("X-Purge-Tags", ", ".join(tags))]
            return ask, Purge(location.name, tags=tags)
        return ask, Purge(location.name, page=page)

    async def ask_purge(self, ask):
        reader, writer = await self.connect()
        try:
            writer.write(ask.written())
            answer = await self.within_patience(ask, read_answer(reader, ask.method))
            self.judge(ask, answer)
            return answer
        finally:
            writer.close()

    def is_done(self, answer):
        if answer.status == 200:
            return b'"failed"' not in answer.body
        return answer.status in (204, 404)

    # ---- HTTP/2

    async def streams(self):
        """Some requests at once on one connection; of some the client wants no more."""
        asks = [self.draw(self.chance.choice((None, self.last))) for _ in range(self.chance.randint(1, 8))]
        await Http2(self, asks).run()


HEADERS, RST_STREAM, SETTINGS, PING, GOAWAY, WINDOW_UPDATE, DATA, CONTINUATION = 1, 3, 4, 6, 7, 8, 0, 9
PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"


def frame(kind, flags, stream, payload=b""):
    return struct.pack(">I", len(payload))[1:] + struct.pack(">BBI", kind, flags, stream) + payload


class Http2:
    """One connection."""

    def __init__(self, client, asks):
        self.client, self.chance = client, client.chance
        self.asks = {2 * number + 1: ask for number, ask in enumerate(asks)}
        self.answers = {stream: Answer(framing="length") for stream in self.asks}
        self.open = set(self.asks)
        self.ended = set()
        self.was_reset = False
        self.window = self.chance.choice((2000, 16_384, 65_535, 1 << 20))
        self.decoder = hpack.Decoder()
        self.block = b""

    async def run(self):
        reloads = self.client.truth.reloads
        reader, writer = await asyncio.open_connection("127.0.0.1", self.client.crowd.http2_port)
        try:
            encoder = hpack.Encoder()
            writer.write(PREFACE + frame(SETTINGS, 0, 0, struct.pack(">HI", 4, self.window)))
            writer.write(frame(WINDOW_UPDATE, 0, 0, struct.pack(">I", 1 << 24)))
            for stream, ask in self.asks.items():
                block = encoder.encode([
                    (":method", ask.method), (":scheme", "http"), (":path", ask.page), (":authority", "localhost"),
                    ("x-id", str(ask.id)), ("x-kind", ask.kind), *((n.lower(), v) for n, v in ask.fields)])
                writer.write(frame(HEADERS, 5, stream, block))
            for stream in list(self.open):
                if self.chance.random() < 0.1:
                    self.reset(stream, writer)
            ask = next(iter(self.asks.values()))
            leaves = self.chance.random() < 0.1
            if leaves:
                await asyncio.sleep(self.chance.choice((0, 0.02, 0.3)))
                writer.transport.abort()
                return
            await self.client.within_patience(ask, self.read(reader, writer))
            if self.client.truth.reloads != reloads:
                return  # nginx takes no more requests on a connection of an old worker
            if self.was_reset and len(self.asks) >= FEW_REQUESTS:
                return  # behind the last request nginx may close without lingering: what it has sent is lost
            for stream in self.open:
                self.client.truth.fail(f"{self.asks[stream]} over HTTP/2: no answer, or none with an end", self.asks[stream].page)
        finally:
            writer.close()

    def reset(self, stream, writer):
        self.open.discard(stream)
        writer.write(frame(RST_STREAM, 0, stream, struct.pack(">I", 8)))

    async def read(self, reader, writer):
        while self.open:
            try:
                head = await reader.readexactly(9)
                payload = await reader.readexactly(int.from_bytes(head[:3], "big"))
            except (asyncio.IncompleteReadError, ConnectionError) as error:
                self.was_reset = isinstance(error, ConnectionError)
                return
            kind, flags, stream = head[3], head[4], int.from_bytes(head[5:], "big") & 0x7FFFFFFF
            self.take(kind, flags, stream, payload, writer)

    def take(self, kind, flags, stream, payload, writer):
        if kind == SETTINGS and not flags & 1:
            writer.write(frame(SETTINGS, 1, 0))
        elif kind == PING and not flags & 1:
            writer.write(frame(PING, 1, 0, payload))
        elif kind == GOAWAY:
            last = int.from_bytes(payload[:4], "big")
            code = int.from_bytes(payload[4:8], "big")
            if code:
                self.client.truth.fail(f"HTTP/2 GOAWAY with error {code}")
            self.open = {each for each in self.open if each <= last}
        elif kind in (HEADERS, CONTINUATION):
            self.block += payload
            if flags & 4:
                fields = self.decoder.decode(self.block)
                self.block = b""
                if stream in self.open:
                    answer = self.answers[stream]
                    answer.headers = {str(name): str(value) for name, value in fields}
                    answer.status = int(answer.headers[":status"])
        elif kind == DATA:
            if stream in self.ended:
                self.client.truth.fail(f"{self.asks[stream]} over HTTP/2: DATA behind END_STREAM", self.asks[stream].page)
            if stream in self.open:
                self.answers[stream].body += payload
            elif stream not in self.asks:
                self.client.truth.fail(f"HTTP/2: DATA on stream {stream}, which nobody opened")
            if payload:
                step = struct.pack(">I", len(payload))
                writer.write(frame(WINDOW_UPDATE, 0, 0, step) + (
                    frame(WINDOW_UPDATE, 0, stream, step) if not flags & 1 else b""))
        elif kind == RST_STREAM and stream in self.open:
            self.end(stream, whole=False)
            return
        if kind in (DATA, HEADERS) and flags & 1 and stream in self.open:
            self.end(stream, whole=True)

    def end(self, stream, whole):
        self.open.discard(stream)
        self.ended.add(stream)
        ask, answer = self.asks[stream], self.answers[stream]
        answer.whole = whole
        if whole and "content-length" in answer.headers and ask.method != "HEAD" and answer.status not in (204, 304):
            sliced = self.client.truth.configuration.location(ask.page.split("/")[1]).shape == "slice"
            if int(answer.header("content-length")) != len(answer.body) and not sliced:
                self.client.truth.fail(f"{ask} over HTTP/2: {len(answer.body)} bytes and END_STREAM, Content-Length "
                                       f"{answer.header('content-length')}", ask.page)
        self.client.judge(ask, answer)
