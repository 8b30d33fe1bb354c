"""Servers by name, for all workers of several nginx: what each of them learns at a moment of its own must
not bring back what was purged."""

import asyncio
import unittest
from collections import Counter

from stack.fleet import Reply
from stack.named import NamedCluster

LOCATIONS = """
        location / {
            mcache pages;
            mcache_valid 1h;
            mcache_purge $purges;
            proxy_pass http://origin;
        }
"""
HTTP = 'map $request_method $purges { PURGE 1; default ""; }'
PAGES = [f"/page/{number}" for number in range(40)]


class Site:
    """Pages of which one version comes after the other."""

    def __init__(self):
        self.published = Counter()
        self.least = Counter()  # that who begins to ask now may be given
        self.seen = Counter()
        self.wrong = []

    async def behave(self, asked):
        return Reply(200, (), f"{asked.path} {self.published[asked.path]}".encode())

    async def ask(self, fleet, node, uri):
        least = self.least[uri]
        answer = await fleet.get(node, uri)
        self.seen[answer.cache] += 1
        path, version = answer.body.decode().split()
        if answer.status != 200 or path != uri or int(version) < least:
            self.wrong.append(f"{uri} of node {node}: {answer.status} {answer.body}, not {least}")

    async def keep_asking(self, fleet, node):
        while True:
            for uri in PAGES:
                await self.ask(fleet, node, uri)

    async def purge(self, fleet, uri, node):
        self.published[uri] += 1
        answer = await fleet.request(node, "PURGE", uri)
        if answer.status not in (204, 404):
            self.wrong.append(f"PURGE {uri}: {answer.status} {answer.body}")
        self.least[uri] = self.published[uri]


class ResolveTests(unittest.IsolatedAsyncioTestCase):
    async def test_purges_hold_whoever_comes_and_goes(self):
        site = Site()
        async with NamedCluster(LOCATIONS, site.behave, memcacheds=3, http=HTTP) as fleet:
            load = [asyncio.ensure_future(site.keep_asking(fleet, node)) for node in (0, 1)]
            for members in ([0, 1], [0, 1, 2], [1, 2], [2, 0, 1]):
                for number, uri in enumerate(PAGES):
                    await site.purge(fleet, uri, number % 2)
                fleet.call(members)
                await fleet.all_know()
            for task in load:
                task.cancel()
            await asyncio.gather(*load, return_exceptions=True)
            self.assertEqual(site.wrong, [])
            self.assertLessEqual(set(site.seen), {"HIT", "MISS"})
            self.assertGreater(site.seen["HIT"], site.seen["MISS"] / 4)
            self.assertEqual(fleet.alarms(), [])

    async def test_what_one_worker_learns_of_an_address_the_others_know(self):
        async with NamedCluster(LOCATIONS, Site().behave, nodes=1, http=HTTP,
                                parameters="fail_timeout=1h") as fleet:
            # No store is under way when the link is cut: it would be what times out first.
            while {answer.cache for answer in await fleet.ask_all_workers(0, "/")} != {"HIT"}:
                pass
            fleet.links[0].cut()
            first = await fleet.get(0, "/")
            self.assertEqual((first.cache, first.headers["x-cache-reason"]), ("DOWN", "timeout"))
            for answer in await fleet.ask_all_workers(0, "/"):
                self.assertEqual((answer.cache, answer.headers["x-cache-reason"]), ("DOWN", "down"))
            self.assertEqual(len(fleet.log(0, "[error]", "mcache: memcached")), 1)
