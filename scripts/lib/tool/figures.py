"""mcache stats and top: what memcached itself counts."""

import heapq
import select
import time
from collections import Counter
from urllib.parse import unquote_to_bytes

from tool.keys import PART, part_family, to_bytes, to_text
from tool.show import Progress
from tool.wire import Connection, Down

PART_FAMILY = len(part_family(b""))


def stats(fleet):
    rows = []
    for server, said in fleet.ask_all(lambda connection: connection.stats()):
        if said is None:
            rows.append({"server": server.name, "up": False, "why": fleet.down[server.name]})
            continue
        number = {name: int(text) for name, text in said.items() if text.isdigit()}
        gets = number["get_hits"] + number["get_misses"]
        rows.append({
            "server": server.name, "up": True, "version": said["version"],
            "uptime": number["uptime"], "items": number["curr_items"], "bytes": number["bytes"],
            "limit": number["limit_maxbytes"], "evictions": number.get("evictions", 0),
            "gets": gets, "hit_ratio": number["get_hits"] / gets if gets else None,
            "connections": number["curr_connections"],
            "max_connections": number.get("max_connections"),
            "refused_connections": number.get("listen_disabled_num", 0)})
    return rows


def dumped(fleet):
    """(server, facts of an item) of all items, with a progress bar."""
    counts = {server.name: said for server, said in fleet.ask_all(
        lambda connection: int(connection.stats()["curr_items"]))}
    bar = Progress("reading keys", sum(filter(None, counts.values())))
    done = 0
    for server in fleet.pool.servers:
        for item in fleet.ask(server, lambda connection: list(counted(connection, bar, done))) or []:
            done += 1
            yield server, item
    bar.end()


def counted(connection, bar, done):
    for number, item in enumerate(connection.dump(), done):
        bar.at(number)
        yield item


def top_of_items(fleet, by, count, prefix):
    """The largest (with the parts that a page lies in), those asked for last, or not for longest."""
    now = time.time()
    rows, parts = [], Counter()
    for server, item in dumped(fleet):
        key = unquote_to_bytes(item["key"])
        if key.endswith(PART):
            parts[key[:PART_FAMILY]] += int(item["size"])
            continue
        if not key.startswith(to_bytes(prefix)):
            continue
        expires = int(item["exp"])
        rows.append({"key": to_text(key), "server": server.name, "size": int(item["size"]),
                     "last_asked_for": max(int(now - int(item["la"])), 0),
                     "kept_for": None if expires < 0 else int(expires - now),
                     "fetched": item.get("fetch") == "yes"})
    for row in rows:
        row["size"] += parts[part_family(to_bytes(row["key"]))]
    order = {"size": lambda row: row["size"], "idle": lambda row: row["last_asked_for"],
             "recent": lambda row: -row["last_asked_for"]}[by]
    return heapq.nlargest(count, rows, key=order)


def top_of_fetches(fleet, seconds, count, prefix):
    """Counted while it looks: memcached keeps no count of an item's fetches. By `watch fetchers`, of
    each server a connection of its own; what memcached drops of the watch when it is busy is missing,
    so this is a sample."""
    watching = {}
    for server in fleet.pool.servers:
        try:
            connection = Connection(server, fleet.timeout, fleet.pool.auth, fleet.pool.tls)
            if connection.line(b"watch fetchers\r\n") != "OK":
                raise Down("it has no \"watch fetchers\"")
            connection.socket.setblocking(False)
            watching[connection.socket] = (server, connection, bytearray())
        except Down as error:
            fleet.down[server.name] = str(error)
    found, totals, where = Counter(), Counter(), {}
    end = time.monotonic() + seconds
    bar = Progress("counting fetches", seconds * 100)
    while watching and time.monotonic() < end:
        bar.at((seconds - (end - time.monotonic())) * 100)
        ready, _, _ = select.select(list(watching), [], [], min(0.1, max(end - time.monotonic(), 0)))
        for socket in ready:
            server, connection, buffer = watching[socket]
            buffer += socket.recv(1 << 20)
            *lines, rest = bytes(buffer).split(b"\n")
            buffer[:] = rest
            for line in lines:
                said = dict(word.split(b"=", 1) for word in line.split() if b"=" in word)
                key = unquote_to_bytes(said.get(b"key", b""))
                if key.startswith(to_bytes(prefix)) and not key.endswith(PART):
                    totals[key] += 1
                    found[key] += said.get(b"status") == b"found"
                    where[key] = server.name
    bar.end()
    for _, connection, _ in watching.values():
        connection.close()
    return [{"key": to_text(key), "server": where[key], "fetches": number, "found": found[key]}
            for key, number in totals.most_common(count)]
