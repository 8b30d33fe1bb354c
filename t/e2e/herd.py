#!/usr/bin/python3
"""Herds against a fleet of two nginx with two workers each over one memcached.

    t/e2e/herd.py                    the figures of a herd of 200 on a cold page
    t/e2e/herd.py --rounds 10000     the randomised test of t/e2e/tests/test_herd.py, at length

The module is MCACHE_MODULE, or the one in MCACHE_BUILD, or the one in build/."""

import argparse
import asyncio
import random
import sys
import time
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
sys.dont_write_bytecode = True

from stack.fleet import Fleet, Reply, until  # noqa: E402

LOCKED = """
        location / {
            mcache pages;
            mcache_lock on;
            mcache_lock_age %(age)s;
            mcache_lock_timeout 20s;
            mcache_valid 1m;
            proxy_pass http://origin;
        }
"""


def page(uri, size=20000):
    line = f"{uri} ".encode()
    return (line * (size // len(line) + 1))[:size]


class Figures:
    """How long after the winner the last waiter had its page, in milliseconds."""

    def __init__(self, answers):
        self.caches = Counter(answer.cache for answer in answers)
        winner = next(answer for answer in answers if answer.cache == "MISS")

        def slowest(chosen):
            return max((answer.ended - winner.ended for answer in chosen), default=0) * 1000

        self.same_worker = slowest(a for a in answers if a.worker == winner.worker)
        self.same_node = slowest(a for a in answers if a.node == winner.node)
        self.elsewhere = slowest(a for a in answers if a.node != winner.node)

    def __str__(self):
        return (f"slowest waiter behind the winner: {self.same_worker:.0f} ms in its worker, "
                f"{self.same_node:.0f} ms on its node, {self.elsewhere:.0f} ms on the other")


async def herd_on_cold_page(herd=200, backend_ms=500):
    """(how often the backend was asked, answers)"""

    async def behave(asked):
        await asyncio.sleep(backend_ms / 1000)
        return Reply(body=page(asked.path))

    async with Fleet(LOCKED % {"age": "20s"}, behave) as fleet:
        await asyncio.gather(*(fleet.get(n % 2, f"/warm/{n}") for n in range(8)))
        fleet.asked.clear()
        answers = await asyncio.gather(*(fleet.get(n % 2, "/cold") for n in range(herd)))
        return len(fleet.asked), answers, fleet.alarms()


# ---- at random --------------------------------------------------------------------------------

RANDOM = """
        mcache pages;
        mcache_lock on;
        mcache_lock_age 20s;
        mcache_lock_timeout 20s;
        mcache_keep_stale 10m;
        location / { proxy_pass http://origin; }
        location /updating/ {
            mcache_use_stale updating;
            mcache_background_update on;
            proxy_pass http://origin;
        }
"""
FOLDERS = ("plain", "updating", "vary")
KEYS = [f"/{folder}/{number}" for folder in FOLDERS for number in range(12)]


class Wakeups:
    """Clients, deletes and answers at random. Each page says its URL, its version, which a delete
    makes old, and whom it was made for."""

    def __init__(self, rounds, seed, parallel=24):
        self.chance = random.Random(seed)
        self.rounds = rounds
        self.parallel = parallel
        self.version = dict.fromkeys(KEYS, 1)
        self.purged = dict.fromkeys(KEYS, 0)  # the last delete that has ended
        self.wrong = []
        self.seen = Counter()
        self.slowest = 0.0
        self.ids = 0
        self.seconds = 0.0

    async def behave(self, asked):
        chance = self.chance
        key = asked.path
        words = [key, str(self.version[key]), asked.headers.get("x-kind", "-"),
                 asked.headers.get("x-id", "-")]
        body = " ".join([*words, "."]).encode() + b"x" * chance.choice((0, 100, 9000)) + b"\n"
        await asyncio.sleep(chance.choice((0, 0.002, 0.02)))
        vary = (("Vary", "X-Kind"),) if key.startswith("/vary/") else ()
        match chance.choices(("fresh", "short", "private", "error", "abort"), (50, 20, 15, 10, 5))[0]:
            case "fresh":
                return Reply(200, (("X-Accel-Expires", "600"), *vary), body)
            case "short":
                return Reply(200, (("X-Accel-Expires", "1"), *vary), body)
            case "private":
                return Reply(200, (("Cache-Control", "private"), *vary), b"private " + body)
            case "error":
                return Reply(500, (), body)
            case _:
                return Reply(200, (("X-Accel-Expires", "600"), *vary), body, abort=True)

    def check(self, key, kind, number, floor, answer):
        self.seen[answer.cache] += 1
        if answer.headers.get("x-cache-reason") == "lock-timeout":
            self.seen["lock-timeout"] += 1
        if answer.status == 502 and not answer.body.startswith(b"/"):
            return  # nginx's own page: the origin's connection broke before its header was read
        if len(answer.body) != int(answer.headers["content-length"]):
            if answer.cache == "HIT":
                self.wrong.append(f"{key}: a hit that is cut off")
            return
        words = answer.body.decode().split(" ")
        private = words[0] == "private"
        url, version, for_kind, for_id = words[private : private + 4]
        if url != key:
            self.wrong.append(f"{key}: the page of {url}")
        if int(version) < floor:
            self.seen["old"] += 1
            self.wrong.append(f"{key}: {answer.cache} version {version} after a purge of {floor}")
        if private and for_id != number:
            self.wrong.append(f"{key}: {answer.cache} a private page of another")
        if key.startswith("/vary/") and for_kind != kind:
            self.wrong.append(f"{key}: {answer.cache} the variant of another")

    async def client(self, fleet, key):
        self.ids += 1
        kind, number, floor = self.chance.choice("ab"), str(self.ids), self.purged[key]
        began = time.monotonic()
        asking = asyncio.ensure_future(
            fleet.get(self.chance.randrange(2), key, [("X-Kind", kind), ("X-Id", number)])
        )
        if self.chance.random() < 0.15:
            await asyncio.wait([asking], timeout=self.chance.random() * 0.02)
            if not asking.done():
                asking.cancel()
                await asyncio.gather(asking, return_exceptions=True)
                self.seen["left"] += 1
                return
        answer = await asking
        self.slowest = max(self.slowest, time.monotonic() - began)
        self.check(key, kind, number, floor, answer)

    async def purge(self, fleet, key):
        await asyncio.sleep(self.chance.random() * 0.02)
        self.version[key] += 1
        new = self.version[key]
        await fleet.delete(key)
        self.purged[key] = max(self.purged[key], new)
        self.seen["deletes"] += 1

    async def play(self, fleet, rounds):
        for _ in rounds:
            key = self.chance.choice(KEYS)
            acts = [self.client(fleet, key) for _ in range(self.chance.randrange(1, 7))]
            if self.chance.random() < 0.4:
                acts.append(self.purge(fleet, key))
            await asyncio.gather(*acts)

    async def run(self):
        async with Fleet(RANDOM, self.behave) as fleet:
            began = time.monotonic()
            rounds = iter(range(self.rounds))
            await asyncio.gather(*(self.play(fleet, rounds) for _ in range(self.parallel)))
            self.seconds = time.monotonic() - began
            try:
                await until(lambda: not fleet.empty_items(), "every stub and lock to be gone", 10)
            except TimeoutError as error:
                self.wrong.append(f"{error}: {fleet.empty_items()}")
            self.wrong += fleet.alarms()
        return self

    def __str__(self):
        counts = ", ".join(f"{what} {n}" for what, n in sorted(self.seen.items(), key=str))
        return (f"{self.rounds} rounds in {self.seconds:.0f} s, slowest answer "
                f"{self.slowest * 1000:.0f} ms, lock timeouts {self.seen['lock-timeout']}; {counts}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--rounds", type=int, help="the randomised test, so many rounds")
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1 << 32))
    options = parser.parse_args()
    if options.rounds is None:
        asked, answers, _ = asyncio.run(herd_on_cold_page())
        print(f"{len(answers)} requests for a cold page, 2 nginx x 2 workers, backend 500 ms: "
              f"{asked} to the backend")
        print(Figures(answers))
        return
    print(f"seed {options.seed}")
    played = asyncio.run(Wakeups(options.rounds, options.seed).run())
    print(played)
    print("\n".join(played.wrong[:20]))
    sys.exit(bool(played.wrong or played.seen["lock-timeout"]))


if __name__ == "__main__":
    main()
