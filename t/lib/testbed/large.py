"""Steps for large bodies: each byte that a client gets is compared with what the origin sent."""

import asyncio
import random
import re
from collections import Counter
from dataclasses import dataclass, field

from bed import Bed, Steps, until
from client import read_head, written
from items import Items
from origin import Request, body_of
from visitors import connect_slowly

PART = "%00part"


@dataclass
class LargeBodies(Steps):
    bed: Bed
    items: Items
    readers: dict = field(default_factory=dict)

    def reset(self):
        for _, writer, _, _ in self.readers.values():
            writer.close()
        self.readers = {}

    def verdict(self, uri, answer, complete):
        """Of which fill the body is, which depends on how often the origin was asked."""
        request = Request("GET", uri, [])
        begin = 0
        where = f"{len(answer.body)} bytes"
        ranged = re.fullmatch(r"bytes (\d+)-(\d+)/(\d+)", answer.header("Content-Range") or "")
        if ranged:
            begin = int(ranged[1])
            where = ranged[0]
        if not complete:
            where = "broken off"
        fills = [
            number
            for number in range(1, self.bed.origin.counts.get(request.path, 0) + 1)
            if body_of(request, number, 1)[begin : begin + len(answer.body)] == answer.body
        ]
        of = f"of fill {fills[-1]}" if fills else "of no fill" if answer.body else "empty"
        return f"{answer.status} {answer.header('X-Mcache') or '-'} {where}, {of}"

    @staticmethod
    async def read_body(reader, answer):
        """Whether all of it came: what has no length is whole where the connection does not break."""
        wanted = int(answer.header("Content-Length") or -1)
        pieces = []
        while wanted:
            try:
                piece = await reader.read(min(wanted, 65536) if wanted > 0 else 65536)
            except ConnectionError:
                break
            if not piece:
                wanted = max(wanted, 0)
                break
            pieces.append(piece)
            wanted -= len(piece) if wanted > 0 else 0
        answer.body = b"".join(pieces)
        return not wanted

    async def step_whole(self, uri, headers=""):
        """What came of a request: `headers` are Name:value, separated by semicolons."""
        fields = [tuple(field.split(":", 1)) for field in headers.split(";") if field]
        reader, writer = await asyncio.open_connection("127.0.0.1", self.bed.port)
        try:
            writer.write(written("GET", uri, [("Connection", "close"), *fields]))
            answer = await read_head(reader)
            return self.verdict(uri, answer, await self.read_body(reader, answer))
        finally:
            writer.close()

    async def step_slow(self, name, uri):
        """A client that has the header, and takes no more of the body until it is told to."""
        reader, writer = await connect_slowly(self.bed.port)
        writer.write(written("GET", uri, [("Connection", "close")]))
        self.readers[name] = reader, writer, uri, await read_head(reader)
        return "slow"

    async def step_go_on(self, name):
        reader, writer, uri, answer = self.readers.pop(name)
        try:
            return self.verdict(uri, answer, await self.read_body(reader, answer))
        finally:
            writer.close()

    async def step_turn_away(self, name):
        _, writer, _, _ = self.readers.pop(name)
        writer.close()
        return "gone"

    async def part_keys(self):
        keys = []
        for server in self.bed.servers:
            if server.process is not None:
                keys += [(server, key) for key in await server.keys() if key.endswith(PART)]
        return keys

    async def step_parts(self, n):
        """Waits until so many parts lie in memcached."""

        async def there():
            return len(await self.part_keys()) == int(n)

        await until(there, f"{len(await self.part_keys())} parts lie in memcached")
        return n

    async def part(self, number):
        """The server and the key of one part. memcached's walk misses an item that moves meanwhile."""

        async def found():
            keys = await self.part_keys()
            return next((where for where in keys if where[1].endswith(f"-{number}{PART}")), None)

        return await until(found, f"there is no part {number} in memcached")

    async def step_drop_part(self, number):
        """Takes one part away, as memcached does when it needs the room."""
        server, key = await self.part(number)
        assert await server.delete(key), f"{key} is gone already"
        return "dropped"

    async def step_spoil_part(self, number):
        """Writes something else over one part."""
        server, key = await self.part(number)
        item = await server.get(key)
        assert await server.set(key, item.value[:-1], item.flags), f"{key} was not set"
        return "spoilt"

    async def drop_parts(self, number):
        """Takes that part of each page away where there is one."""
        for server, key in await self.part_keys():
            if key.endswith(f"-{number}{PART}"):
                await server.delete(key)

    async def step_storm(self, n, uris):
        """N requests at random, eight at a time, for pages that do not all fit into memcached: whole
        or a range, fast or slow, and now and then a page or a part is taken away. Says what was
        wrong, and that there was each of what has to be seen."""
        chance = random.Random("1")
        uris = uris.split()
        left = iter(range(int(n)))
        seen = Counter()
        wrong = set()

        async def one():
            uri = chance.choice(uris)
            size = int(re.search(r"size=(\d+)", uri)[1])
            if chance.random() < 0.05:
                await self.items.step_delete(f"http://localhost{uri}")
            if chance.random() < 0.1:
                await self.drop_parts(chance.randrange(size // 524288 + 1))
            headers = ""
            if chance.random() < 0.3:
                first = chance.randrange(size)
                headers = f"Range:bytes={first}-{chance.randrange(first, size)}"
            if chance.random() < 0.3:
                name = f"storm {next(left, 0)} {chance.random()}"
                await self.step_slow(name, uri)
                await asyncio.sleep(chance.random() / 20)
                said = await self.step_go_on(name)
            else:
                said = await self.step_whole(uri, headers)
            kind = re.fullmatch(r"(\d+) (\w+) (broken off|\d+ bytes|bytes \S+), of fill \d+", said)
            if not kind or (kind[3].endswith(" bytes") and kind[3] != f"{size} bytes"):
                wrong.add(f"{uri} {headers}: {said}")
            else:
                seen[f"{kind[1]} {kind[2]}"] += 1
                seen["broken off"] += kind[3] == "broken off"

        async def client():
            for _ in left:
                await one()

        await asyncio.gather(*(client() for _ in range(8)))
        evictions = int((await self.bed.servers[0].stats())["evictions"])
        missed = [what for what in ("200 HIT", "200 MISS", "206 HIT") if not seen[what]]
        if wrong or missed or not evictions:
            return f"wrong: {sorted(wrong)}, never seen: {missed}, evictions: {evictions}"
        return "each body was right, or broken off"
