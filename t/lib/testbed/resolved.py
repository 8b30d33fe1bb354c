"""The steps of tests whose servers are the addresses of names."""

import asyncio
import itertools
from dataclasses import dataclass

from bed import Bed, Steps, until
from items import Items
from nginx import Nginx


@dataclass
class Resolved(Steps):
    bed: Bed
    nginx: Nginx
    items: Items

    def reset(self):
        self.bed.names.table = {
            "one.test": [self.bed.servers[0].host],
            "two.test": [server.host for server in self.bed.servers[:2]],
            "all.test": [server.host for server in self.bed.servers],
        }
        self.noted = {}
        self.places = {}

    async def step_name(self, name, answer):
        """From now on a name has these addresses, numbers of servers among them, or is answered so."""
        if answer not in ("nxdomain", "servfail", "silent"):
            answer = [
                self.bed.servers[int(word) - 1].host if word.isdigit() else word
                for word in answer.split()
            ]
        self.bed.names.table[name] = answer
        return "named"

    async def step_asked_again(self):
        """Waits until nginx has asked twice more: what it was told first it has taken in."""
        before = self.bed.names.questions

        async def asked():
            return self.bed.names.questions >= before + 4  # each for A and AAAA

        await until(asked, "nginx does not ask the name server again")
        return "asked"

    async def step_note_connections(self):
        for number, server in enumerate(self.bed.servers, 1):
            self.noted[number] = await server.clients() if server.process else set()
        return "noted"

    async def step_connections(self, number):
        """What became of nginx's connections to a server since they were noted."""
        noted = self.noted[int(number)]

        async def settled():
            now = await self.bed.servers[int(number) - 1].clients()
            return "kept" if now == noted else "closed" if not now & noted else None

        return await until(settled, f"{len(noted)} connections: some are kept, some not")

    async def step_where(self, prefix, n):
        """Notes which server has each of PREFIX1 to PREFIXn."""
        keys = [f"{prefix}{i}" for i in range(1, int(n) + 1)]
        self.places = {key: await self.items.holder(key) for key in keys}
        return f"{len(set(self.places.values()))} servers"

    async def step_moved(self, prefix, n):
        """Of the noted keys, how many nginx does not find where they were."""
        moved = 0
        for key in [f"{prefix}{i}" for i in range(1, int(n) + 1)]:
            answer = await self.nginx.get(key)
            address = self.bed.servers[self.places[key] - 1].address
            moved += answer.header("X-Server") != address
        return f"{moved} moved"

    async def step_load(self, prefix, n):
        """Begins to ask for PREFIX1 to PREFIXn, round and round, four at a time."""
        self.answers, self.wrong = 0, set()
        uris = itertools.cycle([f"{prefix}{i}" for i in range(1, int(n) + 1)])

        async def client():
            for uri in uris:
                answer = await self.nginx.get(uri)
                self.answers += 1
                status = answer.header("X-Mcache")
                if answer.status != 200 or not answer.text().startswith(f"{uri} "):
                    self.wrong.add(f"{uri}: {answer.status} {answer.text()}")
                elif status not in ("HIT", "MISS"):
                    self.wrong.add(f"{uri}: {status} {answer.header('X-Reason')}")

        self.load = asyncio.gather(*(client() for _ in range(4)))
        return "loaded"

    async def step_unload(self):
        """What was wrong with the answers, when there were as many again as there are by now."""
        least = max(2 * self.answers, 100)

        async def enough():
            return self.load.done() or self.answers >= least

        try:
            await until(enough, f"{self.answers} answers")
        finally:
            self.load.cancel()
            await asyncio.gather(self.load, return_exceptions=True)
        return "\n".join(["no answer was wrong", *sorted(self.wrong)][bool(self.wrong) :])
