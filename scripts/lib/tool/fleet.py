"""All servers of a pool: a connection to each, and what lies where."""

from tool.placement import Placement
from tool.wire import Connection, Down


class Fleet:
    def __init__(self, pool, timeout):
        self.pool = pool
        self.timeout = timeout
        self.placement = Placement(pool.servers, pool.distribution, pool.hash)
        self.connections = {}
        self.down = {}  # name of a server: why it cannot be asked

    def __enter__(self):
        return self

    def __exit__(self, *failure):
        for connection in self.connections.values():
            connection.close()

    def home(self, key):
        """The server that a key belongs to."""
        return self.pool.servers[self.placement.locate(key)]

    def copies(self, key):
        """The servers on which a page may lie, where the pool keeps copies."""
        return self.placement.candidates(key, self.pool.candidates)

    def order(self, key):
        """All servers, that of the key first: with replicas, or after a change of the pool, a page
        may lie on another."""
        home = self.home(key)
        return [home, *(server for server in self.pool.servers if server is not home)]

    def ask(self, server, command):
        """command(connection); None where the server is down, which `down` then names."""
        if server.name in self.down:
            return None
        try:
            if server.name not in self.connections:
                self.connections[server.name] = Connection(
                    server, self.timeout, self.pool.auth, self.pool.tls)
            return command(self.connections[server.name])
        except Down as error:
            self.down[server.name] = str(error)
            connection = self.connections.pop(server.name, None)
            if connection:
                connection.close()
            return None

    def ask_all(self, command):
        """[(server, its answer)]; None for those that are down."""
        return [(server, self.ask(server, command)) for server in self.pool.servers]
