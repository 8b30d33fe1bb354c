"""Purges against fills and hits, at random, and what a purge of a whole site costs."""

import random
import unittest

from purge_cost import Cost
from purges import Play

ROUNDS = 600


def seed():
    return random.SystemRandom().randrange(1 << 32)


class AtRandom(unittest.IsolatedAsyncioTestCase):
    async def test_no_page_is_older_than_its_last_purge(self):
        chosen = seed()
        print(f"\nseed {chosen}", flush=True)
        played = await Play(ROUNDS, chosen).run()
        print(played)
        self.assertEqual(played.wrong, [], "\n".join(played.wrong[:3]))
        for what in ("HIT", "MISS", "purges by nginx", "purges by application"):
            self.assertGreater(played.seen[what], 0, what)
        self.assertGreater(len(played.model.ended), 0)

    async def test_nor_where_pages_have_copies_and_a_memcached_is_away(self):
        for copies in ({"replicas": 2}, {"on_failure": "next"}):
            chosen = seed()
            print(f"\n{copies}, seed {chosen}", flush=True)
            played = await Play(ROUNDS, chosen, **copies).run()
            print(played)
            self.assertEqual(played.wrong, [], "\n".join(played.wrong[:3]))
            self.assertGreater(played.seen["HIT"], 0)
            self.assertGreater(len(played.model.ended), 0)

    async def test_a_purge_that_is_not_sent_is_noticed(self):
        """The test of the test."""
        played = await Play(ROUNDS // 4, seed(), drop=1.0, troubles=()).run()
        self.assertNotEqual(played.wrong, [])
        self.assertIn("purge requested in", played.wrong[0])


class WholeSite(unittest.TestCase):
    def test_it_costs_what_one_round_trip_costs(self):
        cost = Cost(20000).measure()
        print(f"\n{cost}")
        self.assertEqual(cost.wrong, [])
        # It is about 10; to walk through 20,000 items would be in the hundreds.
        for what in ("a wipe", "a tag"):
            self.assertLess(cost.ratio(what), 100, what)
