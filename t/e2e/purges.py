#!/usr/bin/python3
"""Purges at random against fills and hits: two nginx with two workers each over three memcacheds
that are flushed, restarted, hung, filled up and written to by others. No version of a page that a
purge has ended may be the answer to a request that began later (purge_model.py).

    t/e2e/purges.py --rounds 20000          at length; t/e2e/tests/test_purges.py runs a few hundred
    t/e2e/purges.py --seed 4711             the same choices again; the timing is another
    t/e2e/purges.py --means app-tag,flush   only these
    t/e2e/purges.py --drop 0.1              a tenth of the purges is not sent: must fail
    t/e2e/purges.py --replicas 2            copies: purges hold although a memcached is away
    t/e2e/purges.py --on-failure next       another stands in for one that is away

The module is MCACHE_MODULE, or the one in MCACHE_BUILD, or the one in build/."""

import argparse
import asyncio
import json
import random
import sys
import time
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
sys.dont_write_bytecode = True

from purge_model import PAGES, Model, Purge, tags_of  # noqa: E402
from stack.fleet import Fleet, Reply  # noqa: E402
from stack.purge_log import PurgeLog, log_key  # noqa: E402

SITE = "site-"
LOG = log_key(SITE)

HTTP = """
    map $request_method $is_purge { default 0; PURGE 1; }
    client_body_buffer_size 64k;
"""
LOCATIONS = """
        mcache pages;
        mcache_key_prefix site-;
        mcache_keep_stale 10m;
        mcache_revalidate on;
        mcache_tags $upstream_http_cache_tag;
        mcache_purge $is_purge;
        mcache_purge_tags $http_x_purge_tags;
        location / { proxy_pass http://origin; }
        location /locked/ { mcache_lock on; proxy_pass http://origin; }
        location /stale/ {
            mcache_use_stale updating error http_500;
            mcache_background_update on;
            proxy_pass http://origin;
        }
        location ~ ^/soft(?<page>/.*)$ {
            mcache_key $page;
            mcache_purge_soft on;
            proxy_pass http://origin;
        }
        location = /soft-list { mcache_purge_soft on; proxy_pass http://origin; }
"""
DONE = {b"STORED", b"DELETED", b"NOT_FOUND"}
JUNK = b"x" * 300000
PATIENCE = 20  # seconds, for one answer


class NotAcknowledged(Exception):
    pass


class Means:
    """The ways to purge: coroutines that return when the purge is acknowledged."""

    def __init__(self, fleet, chance):
        self.fleet = fleet
        self.chance = chance

    async def ask(self, uri, headers=(), body=b""):
        node = self.chance.randrange(2)
        async with asyncio.timeout(PATIENCE):
            answer = await self.fleet.request(node, "PURGE", uri, headers, body)
        if answer.status == 502:
            raise NotAcknowledged(answer.body.decode(errors="replace"))
        if answer.status not in (200, 204, 404):
            raise RuntimeError(f"PURGE {uri} {headers}: {answer.status} {answer.body}")
        if answer.status == 200 and b'"failed"' in answer.body:
            raise RuntimeError(f"PURGE {uri} {headers}: 200 {answer.body}")

    async def by_nginx(self, purge):
        soft = "/soft" if purge.soft else ""
        if purge.tags:
            await self.ask(f"{soft}/", [("X-Purge-Tags", ", ".join(purge.tags))])
        elif purge.under is not None:
            await self.ask(f"{soft}{purge.under or '/'}*")
        elif len(purge.pages) == 1:
            await self.ask(soft + purge.pages[0])
        else:
            uri = "/soft-list" if purge.soft else "/"
            match self.chance.choice(("header", "text", "json")):
                case "header":
                    await self.ask(uri, [("Purge-Key", page) for page in purge.pages])
                case "text":
                    await self.ask(uri, [("Content-Type", "text/plain")],
                                   "\n".join(purge.pages).encode())
                case "json":
                    await self.ask(uri, [("Content-Type", "application/json")],
                                   json.dumps(purge.pages).encode())

    async def by_application(self, purge):
        if purge.pages:
            await asyncio.gather(*(
                self.everywhere(f"delete {SITE}{page}\r\n".encode()) for page in purge.pages
            ))
        elif purge.under == "" and self.chance.random() < 0.5:
            await self.everywhere(f"delete {LOG}\r\n".encode())
        else:
            kind = "soft-" if purge.soft else ""
            lines = [f"{kind}tag {tag}\n" for tag in purge.tags]
            lines += [] if purge.under is None else [f"{kind}under {purge.under}\n"]
            await self.everywhere(append("".join(lines)), f"delete {LOG}\r\n".encode())

    async def everywhere(self, command, where_not_stored=b""):
        """On each memcached; as page_purge.py does it."""

        async def on_one(memcached):
            reply = await self.fleet.command(memcached, command)
            if reply == b"NOT_STORED":
                reply = await self.fleet.command(memcached, where_not_stored)
            if reply not in DONE:
                raise NotAcknowledged(f"{memcached.address}: {reply}")

        try:
            async with asyncio.timeout(1):
                await asyncio.gather(*map(on_one, self.fleet.members))
        except (OSError, TimeoutError) as error:
            raise NotAcknowledged(repr(error)) from error


