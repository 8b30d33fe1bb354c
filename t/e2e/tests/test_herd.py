"""Herds: one request to the backend for a whole fleet, whatever becomes of who makes it."""

import asyncio
import os
import random
import signal
import unittest
from collections import Counter

from herd import LOCKED, Figures, Wakeups, herd_on_cold_page, page
from stack.fleet import Fleet, Reply, until
from stack.nginx import children

HERD = 60
ROUNDS = 1000


class Gate:
    """An origin whose answers stand at a gate."""

    def __init__(self, reply):
        self.reply = reply
        self.waiting = 0
        self.most = 0
        self.opened = asyncio.Event()

    async def behave(self, asked):
        self.waiting += 1
        self.most = max(self.most, self.waiting)
        await self.opened.wait()
        self.waiting -= 1
        return self.reply(asked)


def both_nodes(fleet, uri, herd=HERD):
    return [asyncio.ensure_future(fleet.get(n % 2, uri, [("X-Id", str(n))])) for n in range(herd)]


def private(asked):
    return Reply(200, (("Cache-Control", "private"),), f"for {asked.headers['x-id']}".encode())


def growth(fleet):
    """A function: by how much a figure of memcached's stats has grown since."""
    before = fleet.memcached.stats()
    return lambda name: int(fleet.memcached.stats()[name]) - int(before[name])


class HerdTests(unittest.IsolatedAsyncioTestCase):
    async def asyncSetUp(self):
        asyncio.get_running_loop().set_debug(False)  # it slows the clients down

    async def test_one_request_for_the_fleet(self):
        asked, answers, alarms = await herd_on_cold_page()
        figures = Figures(answers)
        print(f"\n{figures}")
        self.assertEqual(asked, 1)
        self.assertEqual(figures.caches, {"MISS": 1, "HIT": len(answers) - 1})
        self.assertEqual({answer.status for answer in answers}, {200})
        self.assertEqual({answer.body for answer in answers}, {page("/cold")})
        # The backend took 500 ms: who waited did not ask it, nor twice wait that long.
        self.assertLess(figures.same_node, 500)
        self.assertLess(figures.elsewhere, 500)
        self.assertEqual(alarms, [])

    async def test_third_private_response_in_a_row_lets_all_go_together(self):
        gates = [Gate(private) for _ in range(3)]
        rest = Gate(private)
        coming = iter(gates)

        async def behave(asked):
            return await next(coming, rest).behave(asked)

        async with Fleet(LOCKED % {"age": "20s"}, behave) as fleet:
            tasks = both_nodes(fleet, "/account")
            for number, gate in enumerate(gates, 1):
                await until(lambda: gate.waiting == 1, f"number {number} at the origin")
                more = growth(fleet)
                await until(lambda: more("cmd_get") > 20, "the others to wait")
                self.assertEqual(len(fleet.asked), number)
                gate.opened.set()
            await until(lambda: rest.waiting == HERD - 3, "all others at the origin together")
            rest.opened.set()
            answers = await asyncio.gather(*tasks)
            for number, answer in enumerate(answers):
                self.assertEqual((answer.cache, answer.body), ("MISS", f"for {number}".encode()))
            self.assertEqual(fleet.alarms(), [])

    async def test_worker_that_holds_the_lease_is_killed(self):
        first = Gate(lambda asked: Reply(body=page(asked.path)))
        gates = iter([first])

        async def behave(asked):
            gate = next(gates, None)
            return await gate.behave(asked) if gate else Reply(body=page(asked.path))

        async with Fleet(LOCKED % {"age": "1s"}, behave) as fleet:
            tasks = both_nodes(fleet, "/page")
            await until(lambda: first.waiting == 1, "the winner at the origin")
            worker = int(fleet.asked[0].headers["x-worker"])
            self.assertIn(worker, [pid for nginx in fleet.nginxes for pid in children(nginx.pid)])
            os.kill(worker, signal.SIGKILL)
            ends = await asyncio.gather(*tasks, return_exceptions=True)
            answers = [end for end in ends if not isinstance(end, Exception)]
            caches = Counter(answer.cache for answer in answers)
            self.assertEqual({answer.body for answer in answers}, {page("/page")})
            self.assertEqual(caches, {"MISS": 1, "HIT": len(answers) - 1})
            self.assertGreaterEqual(len(answers), HERD // 2)  # at least the other node's
            self.assertEqual(len(fleet.asked), 2)
            first.opened.set()

    async def test_a_look_of_all_that_wait_is_one_command(self):
        """They wait for an expired page: each look is a lookup and an attempt at the lock."""
        gate = Gate(lambda asked: Reply(200, (("X-Accel-Expires", "60"),), page(asked.path)))
        replies = iter([Reply(200, (("X-Accel-Expires", "1"),), b"old")])

        async def behave(asked):
            return next(replies, None) or await gate.behave(asked)

        async with Fleet(LOCKED % {"age": "20s"}, behave) as fleet:
            await fleet.get(0, "/page")
            refreshing = []
            while gate.waiting == 0:  # until the page has expired
                refreshing.append(asyncio.ensure_future(fleet.get(0, "/page")))
                await asyncio.wait(refreshing[-1:], timeout=0.1)
            tasks = both_nodes(fleet, "/page")
            more = growth(fleet)
            await until(lambda: more("cmd_get") > 200, "looks at the page")
            looks, attempts = more("cmd_get"), more("cmd_set")
            gate.opened.set()
            answers = await asyncio.gather(*tasks)
            await asyncio.gather(*refreshing)
            self.assertEqual({answer.cache for answer in answers}, {"HIT"})
            self.assertLess(attempts, 2 * looks + HERD)
            self.assertEqual(gate.most, 1)
            self.assertEqual(fleet.alarms(), [])

    async def test_client_of_the_winner_leaves(self):
        gate = Gate(lambda asked: Reply(body=page(asked.path)))
        async with Fleet(LOCKED % {"age": "20s"}, gate.behave) as fleet:
            winner = asyncio.ensure_future(fleet.get(0, "/page"))
            await until(lambda: gate.waiting == 1, "the winner at the origin")
            winner.cancel()
            await asyncio.gather(winner, return_exceptions=True)
            tasks = both_nodes(fleet, "/page")
            more = growth(fleet)
            await until(lambda: more("cmd_get") > 20, "the others to wait")
            gate.opened.set()
            answers = await asyncio.gather(*tasks)
            self.assertEqual({(answer.cache, answer.body) for answer in answers},
                             {("HIT", page("/page"))})
            self.assertEqual(len(fleet.asked), 1)
            self.assertEqual(fleet.alarms(), [])

    async def test_at_random_nobody_is_forgotten(self):
        seed = random.SystemRandom().randrange(1 << 32)
        played = await Wakeups(ROUNDS, seed).run()
        print(f"\nseed {seed}: {played}")
        self.assertEqual(played.wrong, [])
        self.assertEqual(played.seen["lock-timeout"], 0)
        self.assertLess(played.slowest, 10)  # of the 20 s that a lost wake-up would take
        self.assertGreater(played.seen["HIT"], 0)
