"""What one worker learns of a memcached, its node knows."""

import unittest

from stack.cluster import Cluster
from stack.fleet import Reply

LOCATIONS = """
        add_header X-Lookup-Time $mcache_lookup_time always;
        location / {
            mcache pages;
            mcache_valid 1h;
            proxy_pass http://origin;
        }
"""


async def page(asked):
    return Reply(200, (), f"page {asked.path}".encode())


class HealthTests(unittest.IsolatedAsyncioTestCase):
    async def warm(self, fleet, uri):
        async def hit():
            return all(answer.cache == "HIT" for answer in await fleet.ask_all_workers(0, uri))

        while not await hit():
            pass

    async def test_one_worker_finds_a_server_silent_and_the_others_do_not_wait_for_it(self):
        async with Cluster(LOCATIONS, page, nodes=1, parameters="fail_timeout=1h") as fleet:
            await self.warm(fleet, "/")
            fleet.links[0].cut()
            opened = fleet.links[0].opened
            first = await fleet.get(0, "/")
            self.assertEqual((first.cache, first.headers["x-cache-reason"]), ("DOWN", "timeout"))
            for answer in await fleet.ask_all_workers(0, "/"):
                self.assertEqual((answer.cache, answer.headers["x-cache-reason"]), ("DOWN", "down"))
                self.assertEqual(float(answer.headers.get("x-lookup-time", 0)), 0)
            self.assertEqual(fleet.links[0].opened, opened)
            self.assertEqual(len(fleet.log(0, "[error]", "mcache: memcached")), 1)
            self.assertEqual(fleet.alarms(), [])

    async def test_a_server_that_never_was_there(self):
        async with Cluster(LOCATIONS, page, nodes=1, parameters="fail_timeout=1h") as fleet:
            fleet.links[0].cut()
            self.assertEqual((await fleet.get(0, "/")).cache, "DOWN")
            for answer in await fleet.ask_all_workers(0, "/"):
                self.assertEqual((answer.cache, answer.headers["x-cache-reason"]), ("DOWN", "down"))
            self.assertEqual(fleet.links[0].opened, 1)

    async def test_max_fails_counts_the_failures_of_all_workers(self):
        server = "max_fails=3 fail_timeout=1h"
        async with Cluster(LOCATIONS, page, nodes=1, parameters=server) as fleet:
            fleet.links[0].cut()
            reasons = [(await fleet.get(0, "/")).headers["x-cache-reason"] for _ in range(9)]
            self.assertEqual(reasons, ["timeout"] * 3 + ["down"] * 6)

    async def test_one_worker_finds_it_back_and_all_use_it(self):
        async with Cluster(LOCATIONS, page, nodes=1, parameters="fail_timeout=1s") as fleet:
            await self.warm(fleet, "/")
            fleet.links[0].cut()
            self.assertEqual((await fleet.get(0, "/")).cache, "DOWN")
            fleet.links[0].mend()
            await self.warm(fleet, "/")
            self.assertEqual(len(fleet.log(0, "[error]", "mcache: memcached")), 1)
            self.assertEqual(len(fleet.log(0, "[warn]", "answers again")), 1)

    async def test_nobody_waits_for_the_worker_that_tries_it_again(self):
        async with Cluster(LOCATIONS, page, nodes=1, parameters="fail_timeout=400ms") as fleet:
            fleet.links[0].cut()
            for answer in [await fleet.get(0, "/") for _ in range(300)][1:]:
                self.assertEqual((answer.cache, answer.headers["x-cache-reason"]), ("DOWN", "down"))
            self.assertEqual(len(fleet.log(0, "[error]", "mcache: memcached")), 1)
            fleet.links[0].mend()
            await self.warm(fleet, "/")
