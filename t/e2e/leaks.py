#!/usr/bin/python3
"""Memory that grows with requests: thousands of requests of each kind, in rounds. The resident memory of
nginx's workers is looked at between the rounds; a kind fails where it grows in each of them. What is
kept for the process, and what malloc has not got together yet, ends growing after some rounds; a leak
does not.

    t/e2e/leaks.py                      prints a line a kind and the sum
    t/e2e/leaks.py --requests 20000     of a round; a leak of BYTES a request is seen
    t/e2e/leaks.py --kind hit --kind vary

The module is MCACHE_MODULE, or the one in MCACHE_BUILD, or the one in build/; nginx is the one in PATH.
scripts/sanitize runs this with an nginx whose pools are malloc's."""

import argparse
import asyncio
import re
import sys
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
sys.dont_write_bytecode = True

from stack import stop_on_signals  # noqa: E402
from stack.daemon import process_status  # noqa: E402
from stack.fleet import Fleet, Reply  # noqa: E402
from stack.ports import free_port  # noqa: E402

BYTES = 32
ROUNDS = 8  # at most
PARALLEL = 8
OF_A_CONNECTION = 500
PATIENCE = 120  # seconds, for the answers on one connection

HTTP = """
    keepalive_requests 1000000;
    map $request_method $is_purge { PURGE 1; default 0; }
    mcache_pool parts { server %(memcached)s; max_item_size 16k; }
    mcache_pool away { server 127.0.0.1:%(nobody)s max_fails=0; connect_timeout 100ms; }
"""
LOCATIONS = """
        mcache pages;
        mcache_valid 200 1h;
        mcache_purge $is_purge;
        location / { proxy_pass http://origin; }
        location /tagged/ {
            mcache_tags $upstream_http_cache_tag;
            mcache_purge_tags $http_x_tag;
            proxy_pass http://origin;
        }
        location /lock/ { mcache_lock on; proxy_pass http://origin; }
        location /soft/ {
            mcache_purge_soft on;
            mcache_use_stale updating;
            mcache_background_update on;
            proxy_pass http://origin;
        }
        location /local/ { mcache_local 1m; proxy_pass http://origin; }
        location /parts/ { mcache parts; mcache_max_size 1m; proxy_pass http://origin; }
        location /away/ { mcache away; proxy_pass http://origin; }
        location /raw/ { mcache_format raw; proxy_pass http://origin; }
        location /status { mcache off; mcache_status json; }
"""

STATUS = re.compile(rb"\r\nX-Cache-Status: (\w*)\r\n(?:X-Cache-Reason: (.*)\r\n)?")


@dataclass
class Kind:
    """Requests of one sort. part(n): the lines of the n-th, (method, URI, headers)."""

    name: str
    part: object
    expected: frozenset  # what $mcache_status says of them; empty: not looked at
    share: int = 1  # so many times fewer of them, where they cost more
    leaves: bool = False  # the client does not wait for the answers


def get(path, pages=20, headers=lambda n: ()):
    return lambda n: [("GET", path % (n % pages), headers(n))]


