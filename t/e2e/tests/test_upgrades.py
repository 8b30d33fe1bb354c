"""Reloads, upgrades and log rotations under load, see upgrades.py; and workers that are told to leave
while a client does not read."""

import asyncio
import random
import unittest

from stack.fleet import Fleet, Reply, until
from stack.grid import in_thread
from stack.nginx import all_children
from stack.page_body import PageBody, read_body
from upgrades import Upgrades

SIZE = 16_000_000
LOCATIONS = """
        mcache pages;
        mcache_valid 1h;
        mcache_max_size 64m;
        location / { proxy_pass http://origin; }
"""


class UpgradeTests(unittest.IsolatedAsyncioTestCase):
    async def test_no_request_fails(self):
        seed = random.SystemRandom().randrange(1 << 32)
        print(f"\nseed {seed}", flush=True)
        played = await Upgrades({"reload": 6, "upgrade": 2, "rotate": 2}, seed).run()
        print(played)
        self.assertEqual(played.failed, [], "\n".join(played.failed[:3]))
        self.assertEqual(played.wrong, [], "\n".join(played.wrong[:3]))
        self.assertEqual([played.seen[act] for act in ("reload", "upgrade", "rotate")], [6, 2, 2])

    async def test_worker_shutdown_timeout_ends_a_hit_and_a_fill_that_nobody_reads(self):
        async def behave(asked):
            return Reply(body=PageBody(asked.path, 1, "-", 1, SIZE).render())

        async with Fleet(LOCATIONS, behave, nodes=1, main="worker_shutdown_timeout 1s;") as fleet:
            nginx = fleet.nginxes[0]
            await fleet.get(0, "/hit")
            await self.until_hit(fleet, "/hit")
            before = all_children(nginx.pid)
            slow = [await self.ask_and_stall(fleet, uri) for uri in ("/hit", "/fill")]
            await in_thread(nginx.reload)
            await until(lambda: not before & all_children(nginx.pid), "the old workers to leave")
            for reader, writer in slow:
                self.assertLess(len(await reader.read()), SIZE)  # it is not taken for whole
                writer.close()
            self.assertEqual(fleet.alarms(), [])
            answer = await fleet.get(0, "/hit")
            self.assertEqual((answer.cache, read_body(answer.body).page), ("HIT", "/hit"))

    async def until_hit(self, fleet, uri):
        while (await fleet.get(0, uri)).cache != "HIT":
            pass

    async def ask_and_stall(self, fleet, uri):
        """A connection of which the header was read, and then nothing."""
        reader, writer = await asyncio.open_connection("127.0.0.1", fleet.nginxes[0].port, limit=1024)
        writer.write(f"GET {uri} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
        head = await reader.readuntil(b"\r\n\r\n")
        self.assertIn(f"content-length: {SIZE}", head.decode().lower())
        return reader, writer
