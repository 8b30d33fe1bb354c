"""What mcache may cost: at most so many times what the peer costs, as median of ratios."""

from dataclasses import dataclass

import report
from loads import parse_load

# A budget that is missed by no more than this is taken for the machine's noise.
TOLERANCE = 1.10

# At many connections the ratios may be so much worse.
MANY = 1.15


@dataclass(frozen=True)
class Budget:
    load: str
    measure: str  # a field of measure.Round
    peer: str
    most: float
    us: str = report.US

    def judge(self, results):
        """The Spread, or None where it was not measured."""
        return report.ratio(results.get(self.load, {}), self.measure, self.peer, self.us)

    def __str__(self):
        return f"{self.load}: {self.measure} of {self.us} / {self.peer}"


def worker(load, us=report.US, **peers):
    return [Budget(load, "worker_cpu", "return" if peer == "ceiling" else peer, most, us)
            for peer, most in peers.items()]


def many(budgets, load):
    return [Budget(load, each.measure, each.peer, each.most * MANY, each.us) for each in budgets]


RANDOM_1K = worker("random-1k-64", ceiling=1.30, memcached_pass=0.55, srcache=0.50,
                   proxy_cache=0.80)

BUDGETS = [
    *RANDOM_1K,
    *worker("hot-1k-64", ceiling=1.12, memcached_pass=0.50, srcache=0.45, proxy_cache=0.70),
    *worker("random-16k-64", ceiling=1.45, memcached_pass=0.65, srcache=0.50),
    *worker("random-100k-64", ceiling=1.50, memcached_pass=0.95, srcache=0.60),
    *worker("hot-16k-64", us="mcache_local", file=1.10, proxy_cache=1.0),
    *worker("hot-100k-64", us="mcache_local", file=1.10, proxy_cache=1.0),
    *worker("miss-16k-64", proxy_pass=1.20, srcache=0.60, proxy_cache=0.90),
    *many(RANDOM_1K, "random-1k-512"),
    Budget("random-1k-64", "memcached_cpu", "memcached_pass", 0.45),
    Budget("hot-1k-64", "memcached_cpu", "memcached_pass", 0.15),
    Budget("random-1k-1", "p50", "memcached_pass", 1.0),
]

LOADS = list(dict.fromkeys(budget.load for budget in BUDGETS))


def check(results, say):
    """Whether all budgets that were measured are kept, within the tolerance."""
    kept = True
    for budget in BUDGETS:
        figure = budget.judge(results)
        if figure is None:
            continue
        missed = figure.median > budget.most * TOLERANCE
        kept = kept and not missed
        word = "MISSED" if missed else "ok" if figure.median <= budget.most else "near"
        say(f"  {word:6}  {str(budget):62}  {figure}, at most {budget.most:.2f}")
    return kept


assert all(parse_load(load) for load in LOADS)
