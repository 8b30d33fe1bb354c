"""A cluster that is never whole; see chaos.py."""

import random
import unittest

from chaos import Chaos

SECONDS = 12


def seed():
    return random.SystemRandom().randrange(1 << 32)


class AtRandom(unittest.IsolatedAsyncioTestCase):
    async def test_no_request_fails_and_no_body_is_wrong(self):
        chosen = seed()
        print(f"\nseed {chosen}", flush=True)
        played = await Chaos(SECONDS, chosen).run()
        print(played)
        self.assertEqual(played.failed, [], "\n".join(played.failed[:3]))
        self.assertEqual(played.wrong, [], "\n".join(played.wrong[:3]))
        self.assertEqual(played.not_seen(), [])
        self.assertGreater(len(played.model.ended), 0)

    async def test_a_purge_that_is_not_sent_is_noticed(self):
        """The test of the test."""
        played = await Chaos(2, seed(), drop=1.0, events=()).run()
        self.assertNotEqual(played.wrong, [])
        self.assertIn("purge requested in", played.wrong[0])
