"""A cluster whose memcacheds are the addresses of one name, which a test changes."""

import sys

from stack.cluster import Cluster, Link
from stack.fleet import until
from stack.ports import free_port
from stack.running import PROJECT

sys.path.append(str(PROJECT / "t/lib/testbed"))
from names import Names  # noqa: E402

NAME = "memcached.test"


class NamedCluster(Cluster):
    def __init__(self, locations, behave, **options):
        super().__init__(locations, behave, **options)
        self.port = free_port()
        self.links = [
            Link(memcached, f"127.0.0.{31 + number}", self.port)
            for number, memcached in enumerate(self.memcacheds)
        ]
        self.names = Names()
        self.called = 0
        self.said_before = []  # by node: lines of its log when nothing had changed yet
        self.call(range(len(self.links)))

    def call(self, numbers):
        """From now on the name has the addresses of these memcacheds."""
        self.names.table[NAME] = [self.links[number].host for number in numbers]
        self.called += 1

    async def start_memcacheds(self):
        await super().start_memcacheds()
        resolver = await self.names.listen()
        self.http += f" resolver 127.0.0.1:{resolver}; resolver_timeout 1s;"

    async def __aenter__(self):
        await super().__aenter__()
        workers = sum(len(self.workers(node)) for node in range(self.nodes))
        # For both kinds of address, and who asks for the second time has taken the first answer in.
        await until(lambda: self.names.questions >= 2 * 2 * workers, "the first answers")
        self.called = 0
        self.said_before = [self.said(node) for node in range(self.nodes)]
        return self

    async def __aexit__(self, *failure):
        await super().__aexit__(*failure)
        if self.names.transport is not None:
            self.names.transport.close()

    def addresses(self):
        return [f"{NAME}:{self.port} resolve"]

    def said(self, node):
        return len(self.log(node, f'"{NAME}" of pool'))

    async def all_know(self):
        """Waits until each worker of each node has taken the last call in: it writes one line."""

        def know():
            return all(
                self.said(node) - self.said_before[node] == self.called * len(self.workers(node))
                for node in range(self.nodes)
            )

        await until(know, "all workers to know the servers")