def append(text):
    return b"append %s 0 0 %d\r\n%s\r\n" % (LOG.encode(), len(text), text.encode())


class Troubles:
    """What befalls a memcached. Each is a coroutine function of the memcached."""

    def __init__(self, fleet, chance):
        self.fleet = fleet
        self.chance = chance

    async def send(self, memcached, *commands):
        for command in commands:
            await self.fleet.command(memcached, command)

    async def flush(self, memcached):
        await self.send(memcached, b"flush_all\r\n")

    async def restart(self, memcached):
        memcached.kill()
        await asyncio.sleep(self.chance.random() * 0.05)
        await asyncio.get_running_loop().run_in_executor(None, memcached.start)

    async def hang(self, memcached):
        memcached.pause()
        await asyncio.sleep(self.chance.random() * 0.6)
        memcached.resume()

    async def go_away(self, memcached):
        """For long enough to be out of use, and back with all that it had."""
        memcached.pause()
        await asyncio.sleep(0.5 + self.chance.random())
        memcached.resume()

    async def evict_log(self, memcached):
        await self.send(memcached, f"delete {LOG}\r\n".encode())

    async def spoil_log(self, memcached):
        value = self.chance.choice((b"nonsense\n", b"", b"mcache-purges 0 0\n", b"mcache-purges "))
        await self.send(memcached, b"set %s 0 0 %d\r\n%s\r\n" % (LOG.encode(), len(value), value))

    async def spoil_line(self, memcached):
        await self.send(memcached, append(self.chance.choice(("what?\n", "tag", "\n", "tag \n"))))

    async def lengthen_log(self, memcached):
        """Beyond what a reader leaves standing."""
        await self.send(memcached, append("".join(f"tag {n:0400}\n" for n in range(200))))

    async def fill_memory(self, memcached):
        """Evicts, and takes the memory that a longer log would need."""
        for number in range(self.chance.randrange(60)):
            await self.send(memcached, b"set junk-%d 0 0 %d\r\n%s\r\n" % (number, len(JUNK), JUNK))

    NAMES = ("flush", "restart", "hang", "evict_log", "spoil_log", "spoil_line", "lengthen_log",
             "fill_memory")
    NAMES_WITH_COPIES = ("go_away",) * 6 + NAMES


# Rarely all: what is to be found needs old pages.
KINDS = ("page",) * 6 + ("pages",) * 4 + ("tag",) * 6 + ("wipe",) * 4 + ("all",)


