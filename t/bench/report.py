"""What the rounds come to: medians, and medians of the ratios of rounds that stood side by side."""

import statistics
from dataclasses import dataclass

from contestants import ALL

US = "mcache"


@dataclass
class Spread:
    """Median and the quartiles around it."""

    low: float
    median: float
    high: float

    def __str__(self):
        return f"{self.median:.2f} ({self.low:.2f}-{self.high:.2f})"


def spread(values):
    if len(values) == 1:
        return Spread(values[0], values[0], values[0])
    low, median, high = statistics.quantiles(values, n=4, method="inclusive")
    return Spread(low, median, high)


def ratio(results, measure, peer, us=US):
    """How many times `peer`'s figure ours is; None where one of them has none."""
    if us not in results or peer not in results:
        return None
    pairs = [(getattr(ours, measure), getattr(theirs, measure))
             for ours, theirs in zip(results[us], results[peer])]
    if not pairs or any(theirs == 0 for _, theirs in pairs):
        return None
    return spread([ours / theirs for ours, theirs in pairs])


def median(rounds, measure):
    return statistics.median(getattr(each, measure) for each in rounds)


ASK_MEMCACHED = {each.name for each in ALL if each.asks_memcached}


HEADINGS = ["", "worker us", "mcache/it", "memcached us", "mcache/it", "req/s", "p50 ms", "p99 ms",
            "RSS MB"]


def table(results):
    """Rows of text, the headings first."""
    rows = [HEADINGS]
    for name, rounds in results.items():
        worker = ratio(results, "worker_cpu", name) if name != US else None
        memcached, memcached_ratio = "", ""
        if name in ASK_MEMCACHED:
            memcached = f"{median(rounds, 'memcached_cpu'):.2f}"
            if name != US:
                memcached_ratio = str(ratio(results, "memcached_cpu", name) or "")
        rows.append([
            name, f"{median(rounds, 'worker_cpu'):.2f}", str(worker or ""), memcached,
            memcached_ratio, f"{median(rounds, 'per_second'):,.0f}",
            f"{median(rounds, 'p50'):.2f}", f"{median(rounds, 'p99'):.2f}",
            f"{median(rounds, 'resident') / (1 << 20):.1f}",
        ])  # fmt: skip
    return rows


def aligned(rows):
    widths = [max(map(len, column)) for column in zip(*rows)]
    for row in rows:
        first, *rest = (cell.rjust(width) for cell, width in zip(row, widths))
        yield f"  {row[0].ljust(widths[0])}  " + "  ".join(rest)


def markdown(load, results):
    rows = table(results)
    yield f"\n{load.describe()}\n"
    for number, row in enumerate(rows):
        yield "| " + " | ".join(row) + " |"
        if number == 0:
            yield "|---" + "|---:" * (len(row) - 1) + "|"
