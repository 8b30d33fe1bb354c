"""Where keys lie: nginx and pylibmc find what the other one stored, and a server more moves no more
keys than it has to."""

import shutil
import tempfile
import unittest
from collections import Counter
from pathlib import Path

import pylibmc

from stack import default_module, wait_for
from stack.memcached import Memcached
from stack.nginx import Nginx
from stack.pipelined import ask_all
from stack.ports import free_port

SERVERS = 10
ALL = range(10_000)
SOME = range(1_000)
# A pool's name of the distribution, and pylibmc's behaviours.
DISTRIBUTIONS = {
    "modula": {"distribution": "modula"},
    "consistent": {"distribution": "consistent"},
    "ketama": {"ketama": True},
    "ketama_weighted": {"ketama_weighted": True},
}
# murmur3 has no name in pylibmc.
HASHES = ["default", "md5", "crc", "fnv1_64", "fnv1a_64", "fnv1_32", "fnv1a_32", "hsieh", "murmur",
          "jenkins"]

CONF = """
load_module modules/ngx_http_mcache_module.so;
worker_processes 1;
events { worker_connections 1024; }
http {
    access_log off;
    keepalive_requests 1000000;
%(pools)s
    map $uri $key { "~^/[^/]+(?<rest>/.*)" $rest; }
    upstream origin { server unix:%(folder)s/origin; keepalive 8; }
    server {
        listen 8080;
        mcache_key $key;
        mcache_valid 1h;
        mcache_format raw;
        add_header X-Cache-Status $mcache_status always;
        add_header X-Server $mcache_server always;
        proxy_http_version 1.1;
        proxy_set_header Connection "";
%(locations)s
    }
    server {
        listen unix:%(folder)s/origin;
        default_type text/plain;
        location / { return 200 "nginx $uri"; }
    }
}
"""


def key_of(uri):
    """Without the name of the pool."""
    return uri[uri.index("/", 1) :]


class Placed(unittest.TestCase):
    """nginx with pools over the same servers, /NAME/ in front of each."""

    pools = {}  # name: (how many of the servers, further lines of the block)

    @classmethod
    def setUpClass(cls):
        cls.folder = Path(tempfile.mkdtemp(prefix="mcache-placement-"))
        cls.addClassCleanup(shutil.rmtree, cls.folder, ignore_errors=True)
        cls.folder.chmod(0o755)
        cls.memcacheds = [Memcached(cls.folder) for _ in range(SERVERS + 1)]
        for memcached in cls.memcacheds:
            memcached.start()
            cls.addClassCleanup(memcached.stop)
        conf = cls.folder / "placement.conf"
        conf.write_text(CONF % {
            "folder": cls.folder,
            "pools": "\n".join(cls.block(name, *pool) for name, pool in cls.pools.items()),
            "locations": "\n".join(f"location /{name}/ {{ mcache {name}; proxy_pass http://origin; }}"
                                   for name in cls.pools),
        })
        cls.nginx = Nginx(cls.folder, default_module().resolve(), conf, free_port(), {})
        cls.nginx.start()
        cls.addClassCleanup(cls.nginx.stop)

    @classmethod
    def block(cls, name, size, lines):
        servers = " ".join(f"server {memcached.address};" for memcached in cls.memcacheds[:size])
        return f"    mcache_pool {name} {{ {servers} {lines} }}"

    def flush(self):
        for memcached in self.memcacheds:
            memcached.flush()


class Pylibmc(Placed):
    pools = {
        f"{distribution}-{key_hash}": (SERVERS, f"distribution {distribution}; hash {key_hash};")
        for distribution in DISTRIBUTIONS for key_hash in HASHES
        if key_hash != "hsieh"  # not in Debian's libmemcached
    }

    def client(self, pool):
        distribution, key_hash = pool.split("-")
        addresses = [memcached.address for memcached in self.memcacheds[:SERVERS]]
        return pylibmc.Client(addresses, behaviors=DISTRIBUTIONS[distribution] | {"hash": key_hash})

    def both_ways(self, pool, numbers):
        self.flush()
        client = self.client(pool)
        written = {f"/{pool}/by-pylibmc/{n}": f"pylibmc {n}".encode() for n in numbers}
        self.assertEqual(client.set_multi({key_of(uri): value for uri, value in written.items()}), [])
        answers = ask_all(self.nginx.port, list(written))
        self.assertEqual(Counter(a.headers["x-cache-status"] for a in answers.values()),
                         {"HIT": len(numbers)})
        self.assertEqual({uri: answer.body for uri, answer in answers.items()}, written)

        uris = [f"/{pool}/by-nginx/{n}" for n in numbers]
        answers = ask_all(self.nginx.port, uris)
        self.assertEqual(Counter(a.headers["x-cache-status"] for a in answers.values()),
                         {"MISS": len(numbers)})
        keys = {key_of(uri): f"nginx {uri}".encode() for uri in uris}
        self.assertEqual(self.found(client, list(keys)), keys)

    @staticmethod
    def found(client, keys):
        """What pylibmc finds, once the last of it was stored."""

        def complete():
            values = client.get_multi(keys)
            return values if len(values) == len(keys) else None

        return wait_for(complete, "pylibmc to find all that nginx stored")

    def test_ten_thousand_keys(self):
        for distribution in DISTRIBUTIONS:
            with self.subTest(distribution):
                self.both_ways(f"{distribution}-default", ALL)

    def test_every_hash(self):
        for pool in self.pools:
            with self.subTest(pool):
                self.both_ways(pool, SOME)


class OneServerMore(Placed):
    pools = {
        f"{distribution}-{size}": (size, f"distribution {distribution};")
        for distribution in DISTRIBUTIONS for size in (SERVERS, SERVERS + 1)
    }

    def moved(self, distribution):
        """How many of the keys lie elsewhere when there is a server more, and where."""
        self.flush()
        ten, eleven = (f"{distribution}-{size}" for size in (SERVERS, SERVERS + 1))
        ask_all(self.nginx.port, [f"/{ten}/page/{n}" for n in ALL])
        wait_for(lambda: self.stored() == len(ALL), "all pages to be stored")
        answers = ask_all(self.nginx.port, [f"/{eleven}/page/{n}" for n in ALL]).values()
        misses = [answer for answer in answers if answer.headers["x-cache-status"] == "MISS"]
        return Counter(answer.headers["x-server"] for answer in misses)

    def stored(self):
        return sum(int(memcached.stats()["curr_items"]) for memcached in self.memcacheds)

    def test_about_a_tenth_of_the_keys_moves(self):
        new = self.memcacheds[SERVERS].address
        for distribution in DISTRIBUTIONS:
            with self.subTest(distribution):
                moved = self.moved(distribution)
                print(f"\n{distribution}: of {len(ALL)} keys {moved.total()} moved, "
                      f"{moved[new]} of them to the new server")
                if distribution == "modula":
                    self.assertGreater(moved.total(), len(ALL) / 2)
                else:
                    self.assertEqual(set(moved), {new})
                    self.assertGreater(moved.total(), len(ALL) / 22)
                    self.assertLess(moved.total(), len(ALL) / 6)
