"""The measurement of scripts/growth: what becomes of the cost of a hit, of placement and of memory when
there are more memcached servers, and when there are more pages in them; and what a fleet's nginx and memcached
servers are to each other by these figures."""

import argparse
import json
import os
import re
import socket
import sys
import time
from dataclasses import asdict
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "e2e"))
sys.dont_write_bytecode = True

import accounting  # noqa: E402
import contestants  # noqa: E402
import measure  # noqa: E402
import report  # noqa: E402
from bench import chosen_cores, machine, progress  # noqa: E402
from fleet_plan import plan  # noqa: E402
from generator import Generator  # noqa: E402
from loads import parse_load  # noqa: E402
from servers import Storage, backend  # noqa: E402
from stack import stop_on_signals  # noqa: E402
from stack.waiting import wait_for  # noqa: E402

SERVERS = [1, 3, 10, 50]
ENTRIES = [1_000, 100_000, 1_000_000]
LOAD = "random-1k-64-20000"  # of the pools of so many servers
SMALL = 64  # megabytes of each of their memcacheds
PAGE = 2048  # bytes that a page of 1 KB takes in memcached, at most

CONNECTIONS = 16  # of the pool that shows what a connection takes
IDLE = 1000  # connections that show what they take in memcached


class Pool(contestants.Mcache):
    """An nginx of its own over some of the memcacheds, with keys of its own."""

    def __init__(self, place, memcacheds, connections=1):
        self.name = f"{len(memcacheds)}x{connections}-{place.count_pool()}"
        super().__init__(place)
        self.memcacheds = memcacheds
        self.connections = connections

    def http(self, sizes):
        servers = " ".join(f"server {each.address};" for each in self.memcacheds)
        return self.upstreams() + f"""
            mcache_pool pages {{
                {servers} connections {self.connections}; timeout 1m; connect_timeout 1m;
            }}"""

    def location(self, size_kb):
        return f"mcache_key_prefix {self.name}; {super().location(size_kb)}"