def after(method, uri, path, pages=20, headers=()):
    """A purge and a request for what was purged, in turns."""
    def part(n):
        if n % 2:
            return [("GET", path % (n // 2 % pages), ())]
        return [(method, uri % (n // 2 % pages) if "%" in uri else uri, headers)]

    return part


def cookie(n):
    return (f"Cookie: {n % 7}",)


KINDS = [
    Kind("hit", get("/hit/%d"), frozenset({"HIT"})),
    Kind("head", lambda n: [("HEAD", f"/hit/{n % 20}", ())], frozenset({"HIT"})),
    Kind("range", get("/hit/%d", headers=lambda n: ("Range: bytes=10-20",)), frozenset({"HIT"})),
    Kind("local", get("/local/%d"), frozenset({"HIT"})),
    Kind("miss", after("PURGE", "/miss/%d", "/miss/%d"), frozenset({"MISS", "BYPASS", "HIT"})),
    Kind("lock", after("PURGE", "/lock/%d", "/lock/%d"), frozenset({"MISS", "BYPASS", "HIT"})),
    Kind("wipe", after("PURGE", "/wipe/*", "/wipe/%d"), frozenset({"MISS", "BYPASS", "HIT"})),
    Kind("tags", after("PURGE", "/tagged/x", "/tagged/%d", headers=("X-Tag: t",)),
         frozenset({"MISS", "BYPASS", "HIT"})),
    Kind("soft", after("PURGE", "/soft/%d", "/soft/%d"), frozenset()),
    Kind("vary", get("/vary/%d", headers=cookie), frozenset({"HIT"})),
    Kind("parts", get("/parts/%d"), frozenset({"HIT"}), share=4),
    Kind("raw", get("/raw/%d"), frozenset({"HIT"})),
    Kind("private", get("/private/%d"), frozenset({"MISS"})),
    Kind("broken off", get("/broken/%d"), frozenset({"MISS"}), share=4, leaves=True),
    Kind("garbage", get("/garbage/%d"), frozenset({"MISS"})),
    Kind("memcached away", get("/away/%d"), frozenset({"DOWN"})),
    Kind("client leaves", get("/leave/%d", pages=1 << 30), frozenset({"MISS"}), share=4, leaves=True),
    Kind("status page", get("/status?%d"), frozenset()),
]


async def behave(asked):
    first = asked.path.split("/")[1]
    headers = {"vary": (("Vary", "Cookie"),), "private": (("Cache-Control", "private"),),
               "garbage": (("Cache-Control", "no-store"),),
               "tagged": (("Cache-Tag", "t, u"),)}.get(first, ())
    size = 50_000 if first == "parts" else 1000
    return Reply(200, headers, asked.path.encode().ljust(size), abort=first == "broken")


class Leaks:
    def __init__(self, requests):
        self.requests = requests
        self.fleet = None
        self.sent = 0

    async def run(self, kinds):
        grown = []
        async with Leaking(LOCATIONS, behave, nodes=1, memcacheds=2, http=HTTP) as self.fleet:
            for kind in kinds:
                if not await self.judge(kind):
                    grown.append(kind.name)
            alarms = self.fleet.alarms()
        return grown, alarms

    async def judge(self, kind):
        """Whether memory ended growing."""
        if kind.name == "garbage":
            for number in range(20):
                self.fleet.memcached.write(f"/garbage/{number}", b"")
        number = max(1, self.requests // kind.share)
        await self.round(kind, number)  # fills what lasts, and memcached
        grown, before = [], self.resident()
        while len(grown) < ROUNDS:
            statuses = await self.round(kind, number)
            if kind.expected and not {text.split()[0] for text in statuses} <= kind.expected:
                raise AssertionError(f"{kind.name}: {statuses}, not {set(kind.expected)}")
            after_it = self.resident()
            grown.append(after_it - before)
            before = after_it
            if grown[-1] < BYTES * number:
                break
        good = grown[-1] < BYTES * number
        texts = ", ".join(f"{bytes_ / 1024:+.0f}" for bytes_ in grown)
        print(f"{kind.name:16} {number * (len(grown) + 1):7} requests  {texts} KB  "
              f"{'ok' if good else 'GROWS'}", flush=True)
        return good

    def resident(self):
        """Of all workers, in bytes."""
        pids = self.fleet.nginxes[0].workers()
        return sum(int(process_status(pid)["VmRSS"].split()[0]) << 10 for pid in pids)

    async def round(self, kind, number):
        """Counter of what $mcache_status and $mcache_reason were."""
        statuses = Counter()
        starts = list(range(0, number, OF_A_CONNECTION))
        for some in range(0, len(starts), PARALLEL):
            for counted in await asyncio.gather(
                    *(self.connection(kind, start, min(OF_A_CONNECTION, number - start))
                      for start in starts[some : some + PARALLEL])):
                statuses += counted
        self.sent += number
        return statuses

    async def connection(self, kind, start, number):
        if kind.leaves:
            return await self.leave(kind, start, number)
        lines = [self.request(*one) for n in range(start, start + number) for one in kind.part(n)]
        lines[-1] = lines[-1].replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n")
        reader, writer = await asyncio.open_connection("127.0.0.1", self.fleet.nginxes[0].port)
        try:
            answers, _ = await asyncio.wait_for(
                asyncio.gather(reader.read(), self.send(writer, b"".join(lines))), PATIENCE)
        finally:
            writer.close()
        heads = len(re.findall(rb"HTTP/1\.1 [2-4]\d\d ", answers))
        if heads != number:
            raise AssertionError(f"{kind.name}: {heads} answers to {number} requests")
        return Counter(b" ".join(found).strip().decode() for found in STATUS.findall(answers))

    async def send(self, writer, data):
        writer.write(data)
        await writer.drain()

    async def leave(self, kind, start, number):
        for n in range(start, start + number):
            reader, writer = await asyncio.open_connection("127.0.0.1", self.fleet.nginxes[0].port)
            writer.write(self.request(*kind.part(n)[0]))
            if kind.name == "broken off":
                await asyncio.wait_for(reader.read(), PATIENCE)
            writer.close()
        return Counter()

    def request(self, method, uri, headers):
        return "\r\n".join([f"{method} {uri} HTTP/1.1", "Host: localhost", *headers, "", ""]).encode()


class Leaking(Fleet):
    """The first memcached is of the pool `pages`, the second one of `parts`."""

    def configuration(self):
        self.members = self.memcacheds[:1]
        return super().configuration() % {
            "memcached": self.memcacheds[1].address, "nobody": free_port()}


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--requests", type=int, default=8000)
    parser.add_argument("--kind", action="append", choices=[kind.name for kind in KINDS])
    options = parser.parse_args()
    stop_on_signals()
    leaks = Leaks(options.requests)
    kinds = [kind for kind in KINDS if not options.kind or kind.name in options.kind]
    grown, alarms = asyncio.run(leaks.run(kinds))
    print("\n".join(alarms))
    print(f"{len(kinds)} kinds, {leaks.sent} requests, {len(grown)} that grow")
    sys.exit(bool(grown or alarms))


if __name__ == "__main__":
    main()
