"""Which server a key belongs to: libmemcached says so, set up as src/memcached/placement/ring.cpp does."""

import ctypes

from tool import Refused

# libmemcached-1.0/types/behavior.h, server_distribution.h and hash.h.
BEHAVIOR_HASH, BEHAVIOR_KETAMA, BEHAVIOR_DISTRIBUTION, BEHAVIOR_KETAMA_WEIGHTED = 2, 3, 9, 16
DISTRIBUTIONS = {
    "modula": (BEHAVIOR_DISTRIBUTION, 0),
    "consistent": (BEHAVIOR_DISTRIBUTION, 1),
    "ketama": (BEHAVIOR_KETAMA, 1),
    "ketama_weighted": (BEHAVIOR_KETAMA_WEIGHTED, 1),
}
HASHES = ["default", "md5", "crc", "fnv1_64", "fnv1a_64", "fnv1_32", "fnv1a_32", "hsieh", "murmur",
          "jenkins", "murmur3"]


def library():
    for name in ("libmemcached.so.11", "libmemcached.so"):
        try:
            found = ctypes.CDLL(name)
        except OSError:
            continue
        found.memcached_create.restype = ctypes.c_void_p
        found.memcached_generate_hash.restype = ctypes.c_uint32
        return found
    raise Refused("libmemcached is not installed, which says on which server a key lies (Debian: "
                  "libmemcached11)")


class Placement:
    """servers: Server of tool.pool."""

    def __init__(self, servers, distribution, hash_name):
        self.servers, self.distribution, self.hash = servers, distribution, hash_name
        self.memc = None
        if len(servers) == 1:
            return
        if distribution not in DISTRIBUTIONS:
            raise Refused(f"distribution {distribution} is not one of {', '.join(DISTRIBUTIONS)}")
        if hash_name not in HASHES:
            raise Refused(f"hash {hash_name} is not one of {', '.join(HASHES)}")
        self.library = library()
        self.memc = ctypes.c_void_p(self.library.memcached_create(None))
        self.set(BEHAVIOR_HASH, HASHES.index(hash_name))
        self.set(*DISTRIBUTIONS[distribution])
        for server in servers:
            self.add(server)

    def set(self, behavior, value):
        if self.library.memcached_behavior_set(self.memc, behavior, ctypes.c_uint64(value)) != 0:
            raise Refused("this libmemcached has not that hash or distribution")

    def add(self, server):
        weight = ctypes.c_uint32(server.weight)
        if server.path:
            failed = self.library.memcached_server_add_unix_socket_with_weight(
                self.memc, server.path.encode(), weight)
        else:
            failed = self.library.memcached_server_add_with_weight(
                self.memc, server.host.encode(), ctypes.c_uint16(server.port), weight)
        if failed:
            raise Refused(f"libmemcached does not take the server {server.name}")

    def locate(self, key):
        """Index of the server of a key, as memcached sees it."""
        if self.memc is None:
            return 0
        return self.library.memcached_generate_hash(self.memc, key, ctypes.c_size_t(len(key)))

    def candidates(self, key, count):
        """The servers on which copies may lie: that of the key, the one that would be its server
        without that, then those that follow in the list (src/memcached/placement/placement.h)."""
        first = self.servers[self.locate(key)]
        if count == 1 or len(self.servers) == 1:
            return [first]
        others = [server for server in self.servers if server is not first]
        second = others[Placement(others, self.distribution, self.hash).locate(key)]
        at = self.servers.index(second)
        rest = [server for server in self.servers[at:] + self.servers[:at]
                if server is not first and server is not second]
        return [first, second, *rest][:count]