class Growth(measure.Bench):
    """With `with`: everything runs, and afterwards nothing is left."""

    def __init__(self, module, servers, entries, core, other_core):
        self.load = parse_load(LOAD)
        super().__init__(module, [], [self.load], core, other_core)
        self.entries = entries
        self.server_counts = servers
        self.pools = 0
        self.memcacheds = [Storage(self.folder, other_core, SMALL, 4 * IDLE)
                           for _ in range(max(servers))]
        self.large = Storage(self.folder, other_core, 64 + (PAGE * max(entries) >> 20), 1024)

    def count_pool(self):
        self.pools += 1
        return self.pools

    def start(self):
        self.generator = Generator(self.folder, self.other_core)
        for memcached in (*self.memcacheds, self.large):
            memcached.start()
        self.memcached = self.memcacheds[0]
        self.backend = backend(self.folder / "backend", self.sizes, self.other_core,
                               self.connections)
        self.backend.start()
        self.by_count = {count: Pool(self, self.memcacheds[:count])
                         for count in self.server_counts}
        self.many_connections = Pool(self, self.memcacheds[:1], CONNECTIONS)
        self.many_entries = Pool(self, [self.large])
        self.contestants = [*self.by_count.values(), self.many_connections, self.many_entries]
        for contestant in self.contestants:
            self.servers[contestant] = contestant.server(self.sizes)
            self.servers[contestant].start()

    def stop(self):
        for memcached in (*self.memcacheds, self.large):
            memcached.stop()
        self.memcached = None
        super().stop()

    def memcached_pids(self, contestant):
        return [memcached.pid for memcached in contestant.memcacheds]

    def worker_memory(self, contestant):
        return accounting.resident(self.servers[contestant].worker)

    # ---- more servers

    def placement(self):
        """{count: [items of each of its servers]}, of the load's entries by each pool."""
        placed = {}
        for count, pool in self.by_count.items():
            before = [items(memcached) for memcached in pool.memcacheds]
            self.fill(pool, self.load)
            placed[count] = [items(memcached) - n for memcached, n in zip(pool.memcacheds, before)]
            if sum(placed[count]) != self.load.entries:
                raise RuntimeError(f"{self.load.entries} pages, {sum(placed[count])} items")
        return placed

    def more_servers(self, rounds, seconds):
        """{count: [Round, ...]}"""
        pools = {pool: (self.load, count) for count, pool in self.by_count.items()}
        return self.turns([(pool, *what) for pool, what in pools.items()], rounds, seconds)

    # ---- more entries

    def more_entries(self, rounds, seconds):
        """{entries: [Round, ...]}, all in the memcached of the most entries."""
        loads = {entries: parse_load(f"random-1k-64-{entries}") for entries in self.entries}
        self.fill(self.many_entries, loads[max(self.entries)])
        wait_for(lambda: self.large.stats()["hash_is_expanding"] == "0", "memcached's hash table", 60)
        return self.turns([(self.many_entries, load, entries) for entries, load in loads.items()],
                          rounds, seconds)

    def turns(self, takers, rounds, seconds):
        """takers: (contestant, load, name). {name: [Round, ...]}; those of a number side by side."""
        results = {name: [] for _, _, name in takers}
        for number in range(-1, rounds):  # the first is not counted
            first = number % len(takers)
            for contestant, load, name in takers[first:] + takers[:first]:
                taken = self.take_turn(contestant, load, seconds if number >= 0 else 0.2, number)
                if number >= 0:
                    results[name].append(taken)
            progress(number + 1, rounds)
        return results

    # ---- memory

    def connection_of_a_worker(self):
        """Bytes of a worker for a connection more to a server."""
        few, many = self.by_count[1], self.many_connections
        before = connections(self.memcached)
        self.fill(many, self.load)
        self.take_turn(many, self.load, 1, 1)
        opened = connections(self.memcached) - before
        if opened < 2:
            raise RuntimeError(f"{CONNECTIONS} connections were configured, {opened} opened")
        return (self.worker_memory(many) - self.worker_memory(few)) / (opened - 1)

    def connection_of_memcached(self):
        """Bytes of memcached for a connection that has been used and is idle."""
        memcached = self.memcacheds[-1]
        before = accounting.resident(memcached.pid)
        sockets = []
        try:
            for _ in range(IDLE):
                sockets.append(socket.create_connection(("127.0.0.1", memcached.port), timeout=10))
                sockets[-1].sendall(b"mn\r\n")
                if sockets[-1].recv(16) != b"MN\r\n":
                    raise RuntimeError("memcached does not answer")
            return (accounting.resident(memcached.pid) - before) / IDLE
        finally:
            for each in sockets:
                each.close()


def items(memcached):
    return int(memcached.stats()["curr_items"])


def connections(memcached):
    return int(memcached.stats()["curr_connections"])


# ---- what it comes to -------------------------------------------------------------------------


def cost(results, names, first):
    """Cells of a row a name: the worker's and memcached's CPU a hit, and the ratios to the first."""
    for name in names:
        cells = []
        for what in ("worker_cpu", "memcached_cpu"):
            cells.append(f"{report.median(results[name], what):.2f}")
            ratio = report.ratio(results, what, first, us=name)
            cells.append("1" if name == first else str(ratio))
        yield name, cells


def table(heading, rows):
    yield "| " + " | ".join(heading) + " |"
    yield "|---" + "|---:" * (len(heading) - 1) + "|"
    for row in rows:
        yield "| " + " | ".join(row) + " |"


def server_table(found):
    first = min(found["rounds"]["servers"])
    rows = []
    for count, cells in cost(found["rounds"]["servers"], found["rounds"]["servers"], first):
        placed = found["placement"][count]
        mean = sum(placed) / count
        rows.append([str(count), *cells, f"{max(placed) / mean:.2f}", f"{min(placed) / mean:.2f}",
                     f"{found['worker_memory'][count] / 1e6:.1f}"])
    yield from table(["memcached servers", "nginx worker, us a hit", f"against {first}",
                      "memcached, us a hit", f"against {first}", "pages on the fullest / mean",
                      "on the emptiest / mean", "memory of a worker, MB"], rows)


def entry_table(found):
    first = min(found["rounds"]["entries"])
    rows = [[f"{entries:,}", *cells] for entries, cells in
            cost(found["rounds"]["entries"], found["rounds"]["entries"], first)]
    yield from table(["pages in memcached", "nginx worker, us a hit", f"against {first:,}",
                      "memcached, us a hit", f"against {first:,}"], rows)


