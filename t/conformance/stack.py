"""The servers of a run: the origin that plays the cases' answers, nginx, and memcached."""

import asyncio
import itertools
import os
import re
import shutil
import signal
import socket
import tempfile
import time
from dataclasses import dataclass, field
from email.utils import formatdate
from http import HTTPStatus
from pathlib import Path

from case import Origin
from client import request

ROOT = Path(__file__).resolve().parents[2]

COMMON = """
daemon off;
worker_processes 1;
error_log {folder}/error.log notice;
pid {folder}/nginx.pid;
events {{ worker_connections 1024; }}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    {http}
    server {{
        listen 127.0.0.1:{port};
        server_name site.test;
        location / {{
            {location}
            proxy_http_version 1.1;
            proxy_set_header Connection "";
            proxy_pass http://127.0.0.1:{origin};
        }}
    }}
}}
"""

HTTP = {
    "mcache": "mcache_pool pages {{ server unix:{folder}/memcached.sock; }}",
    "proxy_cache": "proxy_cache_path {folder}/cache keys_zone=pages:10m;",
}

LOCATION = {
    "mcache": """
            mcache pages;
            mcache_revalidate on;
            mcache_honor_request_cache_control on;
            mcache_invalidate on;
            mcache_cache_status on;
    """,
    "proxy_cache": """
            proxy_cache pages;
            proxy_cache_key $scheme://$host$request_uri;
            proxy_cache_revalidate on;
            proxy_cache_background_update on;
    """,
}


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def dated(line):
    return re.sub(
        r"\{date([+-]\d+)?\}",
        lambda m: formatdate(time.time() + int(m[1] or 0), usegmt=True),
        line,
    )


def reason(status):
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Unknown"


@dataclass
class Seen:
    method: str
    headers: list


@dataclass
class Record:
    """What a case's path is answered with next, and the requests that came for it."""

    answer: Origin = field(default_factory=Origin)
    requests: list = field(default_factory=list)


class OriginServer:
    def __init__(self):
        self.records = {}
        self.fences = itertools.count()

    def record(self, path):
        return self.records.setdefault(path, Record())

    async def serve(self, reader, writer):
        try:
            while await self.serve_one(reader, writer):
                pass
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    async def serve_one(self, reader, writer):
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        first, *lines = head.rstrip("\r\n").split("\r\n")
        method, target, _ = first.split(" ")
        headers = [tuple(part.strip() for part in line.split(":", 1)) for line in lines]
        length = next((int(value) for name, value in headers if name.lower() == "content-length"), 0)
        await reader.readexactly(length)
        path = "/" + target.split("/")[1].split("?")[0]
        if path == "/fence":
            answer, number = Origin(200, ("Cache-Control: max-age=3600",)), next(self.fences)
        else:
            record = self.record(path)
            record.requests.append(Seen(method, headers))
            answer, number = record.answer, len(record.requests)
        return self.write(writer, method, target, answer, number)

    def write(self, writer, method, target, answer, number):
        if answer.cut == "close":
            return False
        body = f"{target} {number}\n" if answer.body is None else answer.body
        bodyless = method == "HEAD" or answer.status in (204, 304)
        lines = []
        for status, fields in answer.interim:
            lines += [f"HTTP/1.1 {status} {reason(status)}", *map(dated, fields), ""]
        lines += [f"HTTP/1.1 {answer.status} {reason(answer.status)}", *map(dated, answer.headers)]
        named = {line.partition(":")[0].lower() for line in answer.headers}
        if "date" not in named:
            lines.append(dated("Date: {date}"))
        if answer.cut == "chunk":
            lines.append("Transfer-Encoding: chunked")
            body = f"{len(body):x}\r\n{body}\r\n"
        elif answer.status not in (204, 304) and "content-length" not in named:
            lines.append(f"Content-Length: {len(body) + (100 if answer.cut == 'short' else 0)}")
        if "content-type" not in named:
            lines.append("Content-Type: text/plain")
        writer.write(("\r\n".join(lines) + "\r\n\r\n").encode("latin-1"))
        if not bodyless:
            writer.write(body.encode("latin-1"))
        return not answer.cut


class Stack:
    def __init__(self, against, extra=""):
        self.against = against
        self.extra = extra
        self.origin = OriginServer()
        self.processes = []
        self.fences = itertools.count()

    async def __aenter__(self):
        self.folder = tempfile.mkdtemp(prefix="mcache-conformance.")
        os.chmod(self.folder, 0o755)
        self.listener = await asyncio.start_server(self.origin.serve, "127.0.0.1", 0)
        self.port = free_port()
        load = ""
        if self.against == "mcache":
            module = os.environ.get("MCACHE_MODULE", ROOT / "build/ngx_http_mcache_module.so")
            load = f"load_module {module};\n"
            user = ["-u", "root"] if os.getuid() == 0 else []
            await self.start("memcached", "-s", f"{self.folder}/memcached.sock", "-a", "777", *user)
            await self.until(lambda: os.path.exists(f"{self.folder}/memcached.sock"))
        text = COMMON.format(
            folder=self.folder,
            port=self.port,
            origin=self.listener.sockets[0].getsockname()[1],
            http=HTTP[self.against].format(folder=self.folder),
            location=LOCATION[self.against] + self.extra,
        )
        Path(self.folder, "nginx.conf").write_text(load + text, encoding="utf-8")
        nginx = os.environ.get("TEST_NGINX_BINARY", "/usr/sbin/nginx")
        error_log = f"{self.folder}/error.log"
        await self.start(nginx, "-p", self.folder, "-e", error_log, "-c", f"{self.folder}/nginx.conf")
        await self.until(lambda: os.path.exists(f"{self.folder}/nginx.pid"))
        await self.until(self.listening)
        return self

    def listening(self):
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    async def start(self, *command):
        self.processes.append(
            await asyncio.create_subprocess_exec(
                "setpriv", "--pdeathsig", "TERM", *command, stdin=asyncio.subprocess.DEVNULL
            )
        )

    @staticmethod
    async def until(condition):
        for _ in range(500):
            if condition():
                return
            await asyncio.sleep(0.01)
        raise RuntimeError("a server did not start")

    async def __aexit__(self, *_):
        for process in reversed(self.processes):
            if process.returncode is None:
                process.send_signal(signal.SIGTERM)
            await process.wait()
        self.listener.close()
        shutil.rmtree(self.folder, ignore_errors=True)


async def settle(stack):
    """A cache may store behind its answer, but in order: when a later page is there, so are the earlier."""
    target = f"/fence/{next(stack.fences)}"
    first = await request(stack.port, "GET", target)
    for _ in range(400):
        again = await request(stack.port, "GET", target)
        if again.body == first.body:
            return
        first = again
        await asyncio.sleep(0.005)
    raise RuntimeError("the cache does not store what is fresh for an hour")
