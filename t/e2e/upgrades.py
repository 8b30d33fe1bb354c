#!/usr/bin/python3
"""Reloads, binary upgrades (USR2) and log rotations (USR1) of two nginx under the load of chaos.py: no
request fails, no page is wrong, and nginx holds no more descriptors and memory after them than before.

    t/e2e/upgrades.py                     200 reloads, 10 upgrades, 20 rotations
    t/e2e/upgrades.py --reloads 1000 --upgrades 50

The module is MCACHE_MODULE, or the one in MCACHE_BUILD, or the one in build/."""

import argparse
import asyncio
import random
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
sys.dont_write_bytecode = True

from chaos import Chaos  # noqa: E402
from stack import stop_on_signals  # noqa: E402
from stack.grid import in_thread  # noqa: E402

FOREVER = 1e6  # seconds


class Upgrades(Chaos):
    """acts  {"reload": how many, "upgrade": ..., "rotate": ...}, in an order by chance"""

    fleet_options = {"main": "worker_shutdown_timeout 60s;", "detached": True}

    def __init__(self, acts, seed, **options):
        super().__init__(FOREVER, seed, events=(), **options)
        self.acts = [name for name, count in acts.items() for _ in range(count)]
        self.chance.shuffle(self.acts)

    async def trouble(self):
        for number, act in enumerate(self.acts):
            nginx = self.fleet.nginxes[number % len(self.fleet.nginxes)]
            self.model.note(f"{act} of node {number % len(self.fleet.nginxes)}")
            await in_thread(getattr(nginx, act))
            self.seen[act] += 1
            await asyncio.sleep(self.chance.random() * 0.05)
        while self.not_seen():
            await asyncio.sleep(0.05)
        self.over = True


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--reloads", type=int, default=200)
    parser.add_argument("--upgrades", type=int, default=10)
    parser.add_argument("--rotations", type=int, default=20)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1 << 32))
    options = parser.parse_args()
    stop_on_signals()
    print(f"seed {options.seed}", flush=True)
    acts = {"reload": options.reloads, "upgrade": options.upgrades, "rotate": options.rotations}
    played = asyncio.run(Upgrades(acts, options.seed).run())
    print(played)
    print("\n".join([*played.wrong[:10], *played.failed[:10]]))
    sys.exit(bool(played.wrong or played.failed))


if __name__ == "__main__":
    main()
