"""A fleet over several memcacheds. nginx reaches each of them through a link, which a test can cut
for one node and not for another."""

import asyncio

from stack.fleet import WORKERS, Fleet
from stack.nginx import children
from stack.ports import free_port

CHUNK = 65536


class Link:
    """A way to a memcached. Cut, it keeps its connections, takes new ones, and passes nothing."""

    def __init__(self, memcached, host="127.0.0.1", port=None):
        self.memcached = memcached
        self.host = host
        self.port = port or free_port()
        self.address = f"{self.host}:{self.port}"
        self.whole = asyncio.Event()
        self.whole.set()
        self.opened = 0  # connections, so far
        self.writers = set()
        self.listener = None

    async def start(self):
        self.listener = await asyncio.start_server(self.serve, self.host, self.port)

    def stop(self):
        self.listener.close()
        for writer in self.writers:
            writer.close()

    def cut(self):
        self.whole.clear()

    def mend(self):
        self.whole.set()

    async def serve(self, reader, writer):
        self.opened += 1
        self.writers.add(writer)
        try:
            to_reader, to_writer = await asyncio.open_connection("127.0.0.1", self.memcached.port)
        except OSError:
            writer.close()
            return
        self.writers.add(to_writer)
        try:
            await asyncio.gather(self.pass_on(reader, to_writer), self.pass_on(to_reader, writer))
        except asyncio.CancelledError:
            pass  # the test is over

    async def pass_on(self, reader, writer):
        try:
            while data := await reader.read(CHUNK):
                await self.whole.wait()
                writer.write(data)
                await writer.drain()
        except ConnectionError:
            pass
        finally:
            self.writers.discard(writer)
            writer.close()


class Cluster(Fleet):
    def __init__(self, locations, behave, **options):
        super().__init__(locations, behave, **options)
        self.links = [Link(memcached) for memcached in self.memcacheds]

    async def start_memcacheds(self):
        await super().start_memcacheds()
        for link in self.links:
            await link.start()

    async def __aexit__(self, *failure):
        await super().__aexit__(*failure)
        for link in self.links:
            if link.listener is not None:
                link.stop()

    def addresses(self):
        return [link.address for link in self.links]

    def log(self, node, *words):
        """The lines of a node's error log that hold all these words."""
        lines = self.nginxes[node].error_log.read_text(errors="replace").splitlines()
        return [line for line in lines if all(word in line for word in words)]

    def workers(self, node):
        return {str(pid) for pid in children(self.nginxes[node].pid)}

    async def ask_all_workers(self, node, uri):
        """An answer of each worker of the node, which is reached before it has begun them."""
        answers = {}
        while len(answers) < WORKERS or set(answers) != self.workers(node):
            answer = await self.get(node, uri)
            answers[answer.worker] = answer
        return list(answers.values())
