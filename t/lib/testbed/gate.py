"""A point at which the origin waits until the test opens it."""

import asyncio


class Gate:
    def __init__(self):
        self.arrivals = 0
        self.opened = asyncio.Event()

    async def pass_through(self):
        self.arrivals += 1
        await self.opened.wait()
