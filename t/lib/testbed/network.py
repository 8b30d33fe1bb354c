"""A network between nginx and memcached, with weather of its own.

    calm        bytes pass as they come
    latency     each piece takes 10 to 20 ms
    loss        one piece in five takes 250 ms, as what TCP has to send again does
    partition   nothing passes in either direction until it is calm
    one-way     nothing passes from memcached to nginx
"""

import asyncio
import random
import time

WEATHER = ("latency", "loss", "partition", "one-way")


class Network:
    def __init__(self, server):
        self.server = server
        self.weather = "calm"
        self.chance = random.Random(1)
        self.connects = 0
        self.longest = 0.0  # seconds that a piece took, since change()

    async def change(self, weather):
        self.weather = weather
        self.longest = 0.0

    def __str__(self):
        return "a proxy"

    async def listen(self):
        listener = await asyncio.start_server(self.serve, "127.0.0.1", 0)
        port = listener.sockets[0].getsockname()[1]
        self.address = f"127.0.0.1:{port}"
        return port

    async def serve(self, reader, writer):
        self.connects += 1
        while self.weather == "partition":
            await asyncio.sleep(0.005)
        try:
            far_reader, far_writer = await self.server.connect()
        except OSError:
            writer.close()
            return
        await asyncio.gather(
            self.carry(reader, far_writer, ("partition",)),
            self.carry(far_reader, writer, ("partition", "one-way")),
        )

    async def carry(self, reader, writer, cut):
        try:
            while piece := await reader.read(16384):
                begun = time.monotonic()
                await self.pass_weather(cut)
                self.longest = max(self.longest, time.monotonic() - begun)
                writer.write(piece)
                await writer.drain()
        except ConnectionError:
            pass
        finally:
            writer.close()

    async def pass_weather(self, cut):
        if self.weather == "latency":
            await asyncio.sleep(self.chance.uniform(0.01, 0.02))
        elif self.weather == "loss" and self.chance.random() < 0.2:
            await asyncio.sleep(0.25)
        while self.weather in cut:
            await asyncio.sleep(0.005)
