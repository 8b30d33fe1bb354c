"""What a fleet of nginx and memcached servers is to each other, computed from what was measured."""

import report

NGINX, WORKERS, MEMCACHED = 100, 4, 20
HITS = 10_000  # a second, of each nginx


def plan(found):
    """Lines of Markdown."""
    memory = found["memory"]
    servers = found["rounds"]["servers"]
    most = max(servers)
    per_server = memory["of a worker, a server more"]
    per_connection = memory["of memcached, a connection"]
    base = found["worker_memory"][min(servers)] - per_server
    worker = base + MEMCACHED * per_server
    # With large pages twice as many, during a reload twice as many again.
    connections = NGINX * WORKERS
    commands = NGINX * HITS / MEMCACHED
    memcached_cpu = report.median(servers[most], "memcached_cpu")
    worker_cpu = report.median(servers[most], "worker_cpu")
    rows = [
        ("connections of a worker", f"{MEMCACHED}, with large pages {2 * MEMCACHED}"),
        ("memory of a worker", f"{worker / 1e6:.1f} MB and the pages on their way"),
        ("connections of a memcached", f"{connections:,}, with large pages {2 * connections:,}, "
                                       f"during a reload of all {4 * connections:,}"),
        ("memory of a memcached for them", f"{connections * per_connection / 1e6:.1f} MB, "
                                           f"{4 * connections * per_connection / 1e6:.1f} MB"),
        (f"hits of the fleet, {HITS:,} a second and nginx", f"{NGINX * HITS:,} a second"),
        ("commands of a memcached", f"{commands:,.0f} a second"),
        ("CPU of a memcached for them", f"{commands * memcached_cpu / 1e6:.2f} cores"),
        ("CPU of an nginx for its hits", f"{HITS * worker_cpu / 1e6:.2f} cores"),
    ]
    yield (f"| {NGINX} nginx with {WORKERS} workers each, {MEMCACHED} memcached, `connections 1` | |")
    yield "|---|---|"
    for what, much in rows:
        yield f"| {what} | {much} |"
