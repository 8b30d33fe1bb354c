"""Steps for clients: one request after the other, or many that are under way together."""

import asyncio
import re
import shlex
from dataclasses import dataclass

import processes
from bed import Bed, Steps, until
from client import KeptConnection, request, summary
from items import Items
from nginx import Nginx


@dataclass
class Asking(Steps):
    bed: Bed
    nginx: Nginx
    items: Items

    async def step_count(self, path):
        return self.bed.origin.counts.get(path, 0)

    async def step_counted(self, n, path):
        async def counted():
            return self.bed.origin.counts.get(path, 0) == int(n)

        await until(counted, f"{path} was not asked for {n} times")
        return n

    async def step_status(self, status, uri):
        """Asks until $mcache_status, sent as X-Mcache, is that one."""

        async def seen():
            answer = await self.nginx.get(uri)
            return re.fullmatch(status, answer.header("X-Mcache") or "")

        await until(seen, f"{uri} is not {status}")
        return status

    async def step_asked(self, stat, uri):
        """By how much a request raises a counter of memcached's."""
        before = int((await self.bed.servers[0].stats())[stat])
        await self.nginx.get(uri)
        return int((await self.bed.servers[0].stats())[stat]) - before

    async def step_parallel(self, n, uris):
        uris = uris.split() * int(n)
        return summary(uris, await asyncio.gather(*map(self.nginx.get, uris)))

    async def held(self, n, uris, meanwhile=None):
        """N requests for each URI, all under way while memcached stands still."""
        server = self.bed.servers[0]
        server.stop()
        try:
            tasks = await self.nginx.begin(uris.split() * int(n))
            if meanwhile is not None:
                await meanwhile(tasks)
        finally:
            server.resume()
        return tasks

    async def step_in_flight(self, n, uris):
        """What came of requests that were under way together."""
        answers = await asyncio.gather(*await self.held(n, uris))
        return summary(uris.split() * int(n), answers)

    async def step_one_turn(self, n, uris):
        """What came of requests that a turn of nginx's event loop found all together, and how many
        lookups memcached saw."""
        uris = uris.split() * int(n)
        before = int((await self.bed.servers[0].stats())["cmd_get"])
        port = self.bed.port
        connections = await asyncio.gather(*(KeptConnection.open(port) for _ in uris))
        (worker,) = self.nginx.children(self.nginx.master())
        processes.stop(int(worker))
        try:
            for connection, uri in zip(connections, uris):
                await connection.send(uri)

            async def delivered():
                return all(connection.delivered() for connection in connections)

            await until(delivered, "the requests did not reach nginx")
        finally:
            processes.resume(int(worker))
        answers = await asyncio.gather(*(connection.answer() for connection in connections))
        lookups = int((await self.bed.servers[0].stats())["cmd_get"]) - before
        return f"{summary(uris, answers)}\nlookups {lookups}"

    async def step_in_flight_reload(self, n, uris):
        """The same with a reload while they wait."""

        async def reload(_):
            await self.nginx.step_reload()

        answers = await asyncio.gather(*await self.held(n, uris, reload))
        return summary(uris.split() * int(n), answers)

    async def step_abandon(self, n, uris):
        """Clients that reset their connections while memcached stands still."""

        async def leave(tasks):
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

        await self.held(n, uris, leave)
        return "abandoned"

    async def step_half_abandon(self, n, uri):
        """Every second client resets its connection; what came of the others."""

        async def leave(tasks):
            for task in tasks[::2]:
                task.cancel()
            await asyncio.gather(*tasks[::2], return_exceptions=True)

        tasks = (await self.held(n, uri, leave))[1::2]
        return summary([uri] * len(tasks), await asyncio.gather(*tasks))

    async def step_abort(self, uri):
        """A client that leaves as soon as the first byte of the answer has come."""
        answer = await request(self.bed.port, "GET", uri, (), first_byte_only=True)
        return f"left after {answer.status}"

    async def step_curl(self, arguments):
        """What curl says: the header where it is asked for with -i, the status line first."""
        return await self.run("curl", "-sS", *shlex.split(arguments))

    async def step_nghttp(self, arguments):
        """An HTTP/2 client that sends several requests at once on one connection."""
        return await self.run("nghttp", *shlex.split(arguments))

    @staticmethod
    async def run(*command):
        process = await asyncio.create_subprocess_exec(
            *command, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
        )
        output, _ = await process.communicate()
        return output.replace(b"\r\n", b"\n"), []

    async def step_local(self, times, uris):
        """How many pages came from nginx's own memory when each was asked for the last time.
        /t/1..9 stands for nine of them."""
        pages = []
        for uri in uris.split():
            prefix, dots, last = uri.partition("1..")
            pages += [f"{prefix}{i}" for i in range(1, int(last) + 1)] if dots else [uri]
        for _ in range(int(times)):
            answers = [await self.nginx.get(page) for page in pages]
            await self.items.step_settled()
        return f"{sum(answer.header('X-Local') == '1' for answer in answers)} of {len(pages)}"

    async def step_purged(self, uri):
        """The status of a PURGE, and the numbers of the servers that are said to have failed."""
        answer = await self.nginx.get(uri, "PURGE")
        text = answer.text()
        failed = [str(n) for n, server in enumerate(self.bed.servers, 1) if server.address in text]
        return " ".join([str(answer.status), *failed])

    async def step_purge_until(self, status, uri):
        async def answered():
            return (await self.nginx.get(uri, "PURGE")).status == int(status)

        await until(answered, f"PURGE {uri} is not answered {status}")
        return status

    async def step_statuses(self, prefix, n):
        """What became of PREFIX1 to PREFIXn, by the server of the key, which is the URI."""
        seen = set()
        for i in range(1, int(n) + 1):
            answer = await self.nginx.get(f"{prefix}{i}")
            holder = await self.items.holder(f"{prefix}{i}")
            seen.add(f"{answer.header('X-Mcache')} as on {holder}")
        return ", ".join(sorted(seen))
