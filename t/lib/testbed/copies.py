"""Steps for pages that lie on more than one memcached, and for the one of them that is away.

`primary URI` and `holder KEY` say which server is meant by the steps that come after."""

from dataclasses import dataclass

from bed import Bed, Steps, until
from nginx import Nginx
from outages import Outages


@dataclass
class Copies(Steps):
    bed: Bed
    nginx: Nginx
    outages: Outages

    def reset(self):
        self.chosen = None
        self.stopped = set()

    async def having(self, key):
        """The servers that have the item; a stub is none. Those that stand still are not asked."""
        found = []
        for server in self.bed.servers:
            if server.process is not None and server not in self.stopped:
                item = await server.get(key)
                if item is not None and not item.is_stub:
                    found.append(server)
        return found

    async def step_copies(self, n, key):
        """Waits until so many servers have the item."""

        async def so_many():
            return len(await self.having(key)) == int(n)

        await until(so_many, f"{key} is not on {n} servers")
        return n

    async def step_holder(self, key):
        """The one server that has the item."""
        found = []

        async def there():
            found[:] = await self.having(key)
            return found

        await until(there, f"{key} is in no memcached")
        assert len(found) == 1, f"{key} is on {len(found)} servers"
        self.chosen = found[0]
        return "found"

    async def step_primary(self, uri):
        """The server that answers for the page, which is sent as X-Server."""
        answer = await self.nginx.get(uri)
        self.chosen = next(s for s in self.bed.servers if s.address == answer.header("X-Server"))
        return answer.header("X-Mcache")

    async def do(self, server, do):
        if do == "stop":
            self.stopped.add(server)
        elif do == "resume":
            self.stopped.discard(server)
        await self.outages.step_memcached(do, str(self.bed.servers.index(server) + 1))

    async def step_it(self, do):
        await self.do(self.chosen, do)
        return do

    async def step_others(self, do):
        for server in self.bed.servers:
            if server is not self.chosen:
                await self.do(server, do)
        return do

    async def step_not_again(self, uri, text):
        """Asks until the server in question has answered with a page; none is to be that text."""

        async def answered():
            answer = await self.nginx.get(uri)
            assert answer.status == 200, f"{uri}: {answer.status}"
            assert answer.text() != text, f"{text} came again: {answer.headers}"
            back = answer.header("X-Server") == self.chosen.address
            return back and answer.header("X-Mcache") == "HIT"

        await until(answered, f"{uri} is not served by {self.chosen.address} again")
        return "not again"

    async def step_index_not_again(self, key, text):
        """Asks until the server in question has the index of a page with variants again."""

        async def answered():
            answer = await self.nginx.get(key)
            assert answer.text() != text, f"{text} came again: {answer.headers}"
            return self.chosen in await self.having(key) and answer.header("X-Mcache") == "HIT"

        await until(answered, f"{key} is not on {self.chosen.address} again")
        return "not again"

    async def step_by(self, uri):
        """How a request was answered, and whether the server in question did."""
        answer = await self.nginx.get(uri)
        it = answer.header("X-Server") == self.chosen.address
        body = answer.text()
        return f"{answer.header('X-Mcache')} by {'it' if it else 'another'}: {body}"
