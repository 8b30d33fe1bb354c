"""Two nginx of two workers each, and one purge at one of them."""

import asyncio
import unittest
from collections import Counter

from stack.fleet import Fleet, Reply

LOCATIONS = """
        mcache pages;
        mcache_valid 10m;
        mcache_tags $upstream_http_cache_tag;
        mcache_purge $http_x_purge;
        mcache_purge_tags $http_cache_tag;
        allow 127.0.0.1;
        deny all;
        location / { proxy_pass http://origin; }
"""
PAGES = [f"/{section}/{number}" for section in ("blog", "shop") for number in range(10)]
ASKERS = 40


class Site:
    """Its pages are tagged with their section, and change at each `edition`."""

    def __init__(self):
        self.edition = 1

    async def behave(self, asked):
        section = asked.path.split("/")[1]
        return Reply(200, (("Cache-Tag", f"{section} all"),), f"{asked.path} {self.edition}".encode())


class Purges(unittest.IsolatedAsyncioTestCase):
    async def visit(self, fleet, pages=tuple(PAGES)):
        """Each page asked for at both nodes by so many that every worker has had it."""
        visits = [
            fleet.get(asker % 2, page) for page in pages for asker in range(ASKERS // 2)
        ]
        answers = []
        for begin in range(0, len(visits), ASKERS):
            answers += await asyncio.gather(*visits[begin : begin + ASKERS])
        return Counter(answer.body.decode() for answer in answers)

    async def purged(self, target, *headers):
        """What is served after the site has changed and a purge at the first node was answered."""
        site = Site()
        async with Fleet(LOCATIONS, site.behave) as fleet:
            for _ in range(2):
                await self.visit(fleet)
            asked = len(fleet.asked)
            await self.visit(fleet)
            self.assertEqual(len(fleet.asked), asked)  # all of them are hits
            site.edition = 2
            answer = await fleet.request(0, "GET", target, [("X-Purge", "1"), *headers])
            self.assertEqual(answer.status, 204)
            seen = await self.visit(fleet)
            self.assertEqual(fleet.alarms(), [])
            return {page for page in PAGES if seen[f"{page} 2"]}, {
                page for page in PAGES if seen[f"{page} 1"]
            }

    async def test_a_page(self):
        new, old = await self.purged("/blog/3")
        self.assertEqual(new, {"/blog/3"})
        self.assertEqual(old, set(PAGES) - new)

    async def test_all_that_begin_so(self):
        new, old = await self.purged("/blog/*")
        self.assertEqual(new, {page for page in PAGES if page.startswith("/blog/")})
        self.assertEqual(old, set(PAGES) - new)

    async def test_a_tag(self):
        new, old = await self.purged("/", ("Cache-Tag", "shop"))
        self.assertEqual(new, {page for page in PAGES if page.startswith("/shop/")})
        self.assertEqual(old, set(PAGES) - new)

    async def test_everything(self):
        new, old = await self.purged("/", ("Cache-Tag", "all"))
        self.assertEqual((new, old), (set(PAGES), set()))
