"""Several nginx over one memcached or several, an origin that a test scripts, and clients without number: all
on one asyncio loop, in one process."""

import asyncio
import shutil
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from stack.memcached import Memcached
from stack.nginx import Nginx
from stack.ports import free_port
from stack.running import default_module

WORKERS = 2  # of a node
CONF = """
load_module modules/ngx_http_mcache_module.so;
%(main)s
worker_processes %(workers)s;
worker_rlimit_nofile 8192;
error_log /var/log/nginx/error.log notice;
events { worker_connections 4096; }
http {
    access_log off;
    mcache_pool pages {
%(pool)s
    }
    upstream origin { server 127.0.0.1:%(origin)s; }
%(http)s
    server {
        listen 8080 reuseport backlog=4096;
        add_header X-Cache-Status $mcache_status always;
        add_header X-Cache-Reason $mcache_reason always;
        add_header X-Worker $pid always;
        proxy_set_header X-Worker $pid;
        proxy_set_header Host localhost;
        proxy_pass_request_headers on;
        mcache_key $uri;
%(locations)s
    }
}
"""


@dataclass
class Asked:
    """A request as the origin gets it."""

    path: str
    headers: dict  # names in lower case


@dataclass
class Reply:
    status: int = 200
    headers: tuple = ()
    body: bytes = b""
    abort: bool = False  # the connection ends in the middle of the body


@dataclass
class Answer:
    """What a client got, and when: seconds of time.monotonic()."""

    node: int
    status: int
    headers: dict  # names in lower case
    body: bytes
    ended: float

    @property
    def cache(self):
        return self.headers.get("x-cache-status")

    @property
    def worker(self):
        return self.headers.get("x-worker")


async def read_head(reader):
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    first, *lines = head.rstrip("\r\n").split("\r\n")
    fields = (line.split(":", 1) for line in lines)
    return first.split(" "), {name.lower(): value.strip() for name, value in fields}


class Fleet:
    """locations   text of the server block
    behave      coroutine function: Asked -> Reply
    memcacheds  how many, of how many megabytes each
    parameters  what follows their addresses in mcache_pool
    pool        further lines of the pool's block
    http        text of the http block
    main        text of the main context
    detached    of the nginx servers, see Nginx"""

    def __init__(self, locations, behave, nodes=2, memcacheds=1, megabytes=64, parameters="",
                 http="", pool="", main="", detached=False):
        self.folder = Path(tempfile.mkdtemp(prefix="mcache-fleet-"))
        self.folder.chmod(0o755)
        self.locations = locations
        self.behave = behave
        self.nodes = nodes
        self.memcacheds = [Memcached(self.folder, megabytes) for _ in range(memcacheds)]
        self.memcached = self.memcacheds[0]
        self.parameters = parameters
        self.http = http
        self.main = main
        self.detached = detached
        self.pool = pool
        self.members = list(self.memcacheds)  # those that are in the pool
        self.nginxes = []
        self.asked = []
        self.listener = None

    async def __aenter__(self):
        # unittest sets it, and then each task and callback keeps a traceback: half of the tests' time.
        asyncio.get_running_loop().set_debug(False)
        try:
            await self.start_memcacheds()
            self.listener = await asyncio.start_server(
                self.serve, "127.0.0.1", 0, backlog=4096
            )
            conf = self.folder / "fleet.conf"
            conf.write_text(self.configuration())
            for number in range(self.nodes):
                folder = self.folder / f"node{number}"
                folder.mkdir()
                nginx = Nginx(folder, default_module().resolve(), conf, free_port(), {},
                              detached=self.detached)
                self.nginxes.append(nginx)
                nginx.start()
        except BaseException:
            await self.__aexit__()
            raise
        return self

    async def __aexit__(self, *failure):
        for daemon in [*self.nginxes, *self.memcacheds]:
            daemon.stop()
        if self.listener is not None:
            self.listener.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    async def start_memcacheds(self):
        for memcached in self.memcacheds:
            memcached.start()

    def configuration(self):
        port = self.listener.sockets[0].getsockname()[1]
        servers = [f"        server {address} {self.parameters};" for address in self.addresses()]
        return CONF % {"workers": WORKERS, "pool": "\n".join([*servers, f"        {self.pool}"]), "origin": port,
                       "http": self.http, "main": self.main, "locations": self.locations}

    def addresses(self):
        """Of the pool's servers."""
        return [memcached.address for memcached in self.members]

    def alarms(self):
        return [line for nginx in self.nginxes for line in nginx.alarms()]

    async def serve(self, reader, writer):
        try:
            (_, uri, _), headers = await read_head(reader)
            asked = Asked(uri, headers)
            self.asked.append(asked)
            reply = await self.behave(asked)
            head = [f"HTTP/1.1 {reply.status} -", f"Content-Length: {len(reply.body)}",
                    "Connection: close", *(f"{name}: {value}" for name, value in reply.headers)]
            writer.write("\r\n".join([*head, "", ""]).encode("latin-1"))
            writer.write(reply.body[: len(reply.body) // 2] if reply.abort else reply.body)
            await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        finally:
            writer.close()

    async def get(self, node, uri, headers=()):
        return await self.request(node, "GET", uri, headers)

    async def request(self, node, method, uri, headers=(), body=b""):
        reader, writer = await asyncio.open_connection("127.0.0.1", self.nginxes[node].port)
        try:
            lines = [f"{method} {uri} HTTP/1.1", "Host: localhost", "Connection: close"]
            lines += [f"{name}: {value}" for name, value in headers]
            lines += [f"Content-Length: {len(body)}"] if body else []
            writer.write("\r\n".join([*lines, "", ""]).encode("latin-1") + body)
            (_, status, *_), got = await read_head(reader)
            body = await reader.read()
            return Answer(node, int(status), got, body, time.monotonic())
        finally:
            writer.close()

    async def command(self, memcached, command):
        """The first line of the reply; ConnectionError where there is none."""
        reader, writer = await asyncio.open_connection("127.0.0.1", memcached.port)
        try:
            writer.write(command)
            line = await reader.readline()
            if not line.endswith(b"\n"):
                raise ConnectionResetError("no reply")
            return line.strip()
        finally:
            writer.close()

    async def delete(self, key):
        return await self.command(self.memcached, f"delete {key}\r\n".encode()) == b"DELETED"

    def empty_items(self):
        """Keys of stubs and locks: of what somebody has begun and not ended."""
        values = ((key, self.memcached.read(key)) for key in self.memcached.keys())
        return [key for key, value in values if value is not None and not value[1]]


async def until(condition, what, seconds=20):
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            raise TimeoutError(f"waited {seconds} s in vain for {what}")
        await asyncio.sleep(0.005)
