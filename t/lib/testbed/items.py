"""Steps for what lies in memcached."""

import itertools
from dataclasses import dataclass, field

from bed import Bed, Steps, until
from nginx import Nginx

# The statuses of a marker that nothing is shared (store.cpp) and of an index (variant.cpp).
KINDS = {204: "marker", 300: "index"}


@dataclass
class Items(Steps):
    bed: Bed
    nginx: Nginx
    fences: itertools.count = field(default_factory=lambda: itertools.count(1))

    def reset(self):
        self.kept = {}
        self.noted = {}

    async def find(self, key):
        """The item, on whichever server it is; one that only marks a fetch under way is none."""
        for server in self.bed.servers:
            item = await server.get(key) if server.process is not None else None
            if item is not None and not item.is_stub:
                return item
        return None

    async def step_stored(self, key):
        await until(lambda: self.find(key), f"{key} is not in memcached")
        return "stored"

    async def step_holds(self, key, text):
        async def holds():
            item = await self.find(key)
            return item is not None and text.encode() in item.value

        await until(holds, f"the value of {key} does not hold {text}")
        return "holds"

    async def step_gone(self, key):
        async def gone():
            return await self.find(key) is None

        await until(gone, f"{key} is still in memcached")
        return "gone"

    async def step_settled(self):
        """Stores leave a worker in order: when a later one has arrived, the earlier ones have."""
        uri = f"/__fence/{next(self.fences)}"
        answer = await self.nginx.get(uri)
        assert answer.status == 200, f"the fence {uri} was answered {answer.status}"
        await self.step_stored(f"fence:{uri}")
        return "settled"

    async def step_not_stored(self, key):
        await self.step_settled()
        item = await self.find(key)
        assert item is None, f"{key} is in memcached: {item}"
        return "not stored"

    async def step_item(self, key):
        item = await self.find(key)
        assert item is not None, f"{key} is not in memcached"
        return item.value, [("X-Flags", str(item.flags)), ("X-TTL", str(item.ttl))]

    async def set(self, key, data, flags="0", ttl="0"):
        assert await self.bed.servers[0].set(key, data, int(flags), int(ttl)), "memcached did not set"
        return "set"

    async def step_set(self, key, value=""):
        return await self.set(key, value.encode())

    async def step_set_sized(self, key, size):
        return await self.set(key, b"m" * int(size))

    async def step_set_flagged(self, key, flags, value=""):
        return await self.set(key, value.encode(), flags)

    async def step_set_lasting(self, key, ttl, value=""):
        return await self.set(key, value.encode(), ttl=ttl)

    async def step_set_hex(self, key, flags, hex=""):
        return await self.set(key, bytes.fromhex(hex), flags)

    async def step_delete(self, key):
        for server in self.bed.servers:
            if await server.delete(key):
                return "deleted"
        return "no such item"

    async def step_mark_stale(self, key):
        """What a soft purge does."""
        for server in self.bed.servers:
            if await server.mark_stale(key):
                return "stale"
        return "no such item"

    async def step_keep(self, key):
        """Takes an item down, to be put back as it was."""
        self.kept[key] = await self.find(key)
        assert self.kept[key] is not None, f"{key} is not in memcached"
        return "kept"

    async def step_put_back(self, key):
        item = self.kept[key]
        assert await self.bed.servers[0].set(key, item.value, item.flags, item.ttl)
        return "put back"

    async def append(self, key, text):
        done = [await server.append(key, text.encode()) for server in self.bed.servers]
        return "stored" if all(done) else "not stored"

    async def step_append(self, key, line):
        return await self.append(key, f"{line}\n")

    async def step_append_open(self, key, line):
        return await self.append(key, line)

    async def step_append_many(self, key, n):
        """So many lines about nothing."""
        return await self.append(key, "".join(f"tag none-{i:06}\n" for i in range(int(n))))

    async def step_append_until_full(self, key):
        """Until memcached does not store one line more."""
        n = 16384
        while n:
            if await self.step_append_many(key, n) != "stored":
                n //= 2
        return "full"

    async def step_shorter(self, key):
        """Waits until a log of more than 64 KiB has been shortened."""

        async def short():
            item = await self.find(key)
            return item is not None and len(item.value) < 64 * 1024

        await until(short, f"{key} stays long")
        return "shorter"

    async def step_note_cas(self, key):
        self.noted[key] = await self.bed.servers[0].cas(key)
        return "noted"

    async def step_cas(self, key):
        """Whether it is the one that was noted."""
        noted, now = self.noted[key], await self.bed.servers[0].cas(key)
        return "as noted" if now == noted else f"{now}, not {noted}"

    async def lies_there(self, key):
        for server in self.bed.servers:
            item = await server.get(key)
            if item is None:
                continue
            if not item.value.startswith(b"MCE1"):
                return "stub" if item.is_stub else "body"
            status = int.from_bytes(item.value[16:18], "little")
            return KINDS.get(status, "page")
        return "nothing"

    async def step_lies(self, key, what):
        """Waits until a stub, a marker, an index, a page, a body or nothing lies under the key."""
        last = ""

        async def lies():
            nonlocal last
            last = await self.lies_there(key)
            return last == what

        try:
            await until(lies, "")
        except Exception:
            raise RuntimeError(f"{key}: {last}, not {what}") from None
        return what

    async def holder(self, key):
        """The number of the server that has the item; of the one that is dead where none has."""
        for number, server in enumerate(self.bed.servers, 1):
            if server.process is not None and await server.get(key) is not None:
                return number
        dead = [n for n, server in enumerate(self.bed.servers, 1) if server.process is None]
        return dead[0] if dead else "none"

    async def step_holders(self, prefix, n):
        """How many of the keys PREFIX1 to PREFIXn each server has."""
        holders = [await self.holder(f"{prefix}{i}") for i in range(1, int(n) + 1)]
        return ", ".join(f"{which}: {holders.count(which)}" for which in sorted(set(holders), key=str))