def as_markdown(found, command):
    facts = found["machine"]
    yield (f"`{command}` on {facts['date']}: {facts['cpu']}, {facts['cores']} cores, {facts['nginx']}, "
           f"{facts['memcached']}; load average before {found['load_average']['before'][0]:.1f}. Pages "
           "of 1 KB at random, 64 clients, one worker, memcached with one thread; medians, in brackets "
           "the quartiles of the rounds' ratios.")
    yield ""
    yield from server_table(found)
    yield ""
    yield from entry_table(found)
    yield ""
    yield from table(["memory", "KB"], [[what, f"{size / 1024:.1f}"] for what, size in
                                        found["memory"].items()])
    yield ""
    yield from plan(found)


BEGIN, END = "<!-- scripts/growth -->\n", "<!-- end of scripts/growth -->\n"


def update(path, lines):
    """Puts the tables in place of those in the file."""
    text = path.read_text()
    if text.count(BEGIN) != 1 or text.count(END) != 1:
        raise RuntimeError(f"{path} has no place for the tables")
    between = re.compile(re.escape(BEGIN) + ".*" + re.escape(END), re.DOTALL)
    path.write_text(between.sub(lambda _: "\n".join([BEGIN, *lines, "", END]), text))


def measure_all(options):
    before = accounting.load_average()
    with Growth(options.module, options.servers, options.entries, *options.cores) as growth:
        found = {"machine": machine([]), "placement": growth.placement(), "rounds": {}}
        found["rounds"]["servers"] = growth.more_servers(options.rounds, options.seconds)
        found["worker_memory"] = {count: growth.worker_memory(pool)
                                  for count, pool in growth.by_count.items()}
        few, many = min(options.servers), max(options.servers)
        grown = found["worker_memory"][many] - found["worker_memory"][few]
        found["memory"] = {
            "of a worker, a server more": grown / (many - few),
            "of a worker, a connection more to the same server": growth.connection_of_a_worker(),
            "of memcached, a connection": growth.connection_of_memcached(),
        }
        found["rounds"]["entries"] = growth.more_entries(options.rounds, options.seconds)
    found["load_average"] = {"before": before, "after": accounting.load_average()}
    return found


def as_document(found):
    rounds = {what: {name: [asdict(each) for each in rounds] for name, rounds in results.items()}
              for what, results in found["rounds"].items()}
    return found | {"rounds": rounds}


def numbers(text):
    return sorted(int(word) for word in text.split(","))


def arguments():
    parser = argparse.ArgumentParser(prog="scripts/growth", description=__doc__)
    parser.add_argument("--module", required=True, help=argparse.SUPPRESS)
    parser.add_argument("--servers", type=numbers, default=SERVERS, metavar="N,...",
                        help="pools of so many memcacheds; 1 is one of them (1,3,10,50)")
    parser.add_argument("--entries", type=numbers, default=ENTRIES, metavar="N,...",
                        help="so many pages (1000,100000,1000000: takes 2 GB)")
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--seconds", type=float, default=0.7, help="length of a turn")
    parser.add_argument("--cores", metavar="FRONT,OTHER",
                        help="the core of the front worker, and that of all else")
    parser.add_argument("--json", type=Path, metavar="FILE", help="all rounds, as JSON")
    parser.add_argument("--update", type=Path, metavar="FILE",
                        help="put the tables into this file, as conf-examples/operations.md")
    options = parser.parse_args()
    try:
        options.cores = chosen_cores(options.cores)
        if options.servers[0] != 1 or len(options.servers) < 2:
            raise ValueError("--servers: 1 and another number are needed")
    except ValueError as error:
        parser.error(str(error))
    return options


def main():
    stop_on_signals()
    options = arguments()
    os.sched_setaffinity(0, {options.cores[1]})
    found = measure_all(options)
    lines = list(as_markdown(found, "scripts/growth"))
    print("\n".join(lines))
    if options.json:
        options.json.write_text(json.dumps(as_document(found), indent=1) + "\n")
    if options.update:
        update(options.update, lines)


if __name__ == "__main__":
    try:
        main()
    except (RuntimeError, TimeoutError) as error:
        sys.exit(f"growth: {error}")
    except KeyboardInterrupt:
        sys.exit(130)
