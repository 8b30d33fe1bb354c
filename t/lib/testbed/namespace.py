"""A memcached in a network namespace of its own, and the wire to it, which can be cut: a partition as the
kernel knows it, where the machine lets one make namespaces. All of it goes away with memcached.

    partition   the far end of the wire is down: nothing arrives in either direction
    one-way     commands arrive, and the far end has no way back for the answers
"""

import asyncio
import os
import random

from memcached import Memcached


async def run(*command):
    process = await asyncio.create_subprocess_exec(
        *command, stdin=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL
    )
    if await process.wait() != 0:
        raise OSError(f"{' '.join(command)} failed")


async def make_namespace(directory):
    """None where the machine does not let us."""
    namespace = Namespace(directory)
    try:
        await namespace.begin()
    except OSError:
        return None
    return namespace


class Namespace(Memcached):
    def __init__(self, directory):
        super().__init__("tcp", directory, 1, [])
        # Of the addresses that are for such tests (RFC 2544), four: network, near, far, broadcast.
        net = random.randrange(1 << 15) * 4
        self.near, self.far = (f"198.{18 + (net >> 16)}.{net >> 8 & 255}.{(net & 255) + n}" for n in (1, 2))
        self.host = self.far
        self.address = f"{self.host}:{self.port}"
        self.weather = "calm"

    def __str__(self):
        return "a network namespace"

    async def begin(self):
        user = ["-u", "root"] if os.getuid() == 0 else []
        self.process = await asyncio.create_subprocess_exec(
            "setpriv", "--pdeathsig", "KILL", "unshare", "-n", "memcached", "-U", "0",
            "-l", "0.0.0.0", "-p", str(self.port), *user,
            stdin=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL,
        )  # fmt: skip
        try:
            while os.readlink(f"/proc/{self.process.pid}/ns/net") == os.readlink("/proc/self/ns/net"):
                if self.process.returncode is not None:
                    raise OSError("no namespace can be made")
                await asyncio.sleep(0.005)
            wire = f"mc{self.process.pid}"
            await run("ip", "link", "add", wire, "type", "veth",
                      "peer", "name", "wire", "netns", str(self.process.pid))  # fmt: skip
            await run("ip", "address", "add", f"{self.near}/30", "dev", wire)
            await run("ip", "link", "set", wire, "up")
            await self.there("address", "add", f"{self.far}/30", "dev", "wire")
            await self.there("link", "set", "wire", "up")
            await self.answers()
        except OSError:
            await self.kill()
            raise

    async def there(self, *command):
        await run("nsenter", "-t", str(self.process.pid), "-n", "ip", *command)

    async def answers(self):
        for _ in range(1000):
            try:
                await asyncio.wait_for(self.command("mn"), 1)
                return
            except (OSError, asyncio.TimeoutError):
                await asyncio.sleep(0.01)
        raise OSError("the namespace does not answer")

    async def change(self, weather):
        if weather == self.weather:
            return
        if self.weather == "partition":
            await self.there("link", "set", "wire", "up")
        elif self.weather == "one-way":
            await self.there("route", "delete", "blackhole", self.near)
        if weather == "partition":
            await self.there("link", "set", "wire", "down")
        elif weather == "one-way":
            await self.there("route", "add", "blackhole", self.near)
        self.weather = weather
