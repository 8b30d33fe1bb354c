"""What the steps of a test share: the servers around nginx, and how they wait."""

import asyncio
from dataclasses import dataclass

from memcached import Memcached
from names import Names
from network import Network
from origin import Origin

DEADLINE = 10.0


class Deadline(Exception):
    pass


async def until(condition, what):
    """Polls the coroutine function until its answer is true, and returns that."""
    loop = asyncio.get_running_loop()
    end = loop.time() + DEADLINE
    while True:
        answer = await condition()
        if answer:
            return answer
        if loop.time() > end:
            raise Deadline(what)
        await asyncio.sleep(0.005)


@dataclass
class Bed:
    origin: Origin
    servers: list[Memcached]
    foreign: dict  # by name: foreign.py
    liars: dict  # liar.py
    secure: dict  # secure.py
    names: Names
    network: Network
    port: int  # nginx's
    error_log: str
    pid_file: str
    wire: object = None  # the network, or a namespace

    def halved(self):
        """Whether a liar has sent the first half of a value."""
        return any(liar.halved.is_set() for liar in self.liars.values())


class Steps:
    """Some steps of a test: methods step_NAME, whose parameters are what the test gives, in that order. The
    last one takes the rest of the line."""

    def reset(self):
        """Between two blocks of a suite."""