class Play:
    pages = PAGES

    def __init__(self, rounds, seed, drop=0.0, parallel=12, troubles=None,
                 means=("nginx", "application"), kinds=KINDS, replicas=1, on_failure="miss"):
        self.rounds = rounds
        self.chance = random.Random(seed)
        self.drop = drop
        self.parallel = parallel
        copies = replicas > 1 or on_failure == "next"
        self.lines = f"replicas {replicas}; on_failure {on_failure};"
        self.lines += " timeout 200ms;" if copies else ""
        if troubles is None:
            troubles = Troubles.NAMES_WITH_COPIES if copies else Troubles.NAMES
        self.troubles = troubles
        self.away = False
        self.means = means
        self.kinds = kinds
        self.model = Model(self.pages)
        self.seen = Counter()
        self.seconds = 0.0
        self.over = False

    # ---- the origin ----

    async def behave(self, asked):
        page = asked.path
        if page not in self.model.version:
            self.model.fail(page, "a purge reached the origin")
            return Reply(500)
        version = self.model.version[page]
        tag = f'"{version}"'
        asked_in = self.model.now()
        await asyncio.sleep(self.chance.choice((0, 0.001, 0.005, 0.03)))
        headers = [("Cache-Tag", self.chance.choice((" ", ",", ", ")).join(tags_of(page, version))),
                   ("ETag", tag)]
        if page.startswith("/vary/"):
            headers.append(("Vary", "X-Kind"))
        kind = self.chance.choices(("fresh", "short", "error", "abort"), (70, 20, 7, 3))[0]
        self.model.note(f"origin was asked in {asked_in} by worker {asked.headers['x-worker']}: "
                        f"version {version}, {kind}", [page])
        if kind == "error":
            return Reply(500)
        headers.append(("X-Accel-Expires", "1" if kind == "short" else "600"))
        if asked.headers.get("if-none-match") == tag:
            self.seen["origin 304"] += 1
            return Reply(304, tuple(headers))
        size = self.chance.choice((0, 100, 9000))
        body = f"{page} {version} {asked.headers.get('x-kind')} .".encode() + b"x" * size
        return Reply(200, tuple(headers), body, abort=kind == "abort")

    # ---- clients ----

    async def get(self, page):
        node, kind = self.chance.randrange(2), self.chance.choice("ab")
        began = self.model.begin(page, node)
        try:
            async with asyncio.timeout(PATIENCE):
                answer = await self.fleet.get(node, page, [("X-Kind", kind)])
        except TimeoutError:
            self.model.fail(page, f"GET of {began}: no answer in {PATIENCE} s")
            return
        self.seen[f"{answer.cache}"] += 1
        whole = len(answer.body) == int(answer.headers.get("content-length", len(answer.body)))
        if answer.status != 200 or not whole:
            if answer.cache == "HIT":
                self.model.fail(page, f"a hit that is no whole page: {answer}")
            self.seen["no page"] += 1
            self.model.note(f"GET of {began} answered: {answer.status}, no page", [page])
            return
        url, version, for_kind, _ = answer.body.decode().split(" ")
        if url != page or (page.startswith("/vary/") and for_kind != kind):
            self.model.fail(page, f"GET of {began} got the page of {url}, {for_kind}")
        self.model.answer(page, began, int(version), answer.cache, answer.worker)

    def some_purge(self, page):
        """One that covers the page as it was."""
        soft = self.chance.random() < 0.15
        match self.chance.choice(self.kinds):
            case "page":
                return Purge(pages=[page], soft=soft)
            case "pages":
                return Purge(pages=[page, *self.chance.sample(self.pages, 5)], soft=soft)
            case "tag":
                tags = tags_of(page, self.model.version[page])
                tags = self.chance.sample(tags, self.chance.choice((1, 1, 3)))
                return Purge(tags=tags, soft=soft)
            case "wipe":
                return Purge(under=self.chance.choice((page, page[:-1], page[:4])), soft=soft)
            case "all":
                return Purge(under="", soft=soft)

    async def save(self, page):
        """The page changes, and those that show it are purged: or so many other pages as well."""
        purge = self.some_purge(page)
        await asyncio.sleep(self.chance.random() * 0.02)
        changed = [page] + [
            other for other in self.pages
            if other != page and self.chance.random() < 0.5
            and purge.covers(other, self.model.version[other])
        ]
        for each in changed:
            self.model.publish(each)
        means = self.chance.choice(self.means)
        if purge.soft and purge.pages:
            means = "nginx"  # clients of memcached have no command for that
        requested = self.model.request_purge(purge, means)
        try:
            if self.chance.random() < self.drop:
                self.seen["purges dropped"] += 1
            else:
                await self.send(purge, means)
        except NotAcknowledged as error:
            self.model.refuse(requested, error)
            self.seen["purges not acknowledged"] += 1
            return
        self.model.acknowledge(requested)
        self.seen[f"purges by {means}"] += 1
        self.seen["purges acknowledged without a memcached"] += self.away
        firsts = self.chance.sample(changed, min(3, len(changed)))
        await asyncio.gather(*map(self.get, firsts))

    async def send(self, purge, means):
        """Ends when it is acknowledged."""
        by = self.ways.by_nginx if means == "nginx" else self.ways.by_application
        await by(purge)

    async def play(self, rounds):
        for _ in rounds:
            page = self.chance.choice(self.pages)
            acts = [self.get(page) for _ in range(self.chance.randrange(1, 5))]
            acts += [self.get(self.chance.choice(self.pages)) for _ in range(2)]
            if self.chance.random() < 0.3:
                acts.append(self.save(page))
            await asyncio.gather(*acts)

    async def trouble(self):
        befall = Troubles(self.fleet, self.chance)
        while self.troubles and not self.over:
            await asyncio.sleep(self.chance.random() * 0.6)
            number, name = self.chance.randrange(3), self.chance.choice(self.troubles)
            self.model.note(f"memcached {number}: {name}")
            self.away = name == "go_away"
            await getattr(befall, name)(self.fleet.memcacheds[number])
            self.away = False
            self.model.note(f"memcached {number}: {name} is over")
            self.seen[name] += 1

    def check_logs(self):
        """They mean something to somebody else, too."""
        for memcached in self.fleet.memcacheds:
            item = memcached.read(LOG)
            if item is not None:
                try:
                    self.seen["records left"] += len(PurgeLog(item[1]).records)
                except ValueError as error:
                    self.seen[f"{error}"] += 1

    async def run(self):
        async with Fleet(LOCATIONS, self.behave, memcacheds=3, megabytes=16, http=HTTP,
                         parameters="fail_timeout=1s", pool=self.lines) as self.fleet:
            self.ways = Means(self.fleet, self.chance)
            began = time.monotonic()
            rounds = iter(range(self.rounds))
            trouble = asyncio.ensure_future(self.trouble())
            await asyncio.gather(*(self.play(rounds) for _ in range(self.parallel)))
            self.over = True
            await trouble
            self.seconds = time.monotonic() - began
            self.check_logs()
            self.model.wrong += self.fleet.alarms()
        return self

    @property
    def wrong(self):
        return self.model.wrong

    def __str__(self):
        counts = ", ".join(f"{what} {n}" for what, n in sorted(self.seen.items()))
        return (f"{self.rounds} rounds in {self.seconds:.0f} s; {counts}; "
                f"versions ended {len(self.model.ended)}; wrong {len(self.wrong)}")


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1 << 32))
    parser.add_argument("--drop", type=float, default=0.0, metavar="SHARE")
    parser.add_argument("--troubles", help="of " + ", ".join(("go_away", *Troubles.NAMES)))
    parser.add_argument("--replicas", type=int, default=1)
    parser.add_argument("--on-failure", choices=("miss", "next"), default="miss")
    parser.add_argument("--means", default="nginx,application", help="default: %(default)s")
    parser.add_argument("--kinds", default=",".join(KINDS), help="page, pages, tag, wipe, all")
    options = parser.parse_args()
    lists = {name: [word for word in getattr(options, name).split(",") if word]
             for name in ("troubles", "means", "kinds") if getattr(options, name) is not None}
    print(f"seed {options.seed}", flush=True)
    played = asyncio.run(Play(options.rounds, options.seed, options.drop, **lists,
                              replicas=options.replicas, on_failure=options.on_failure).run())
    print(played)
    print("\n".join(played.wrong[:20]))
    sys.exit(bool(played.wrong))


if __name__ == "__main__":
    main()
