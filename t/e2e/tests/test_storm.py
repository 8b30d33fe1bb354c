"""Requests, configurations, answers and faults that are drawn; see storm.py."""

import unittest

from storm import Storm

SECONDS = 20
# What is drawn is the same each time; when it meets what is not. New seeds are scripts/storm's.
SEED = 14


class AtRandom(unittest.IsolatedAsyncioTestCase):
    async def test_nothing_is_found_in_a_storm(self):
        storm = await Storm(SEED, 100_000, SECONDS).run()
        print(storm)
        self.assertEqual(storm.found, {})
        self.assertGreater(storm.seen["HIT"], 0)

    async def test_purges_that_are_not_sent_are_noticed(self):
        """The test of the test."""
        storm = await Storm(SEED, 1000, drop=True).run()
        self.assertIn("which a purge had ended", str(storm.found))
