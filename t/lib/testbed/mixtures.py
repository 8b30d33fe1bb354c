"""Steps for requests of all kinds behind each other on one connection.

    mixture(n, seed)    N connections with a hundred requests each, in one write, or in pieces of any size;
                        "N requests, right", or what was answered instead

What the locations are for is in t/pipelined.t. Each page that is not to be a hit has a path of its own.
"""

import asyncio
import random
from dataclasses import dataclass

from bed import Bed, Steps
from items import Items
from nginx import Nginx
from pipelined import Reply, split_answers

PATIENCE = 60.0
LENGTH = 100
PAGE, LARGE = "/hit", "/parts?size=300000"
JSON = ("Content-Type: application/json",)


@dataclass
class Wanted:
    """A request, and its answer: the status, what mcache says of it, and the body."""

    method: str
    uri: str
    status: int
    says: str
    body: bytes | None = None  # None: any
    headers: tuple = ()
    sends: bytes = b""
    chunked: bool = False

    def written(self):
        lines = [f"{self.method} {self.uri} HTTP/1.1", "Host: localhost", *self.headers]
        body = self.sends
        if self.chunked:
            lines.append("Transfer-Encoding: chunked")
            body = b"%x\r\n%s\r\n0\r\n\r\n" % (len(body), body)
        elif body:
            lines.append(f"Content-Length: {len(body)}")
        return ("\r\n".join(lines) + "\r\n\r\n").encode() + body

    def wrong_in(self, answer):
        says = (answer.header("X-Mcache") or "-").split(",")[0]
        if (answer.status, says) == (self.status, self.says) and self.body in (None, answer.body):
            return None
        return (f"{self.method} {self.uri} {self.headers}: {answer.status} {says} {answer.text()}, "
                f"not {self.status} {self.says} {self.body!r:.60}")  # fmt: skip


def counted(path, number=1):
    return f"{path} {number}\n".encode()


def page(path, size):
    line = counted(path).replace(b"\n", b" ")
    return (line * (size // len(line) + 1))[:size]


# Each makes one or some requests that follow each other; `path` is nobody else's.
KINDS = {
    "hit": lambda path: [Wanted("GET", PAGE, 200, "HIT", counted("/hit"))],
    "head": lambda path: [Wanted("HEAD", PAGE, 200, "HIT", b"")],
    "range": lambda path: [Wanted("GET", PAGE, 206, "HIT", b"/h", ("Range: bytes=0-1",))],
    "condition": lambda path: [Wanted("GET", PAGE, 304, "HIT", b"", ('If-None-Match: "v"',))],
    "unsatisfied": lambda path: [Wanted("GET", PAGE, 416, "HIT", None, ("Range: bytes=99-",))],
    "parts": lambda path: [Wanted("GET", LARGE, 200, "HIT", page("/parts", 300000))],
    "head of parts": lambda path: [Wanted("HEAD", LARGE, 200, "HIT", b"")],
    "range of parts": lambda path: [
        Wanted("GET", LARGE, 206, "HIT", page("/parts", 300000)[99999:200000], ("Range: bytes=99999-199999",))
    ],
    "fill and hit": lambda path: [
        Wanted("GET", path, 200, "MISS", counted(path)), Wanted("GET", path, 200, "HIT", counted(path)),
    ],
    "slow fill": lambda path: [Wanted("GET", f"{path}?delay=20", 200, "MISS", counted(path))],
    "large fill": lambda path: [Wanted("GET", f"{path}?size=100000", 200, "MISS", page(path, 100000))],
    "chunked fill": lambda path: [Wanted("GET", f"{path}?framing=chunked", 200, "MISS", counted(path))],
    "head fill": lambda path: [
        Wanted("HEAD", path, 200, "MISS", b""), Wanted("GET", path, 200, "HIT", counted(path)),
    ],
    "missing": lambda path: [Wanted("GET", f"{path}?status=404", 404, "MISS", counted(path))],
    "not stored": lambda path: [Wanted("HEAD", f"{path}?h=Cache-Control:private", 200, "MISS", b"")],
    "ignored": lambda path: [Wanted("GET", f"/ignored{path}", 200, "BYPASS", counted(f"/ignored{path}"))],
    "post": lambda path: [Wanted("POST", path, 200, "BYPASS", counted(path), (), b"x" * 3000)],
    "chunked post": lambda path: [
        Wanted("POST", path, 200, "BYPASS", counted(path), (), b"GET /smuggled HTTP/1.1\r\n\r\n", True)
    ],
    "get with a body": lambda path: [Wanted("GET", path, 200, "BYPASS", counted(path), (), b"x" * 500)],
    "refused, body unread": lambda path: [Wanted("POST", "/refused", 405, "-", None, (), b"x" * 3000)],
    "hit, body unread": lambda path: [
        Wanted("POST", f"/posted{path}", 200, "MISS", counted(f"/posted{path}"), (), b"x" * 3000),
        Wanted("POST", f"/posted{path}", 200, "HIT", counted(f"/posted{path}"), (), b"GET / HTTP/1.1\r\n" * 300),
    ],
    "purge": lambda path: [
        Wanted("GET", path, 200, "MISS", counted(path)), Wanted("PURGE", path, 204, "BYPASS", b""),
        Wanted("GET", path, 200, "MISS", counted(path, 2)), Wanted("PURGE", f"{path}none", 404, "BYPASS"),
    ],
    "purge of a list": lambda path: [
        Wanted("GET", path, 200, "MISS", counted(path)),
        Wanted("PURGE", "/list", 200, "BYPASS", None, JSON, f'["{path}"]'.encode()),
        Wanted("GET", path, 200, "MISS", counted(path, 2)),
    ],
    "purge of no list": lambda path: [
        Wanted("PURGE", path, 415, "BYPASS", None, ("Content-Type: text/html",), b"x" * 3000)
    ],
}  # fmt: skip


@dataclass
class Mixtures(Steps):
    bed: Bed
    nginx: Nginx
    items: Items

    async def mixture(self, number, chance):
        wanted = []
        while len(wanted) < LENGTH:
            kind = chance.choice(list(KINDS))
            wanted += KINDS[kind](f"/{number}/{len(wanted)}")
        wanted.append(Wanted("GET", PAGE, 200, "HIT", counted("/hit"), ("Connection: close",)))
        data = b"".join(one.written() for one in wanted)
        transport, reply = await asyncio.get_running_loop().create_connection(
            Reply, "127.0.0.1", self.bed.port
        )
        try:
            while data:
                size = len(data) if number % 2 else chance.randrange(1, 2000)
                transport.write(data[:size])
                data = data[size:]
                await asyncio.sleep(0)
            await asyncio.wait_for(reply.ended, PATIENCE)
        finally:
            transport.close()
        answers = split_answers(b"".join(reply.pieces), [one.method for one in wanted])
        for one, answer in zip(wanted, answers):
            if wrong := one.wrong_in(answer):
                raise RuntimeError(f"{number}: {wrong}")
        if len(answers) < len(wanted):
            raise RuntimeError(f"{number}: no answer to {wanted[len(answers)]}")
        return len(answers)

    async def step_mixture(self, n, seed):
        for uri in (f'{PAGE}?etag=v', LARGE):
            await self.nginx.get(uri)
            await self.items.step_stored(uri.partition("?")[0])
        counts = await asyncio.gather(
            *(self.mixture(number, random.Random(int(seed) + number)) for number in range(int(n)))
        )
        return f"{sum(counts)} requests, right"
