"""nginx, as its administrator sees it."""

import asyncio
import itertools
import os
import re
import signal
from dataclasses import dataclass
from pathlib import Path

from bed import Bed, Steps, until
from client import request


@dataclass
class Nginx(Steps):
    bed: Bed

    async def get(self, uri, method="GET", headers=()):
        return await request(self.bed.port, method, uri, headers)

    def master(self):
        with open(self.bed.pid_file, encoding="ascii") as file:
            return int(file.read())

    @staticmethod
    def children(pid):
        with open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as file:
            return set(file.read().split())

    async def started(self):
        page = await self.get("/__nginx")
        return int(page.body.split(b"\n")[2].split()[2])

    async def begin(self, uris, headers=(), ask=None):
        """Sends the requests, and returns when nginx has begun on each of them."""
        before = await self.started()
        if ask is None:
            tasks = [asyncio.ensure_future(self.get(uri, headers=headers)) for uri in uris]
        else:
            tasks = [asyncio.ensure_future(ask(uri)) for uri in uris]
        polls = itertools.count(1)

        async def all_begun():
            return await self.started() - before - next(polls) >= len(tasks)

        await until(all_begun, "nginx did not begin on the requests")
        return tasks

    def resident(self):
        total = 0
        for worker in self.children(self.master()):
            with open(f"/proc/{worker}/status", encoding="ascii") as file:
                total += int(re.search(r"VmRSS:\s+(\d+)", file.read())[1])
        return total

    async def writing(self):
        """How many requests nginx is at."""
        return int(re.search(rb"Writing: (\d+)", (await self.get("/__nginx")).body)[1])

    async def held_now(self):
        """What nginx holds: connections, requests, descriptors and fills."""
        said = (await self.get("/__nginx")).body + (await self.get("/status?format=json")).body
        counts = re.findall(rb'(?:Active connections|Writing|"fills_in_flight"): ?\d+', said)
        (worker,) = self.children(self.master())
        descriptors = os.listdir(f"/proc/{worker}/fd")
        return b", ".join(counts).decode() + f", {len(descriptors)} descriptors"

    async def back_to(self, before):
        async def as_before():
            return await self.held_now() == before

        await until(as_before, f"first {before}, then {await self.held_now()}")

    async def step_listeners(self):
        """nginx's processes that wait for an event of a descriptor that the master made for them."""

        def links(pid):
            return {fd: os.readlink(f"/proc/{pid}/fd/{fd}") for fd in os.listdir(f"/proc/{pid}/fd")}

        master = self.master()
        made = {fd for fd, what in links(master).items() if what == "anon_inode:[eventfd]"}
        names = []
        for pid in self.children(master):
            (epoll,) = (fd for fd, what in links(pid).items() if what == "anon_inode:[eventpoll]")
            with open(f"/proc/{pid}/fdinfo/{epoll}", encoding="ascii") as file:
                watched = set(re.findall(r"tfd:\s*(\d+)", file.read()))
            if watched & made:
                with open(f"/proc/{pid}/cmdline", encoding="ascii") as file:
                    names.append(file.read().strip("\0 ").removeprefix("nginx: "))
        return " ".join(sorted(names))

    async def step_reload(self):
        """HUP, and a worker has taken over that was not there before."""
        master = self.master()
        before = self.children(master)
        os.kill(master, signal.SIGHUP)

        def leaves(worker):
            try:
                with open(f"/proc/{worker}/cmdline", encoding="ascii") as file:
                    return "shutting down" in file.read()
            except OSError:
                return True

        async def taken_over():
            return self.children(master) - before and all(map(leaves, before))

        await until(taken_over, "no new worker has taken over")
        return "reloaded"

    async def step_quit_worker(self):
        """One worker after a reload: the old one has left."""

        async def alone():
            return len(self.children(self.master())) == 1

        await until(alone, "an old worker stays")
        return "one worker"

    async def logged(self, match, least):
        """How many lines of the error log match, when there are at least so many."""

        def lines():
            with open(self.bed.error_log, encoding="utf-8", errors="replace") as file:
                return [line for line in file if re.search(match, line)]

        async def enough():
            return len(lines()) >= least

        await until(enough, f"no {least} lines of the log match {match}")
        return len(lines())

    async def step_log(self, match):
        return await self.logged(match, 1)

    async def step_log_twice(self, match):
        return await self.logged(match, 2)

    async def step_memory_files(self):
        """How many files the worker holds that are pages of its local tier."""
        (worker,) = self.children(self.master())
        files = [os.readlink(file) for file in Path(f"/proc/{worker}/fd").iterdir()]
        return sum("memfd:mcache" in file for file in files)
